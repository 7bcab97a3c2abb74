import type { Json, Secret } from '@errand/contracts';
import type { Connection, NewGrant, PendingConsent, StoredGrant } from '@errand/db';

/** What is known of an authorization server before discovery. */
export type OAuthHints = {
  issuer?: string;
  openIdConnectUrl?: string;
  authorizationUrl?: string;
  tokenUrl?: string;
  revocationUrl?: string;
};

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
  /** What is wrong with the key file of a service account; undefined when it is valid. */
  faultOfKeyFile(key: Secret): Promise<string | undefined>;
  /** The URL for the browser, and what must be stored until the browser comes back. */
  authorize(connection: Connection): Promise<{ url: URL; begun: BegunConsent }>;
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
