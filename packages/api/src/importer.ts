import type { Secret } from '@errand/contracts';
import type { Connection, ListState, PublicAuth, ToolTexts } from '@errand/db';

/** Where a document says that a token goes. */
export type TokenLocation = { in: 'header' | 'query'; name: string; prefix: string };

/** What a document says of an OAuth 2.0 authorization server. */
export type OAuthScheme = {
  authorizationUrl?: string;
  tokenUrl?: string;
  openIdConnectUrl?: string;
  /** What its operations ask for. */
  scopes: string[];
};

/** What an MCP server wants of a credential: its WWW-Authenticate. */
export type McpChallenge = { scopes?: string[]; resourceMetadataUrl?: string };

/** What the document of a service tells. */
export type ImportedService = {
  /** What its document calls it. */
  title: string;
  description?: string;
  logoUrl?: string;
  host: string;
  baseUrl: string;
  /** Of the security scheme; absent when it has none that a token serves. */
  tokenLocation?: TokenLocation;
  /** Of the security scheme; absent when it has none of OAuth 2.0. */
  oauth?: OAuthScheme;
  /** The credential that operations of its document require: its scheme, advice for the owner, and how many operations require it. */
  askedCredential?: { scheme: string; advice: string; asking: number; operations: number };
  /** What an MCP server said that wants a credential to list its tools. */
  challenge?: McpChallenge;
  /** The user with whose credential its tools were read. */
  toolsUserId?: string;
  /** Of an MCP server: a hash of its list, whatever the order, and for how long it holds. */
  list?: ListState;
  tools: ToolTexts;
  /** What in the document could not be used as it stands. */
  warnings: readonly string[];
};

export type ImportRequest = {
  /** Whose import it is: workspaces take turns. */
  workspaceId: string;
  /** Names the integration to be; the tools' names start with it. */
  customerIntegrationId: string;
  name: string;
  /** The URL of the document, unless `document` has it. */
  url?: string;
  document?: string;
  /** Its tools come from an MCP server at `url`. */
  mcp?: McpAsker;
  signal: AbortSignal;
};

/** As whom an MCP server is asked for its tools: with what the owner has just said, or with what is stored. */
export type McpAsker = { trustHints: boolean } & (
  | {
      auth: PublicAuth;
      token?: Secret;
      /** That it wants a credential is no fault. */
      mayRefuse?: boolean;
    }
  | { connection: Connection; userId?: string }
);

/** Reads what services offer. */
export interface Importer {
  /**
   * @param keep uses the imported document; other imports wait until it is done, so that only a few documents are in memory at once
   * @returns the return value of `keep`
   * @throws ProblemError openapi_invalid, openapi_too_large, mcp_failed, url_not_allowed, too_many_imports
   */
  read<T>(request: ImportRequest, keep: (service: ImportedService) => Promise<T>): Promise<T>;
}
