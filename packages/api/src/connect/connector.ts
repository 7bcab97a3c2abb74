import type { Json, Secret } from '@errand/contracts';
import type { Connection, NewGrant, PendingConsent, StoredGrant } from '@errand/db';

/** What is known of an authorization server before it is asked. */
export type OAuthHints = {
  issuer?: string;
  openIdConnectUrl?: string;
  authorizationUrl?: string;
  tokenUrl?: string;
  revocationUrl?: string;
};

/** What is kept of a request for consent, but for whose it is. */
export type BegunConsent = Pick<
  PendingConsent,
  'stateHash' | 'verifier' | 'nonce' | 'issuer' | 'redirectUri' | 'scope'
>;

/** Speaks to authorization servers on behalf of integrations. */
export interface Connector {
  /**
   * Finds out how to speak to an authorization server: plain JSON, to be kept with the integration.
   * @throws ProblemError url_not_allowed, oauth_issuer_mismatch, oauth_failed
   */
  discover(hints: OAuthHints): Promise<Json>;
  /** What is wrong with the key file of a service account; undefined when it can be used. */
  faultOfKeyFile(key: Secret): Promise<string | undefined>;
  /** Where to send a browser, and what must be kept until it comes back. */
  authorize(connection: Connection): Promise<{ url: URL; begun: BegunConsent }>;
  /**
   * Turns the query that a browser brought back into tokens.
   * @throws ProblemError oauth_state_invalid, oauth_issuer_mismatch, oauth_denied, oauth_failed
   */
  redeem(
    workspaceId: string,
    connection: Connection,
    callback: URLSearchParams,
    pending: BegunConsent,
  ): Promise<NewGrant>;
  /** Gives tokens back where the server takes them. Never throws: what did not work is logged. */
  revoke(workspaceId: string, connection: Connection, grant: StoredGrant): Promise<void>;
}

/** Whose consent a link asks for: that of a user at an integration, or the one that a run waits for. */
export type ConsentLink =
  | { workspaceId: string; customerIntegrationId: string; registrationId: string; userId: string; returnTo?: string }
  | { workspaceId: string; consentId: string };

/** What the pages on which users consent need of the service. */
export interface ConsentPort {
  /** Reads the token of a link; null when it is not one of ours, or is over. */
  open(token: string): ConsentLink | null;
  /** Makes the token of a link. */
  sign(link: ConsentLink): string;
  /** Whether users may be sent to an address afterwards. */
  mayReturnTo(url: string): boolean;
}
