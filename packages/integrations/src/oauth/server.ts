import type { AuthorizationServer as Metadata } from 'oauth4webapi';

/** The metadata of an authorization server that are used: plain JSON, so that they can be stored. */
export type AuthorizationServer = {
  /** Absent if only the two URLs are known: then `iss` cannot be compared. */
  issuer?: string;
  authorizationUrl: string;
  tokenUrl: string;
  revocationUrl?: string;
  /** Whether each answer of the server contains `iss` (RFC 9207): answers without it are rejected. */
  sendsIssuer?: boolean;
  clientAuthentication?: string[];
  /** The endpoint for dynamic client registration (RFC 7591). */
  registrationUrl?: string;
  /** Whether a client id may be the URL of a client metadata document. */
  takesClientDocuments?: boolean;
  offersOfflineAccess?: boolean;
};

/** The metadata with the names of RFC 8414. Without an issuer the token URL replaces it, which no answer can contain. */
export const metadataOf = (server: AuthorizationServer): Metadata => ({
  issuer: server.issuer ?? server.tokenUrl,
  authorization_endpoint: server.authorizationUrl,
  token_endpoint: server.tokenUrl,
  ...(server.revocationUrl !== undefined && { revocation_endpoint: server.revocationUrl }),
  ...(server.registrationUrl !== undefined && { registration_endpoint: server.registrationUrl }),
  ...(server.sendsIssuer && { authorization_response_iss_parameter_supported: true }),
});
