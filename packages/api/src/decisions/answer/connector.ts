import type { Json, Secret } from '@errand/contracts';
import type { Connection, NewGrant, PendingConsent, StoredGrant } from '@errand/db';
import type { McpChallenge } from '../../importer.ts';

/** What is known of an authorization server before discovery. */
export type OAuthHints = {
  issuer?: string;
  openIdConnectUrl?: string;
  authorizationUrl?: string;
  tokenUrl?: string;
  revocationUrl?: string;
};

/** What is known of the authorization server of an MCP server. */
export type ServiceHints = {
  /** What the owner says: it wins. */
  given: OAuthHints;
  challenge?: McpChallenge;
  /** The issuer that is stored: preferred where the server names several. */
  knownIssuer?: string;
  /** Whether it is taken to have one in any case. */
  certain: boolean;
  /** Whether a client is wanted, too: the owner has named none. */
  registers: boolean;
};

/**
 * An authorization server, as it is stored. `foreign`: the MCP server names one of another site, at which no client was registered.
 * `later`: it does not answer now. `why` is a sentence.
 */
export type FoundAuthorization =
  | { kind: 'found'; server: Json }
  | { kind: 'foreign'; server: Json; issuer: string; why: string }
  | { kind: 'none' }
  | { kind: 'later'; why: string; server?: Json };

/** What is stored of a request for consent, without its user. */
export type BegunConsent = Pick<
  PendingConsent,
  'stateHash' | 'verifier' | 'nonce' | 'issuer' | 'redirectUri' | 'scope'
>;

/** Port: calls authorization servers for integrations. */
export interface Connector {
  /**
   * Discovers the metadata of an authorization server.
   * @returns JSON that is stored with the integration
   * @throws ProblemError url_not_allowed, oauth_issuer_mismatch, oauth_failed
   */
  discover(hints: OAuthHints): Promise<Json>;
  /**
   * Finds the authorization server of an MCP server, and a client of this service there, which it registers if need be. It is `foreign`
   * when it is of another site than the MCP server, unless the owner has named it in `given`: then it waits for the owner.
   * @throws ProblemError url_not_allowed, oauth_issuer_mismatch; oauth_failed, also when the owner must register a client
   */
  findAuthorization(workspaceId: string, url: string, hints: ServiceHints): Promise<FoundAuthorization>;
  /** The same server with a client that can be used now: the present one, or a new one. */
  withClient(workspaceId: string, server: Json): Promise<FoundAuthorization>;
  /** What this service says of itself to authorization servers that take documents as clients; undefined where they cannot read it. */
  clientDocument(): { [member: string]: Json } | undefined;
  /** What is wrong with the key file of a service account; undefined when it is valid. */
  faultOfKeyFile(key: Secret): Promise<string | undefined>;
  /** The URL for the browser, and what must be stored until the browser comes back. */
  authorize(connection: Connection, scopes: readonly string[]): Promise<{ url: URL; begun: BegunConsent }>;
  /**
   * Exchanges the query of a callback for tokens.
   * @throws ProblemError oauth_state_invalid, oauth_issuer_mismatch, oauth_denied, oauth_failed
   */
  redeem(
    workspaceId: string,
    connection: Connection,
    callback: URLSearchParams,
    pending: BegunConsent,
  ): Promise<NewGrant>;
  /** Revokes tokens if the server can. Never throws: a failure is logged. */
  revoke(workspaceId: string, connection: Connection, grant: StoredGrant): Promise<void>;
}
