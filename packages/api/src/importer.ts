import type { NewTool } from '@errand/db';

/** Where a document says that a token goes. */
export type TokenPlace = { in: 'header' | 'query'; name: string; prefix: string };

/** What the document of a service tells. */
export type ImportedService = {
  /** The document as text, as it was given or fetched. */
  document: string;
  description?: string;
  logoUrl?: string;
  host: string;
  baseUrl: string;
  /** Of the security scheme; absent when it has none that a token serves. */
  tokenPlace?: TokenPlace;
  tools: readonly NewTool[];
  /** What in the document could not be used as it stands. */
  warnings: readonly string[];
};

/** Reads documents of services. */
export interface Importer {
  /** @throws ProblemError openapi_invalid, openapi_too_large, url_not_allowed */
  read(source: { document: string } | { url: string }, signal: AbortSignal): Promise<ImportedService>;
}
