import type { Secret } from '@errand/contracts';
import type { PendingAuthorization } from './credentials.ts';

/** A subject of the issuer, as its ID token names it: the signature and all claims are verified. */
export type VerifiedIdentity = {
  issuer: string;
  subject: string;
  /** For people: a name, or the subject if the token has none. */
  name: string;
  email: string | null;
  /** Whether the issuer has verified the address. */
  emailVerified: boolean;
  groups: readonly string[];
};

/** The OIDC issuer that signs people in. */
export interface IdentityProvider {
  readonly issuer: string;
  /**
   * The URL for the browser, and the request to store until the browser returns.
   * @throws ProblemError sign_in_refused if the issuer does not answer or may not be called
   */
  start(redirectUri: string): Promise<{ url: URL; state: Secret; pending: PendingAuthorization }>;
  /** Exchanges the query of the callback for a verified identity. @throws ProblemError sign_in_refused */
  finish(callback: URLSearchParams, pending: PendingAuthorization): Promise<VerifiedIdentity>;
}
