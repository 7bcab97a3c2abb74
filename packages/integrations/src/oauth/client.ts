import type { Secret } from '@errand/contracts';
import { type Client, type ClientAuth, ClientSecretPost, None } from 'oauth4webapi';
import type { AuthorizationServer } from './server.ts';

/** Ways to prove to an authorization server which client asks (RFC 7591 §2). */
export type ClientAuthentication = 'client_secret_basic' | 'client_secret_post' | 'none';

/** What we are at an authorization server. Without a secret: a public client. */
export type OAuthClient = {
  clientId: string;
  clientSecret?: Secret;
  /** How the secret is sent; by default as the server's metadata says, else in the header. */
  clientAuthentication?: ClientAuthentication;
};

export const clientOf = ({ clientId }: OAuthClient): Client => ({ client_id: clientId });

/** How a client proves itself: in the header when the server takes that (RFC 6749 §2.3.1), else in the form. */
export function authenticate(client: OAuthClient, server: AuthorizationServer): ClientAuth {
  const { clientSecret } = client;
  const way = client.clientAuthentication ?? offered(server.clientAuthentication);
  if (clientSecret === undefined || way === 'none') return None();
  return way === 'client_secret_post' ? ClientSecretPost(clientSecret.reveal()) : secretBasic(clientSecret);
}

/**
 * Id and secret in the header, form-encoded as RFC 6749 §2.3.1 wants it, which is as browsers do it: `-`, `_`, `.` and `*` stay.
 * Servers that do not decode know most ids and secrets then, such as UUIDs; the library's own function encodes those, too.
 */
const secretBasic =
  (clientSecret: Secret): ClientAuth =>
  (_server, { client_id }, _body, headers) => {
    const text = `${formEncoded(client_id)}:${formEncoded(clientSecret.reveal())}`;
    headers.set('authorization', `Basic ${Buffer.from(text).toString('base64')}`);
  };

const formEncoded = (text: string): string => new URLSearchParams([['', text]]).toString().slice(1);

const offered = (methods: readonly string[] | undefined): ClientAuthentication =>
  methods && !methods.includes('client_secret_basic') && methods.includes('client_secret_post')
    ? 'client_secret_post'
    : 'client_secret_basic';
