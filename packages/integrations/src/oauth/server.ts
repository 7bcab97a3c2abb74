import type { Auth, Secret } from '@errand/contracts';
import {
  type Client,
  type ClientAuth,
  ClientSecretPost,
  type AuthorizationServer as Metadata,
  None,
} from 'oauth4webapi';

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
  /** Accepted signature algorithms of ID tokens; RS256 by default. */
  idTokenAlgorithms?: string[];
};

/** The members that requests for tokens need. */
export type TokenServer = Omit<AuthorizationServer, 'authorizationUrl'> & { authorizationUrl?: string };

/** The metadata with the names of RFC 8414. Without an issuer the token URL replaces it, which no answer can contain. */
export const metadataOf = (server: TokenServer): Metadata => ({
  issuer: server.issuer ?? server.tokenUrl,
  authorization_endpoint: server.authorizationUrl,
  token_endpoint: server.tokenUrl,
  revocation_endpoint: server.revocationUrl,
  registration_endpoint: server.registrationUrl,
  authorization_response_iss_parameter_supported: server.sendsIssuer,
  id_token_signing_alg_values_supported: server.idTokenAlgorithms,
});

export type ClientAuthentication = NonNullable<Extract<Auth, { type: 'OAUTH2' }>['clientAuthentication']>;

/** This service as a client of an authorization server; a public client without a secret. */
export type OAuthClient = {
  clientId: string;
  clientSecret?: Secret;
  /** By default as the server's metadata says, else `client_secret_basic`. */
  clientAuthentication?: ClientAuthentication;
};

/** The two parties of a request, and the authentication of the client, as arguments of the protocol library. */
export function requestParties(server: TokenServer, client: OAuthClient): [Metadata, Client, ClientAuth] {
  return [metadataOf(server), { client_id: client.clientId }, authenticate(client, server)];
}

function authenticate(client: OAuthClient, server: TokenServer): ClientAuth {
  const { clientSecret } = client;
  const method = client.clientAuthentication ?? defaultMethod(server.clientAuthentication);
  if (clientSecret === undefined || method === 'none') return None();
  const secret = clientSecret.reveal();
  switch (method) {
    case 'client_secret_post':
      return ClientSecretPost(secret);
    case 'client_secret_basic_unencoded':
      return basic((clientId) => `${clientId}:${secret}`);
    case 'secret_as_user':
      return basic(() => `${secret}:`);
    default:
      return basic((clientId) => `${formEncoded(clientId)}:${formEncoded(secret)}`);
  }
}

/** Credentials in the header. */
const basic =
  (textFor: (clientId: string) => string): ClientAuth =>
  (_server, { client_id }, _body, headers) =>
    headers.set('authorization', `Basic ${Buffer.from(textFor(client_id)).toString('base64')}`);

/**
 * Form-encoded (RFC 6749 §2.3.1) as browsers do: `-`, `_`, `.` and `*` remain. Thus servers that do not decode accept most ids and
 * secrets, such as UUIDs. The library's function would encode these characters.
 */
const formEncoded = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1);

const defaultMethod = (methods: readonly string[] | undefined): ClientAuthentication =>
  methods && !methods.includes('client_secret_basic') && methods.includes('client_secret_post')
    ? 'client_secret_post'
    : 'client_secret_basic';
