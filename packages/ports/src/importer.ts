import type { PickOperations, RequestSettings, Secret, Variable, VariableValues } from '@errand/contracts';
import type { BearerChallenge, OAuthScheme, PublicAuth, ServiceTarget, TokenLocation } from './service-auth.ts';

/** A service as its document or its MCP server describes it. */
export type ImportedService = {
  title: string;
  description?: string;
  logoUrl?: string;
  host: string;
  baseUrl: string;
  /** Of the security scheme; absent when no scheme takes a token. */
  tokenLocation?: TokenLocation;
  /** Of the security scheme; absent when no scheme is OAuth 2.0. */
  oauth?: OAuthScheme;
  /** The credential that operations of its document require. */
  requiredCredential?: RequiredCredential;
  /** Of an MCP server that requires a credential to list its tools. */
  challenge?: BearerChallenge;
  /** The user with whose credential its tools were read. */
  toolsUserId?: string;
  /** Of an MCP server: a hash of its list, whatever the order, and how long the list is valid. */
  list?: { sha256: string; ttlMs?: number };
  /** JSON texts, each a list of tools. They stay unparsed: a service may have megabytes of tools. */
  tools: readonly (string | Uint8Array)[];
  /** Its documents, in the order of the request; absent for an MCP server. */
  documents?: readonly ImportedDocument[];
  /** The parts of the document that could not be used as they are. */
  warnings: readonly string[];
};

/** The scheme of a credential, advice for the owner, and how many operations require a credential. */
export type RequiredCredential = {
  scheme: string;
  advice: string;
  requiringCount: number;
  operationCount: number;
  /** How users send a credential of their own; absent if the owner must give a part. */
  auth?: UserAuth;
};

/** An authentication that is complete without the owner. */
export type UserAuth = { type: 'BASIC' } | ({ type: 'API_TOKEN' } & TokenLocation);

/** A document as it may be stored: with `pick`, its picked part. */
export type ImportedDocument = {
  url?: string | undefined;
  pick?: PickOperations | undefined;
  /** Of the whole document. */
  sha256: string;
  /** Its text in UTF-8, in pieces. */
  bytes: readonly Uint8Array[];
};

/** A document to read. */
export type DocumentSource = {
  /** Where it is. With `document`, which was read there before, only the base of relative addresses. */
  url?: string;
  /** Its text, or its bytes, which are read once the import may have a document of its size in memory. */
  document?: string | AsyncIterable<Uint8Array>;
  /** The operations to read; by default all. */
  pick?: PickOperations;
};

export type ImportRequest = DocumentSource & {
  /** Workspaces take turns. */
  workspaceId: string;
  /** The id of the integration; the names of its tools start with it. */
  customerIntegrationId: string;
  name: string;
  /** Several documents, instead of one. */
  documents?: readonly DocumentSource[];
  /** The owner's address of the service, instead of the servers of its documents. It may contain variables. */
  baseUrl?: string;
  /** Their arguments, headers and parameters are no arguments of the tools. */
  requestSettings?: RequestSettings | undefined;
  /** Other names of operations, by operationId or by method and path. */
  names?: Readonly<Record<string, string>> | undefined;
  /** The tools come from an MCP server at `url`. */
  mcp?: McpAccess;
  signal: AbortSignal;
};

/** The credential with which an MCP server is asked for its tools: the one the owner just gave, or the stored one. */
export type McpAccess = { trustHints: boolean } & (
  | {
      auth: PublicAuth;
      token?: Secret;
      /** Variables of the owner, and the values of the secret ones. */
      variables?: Readonly<Record<string, Variable>>;
      secretVariables?: VariableValues;
      /** A demand for a credential is not a fault. */
      allowsChallenge?: boolean;
    }
  | { connection: ServiceTarget; userId?: string }
);

export interface Importer {
  /**
   * @param keep uses the imported document; other imports wait until it is done, so that only a few documents are in memory at once
   * @returns the return value of `keep`
   * @throws ProblemError openapi_invalid, openapi_too_large, mcp_failed, url_not_allowed, too_many_imports
   */
  read<T>(request: ImportRequest, keep: (service: ImportedService) => Promise<T>): Promise<T>;
}
