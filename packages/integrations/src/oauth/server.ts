import type { AuthorizationServer as Metadata } from 'oauth4webapi';

/** An authorization server as it is spoken to; plain JSON, fit to be kept. */
export type AuthorizationServer = {
  /** Absent when nothing but the two URLs is known: no `iss` can be compared then. */
  issuer?: string;
  authorizationUrl: string;
  tokenUrl: string;
  revocationUrl?: string;
  /** Whether the server says that each of its answers carries `iss` (RFC 9207), so that one without it is refused. */
  sendsIssuer?: boolean;
  /** How it lets clients authenticate; absent when it does not say. */
  clientAuthentication?: string[];
  /** Where clients register themselves (RFC 7591). */
  registrationUrl?: string;
  /** Whether a client may be the URL of a document about it. */
  takesClientDocuments?: boolean;
  /** Whether it has the scope offline_access. */
  offersOfflineAccess?: boolean;
};

/** The same in the words of RFC 8414. Without an issuer the token URL stands for it, which no answer can claim to be. */
export const metadataOf = (server: AuthorizationServer): Metadata => ({
  issuer: server.issuer ?? server.tokenUrl,
  authorization_endpoint: server.authorizationUrl,
  token_endpoint: server.tokenUrl,
  ...(server.revocationUrl !== undefined && { revocation_endpoint: server.revocationUrl }),
  ...(server.registrationUrl !== undefined && { registration_endpoint: server.registrationUrl }),
  ...(server.sendsIssuer && { authorization_response_iss_parameter_supported: true }),
});
