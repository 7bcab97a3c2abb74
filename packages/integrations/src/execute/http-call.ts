export type ParameterStyle = 'simple' | 'label' | 'matrix' | 'form' | 'spaceDelimited' | 'pipeDelimited' | 'deepObject';

/** How one parameter is written; OpenAPI's style table. */
export type CallParameter = {
  in: 'path' | 'query' | 'header';
  name: string;
  style: ParameterStyle;
  explode: boolean;
  allowReserved?: boolean;
  /** Set for parameters described by a media type: the value is written as this text. */
  json?: boolean;
};

/** How one property of a form is written. */
export type CallPart = {
  style?: ParameterStyle;
  explode?: boolean;
  allowReserved?: boolean;
  contentType?: string;
  /** The property is a file: base64 text, or {base64 | text, filename?, contentType?}. */
  file?: boolean;
};

export type CallBody = {
  kind: 'json' | 'form' | 'multipart' | 'text';
  contentType: string;
  parts?: Record<string, CallPart>;
};

/** What `ToolSpec.call` holds for a tool of an OpenAPI document; plain JSON, kept in the database. */
export type HttpCall = {
  kind: 'http';
  method: string;
  /** Path template, below the base path. */
  path: string;
  parameters: CallParameter[];
  body?: CallBody;
  accept: string;
  /** Base path of this operation where it differs from the integration's. */
  basePath?: string;
  /** The document says that it may be called without a credential. */
  anonymous?: true;
  /** Base URL on another origin; the integration's credential is never sent there. */
  server?: string;
};

/** Whether a `ToolSpec.call` is one of these. */
export const isHttpCall = (call: unknown): call is HttpCall =>
  typeof call === 'object' && call !== null && (call as { kind?: unknown }).kind === 'http';
