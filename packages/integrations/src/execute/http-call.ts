import type { DescribedTool } from '@errand/contracts';

export type ParameterStyle = 'simple' | 'label' | 'matrix' | 'form' | 'spaceDelimited' | 'pipeDelimited' | 'deepObject';

export type CallParameter = {
  in: 'path' | 'query' | 'header';
  name: string;
  style: ParameterStyle;
  explode: boolean;
  allowReserved?: boolean;
  /** The value is written as JSON: the document describes the parameter by a media type. */
  json?: boolean;
};

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

/** `ToolSpec.call` of a tool of an OpenAPI document: plain JSON, stored in the database. */
export type HttpCall = {
  kind: 'http';
  method: string;
  /** Path template, below the base path. */
  path: string;
  parameters: CallParameter[];
  body?: CallBody;
  accept: string;
  /** Base path of this operation, if it differs from the integration's. */
  basePath?: string;
  /** The document allows calls without a credential. */
  anonymous?: true;
  /** Members of the body that the integration sets, so that the input schema lacks them. */
  hiddenBody?: string[];
  /** Base URL on another origin; the integration's credential is never sent there. */
  server?: string;
};

export const isHttpCall = (call: unknown): call is HttpCall =>
  typeof call === 'object' && call !== null && (call as { kind?: unknown }).kind === 'http';

/** The origin at which a tool is called. @param baseUrl of its integration */
export const originOfCall = ({ call }: Pick<DescribedTool, 'call'>, baseUrl: string): string =>
  new URL((isHttpCall(call) && call.server) || baseUrl).origin;
