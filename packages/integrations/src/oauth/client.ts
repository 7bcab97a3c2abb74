import type { Secret } from '@errand/contracts';
import { type Client, type ClientAuth, ClientSecretPost, None } from 'oauth4webapi';
import type { AuthorizationServer } from './server.ts';

export type ClientAuthentication = 'client_secret_basic' | 'client_secret_post' | 'none';

/** This service as a client of an authorization server; a public client without a secret. */
export type OAuthClient = {
  clientId: string;
  clientSecret?: Secret;
  /** By default as the server's metadata says, else `client_secret_basic`. */
  clientAuthentication?: ClientAuthentication;
};

export const clientOf = ({ clientId }: OAuthClient): Client => ({ client_id: clientId });

export function authenticate(client: OAuthClient, server: AuthorizationServer): ClientAuth {
  const { clientSecret } = client;
  const method = client.clientAuthentication ?? offered(server.clientAuthentication);
  if (clientSecret === undefined || method === 'none') return None();
  return method === 'client_secret_post' ? ClientSecretPost(clientSecret.reveal()) : secretBasic(clientSecret);
}

/**
 * Id and secret in the header, form-encoded (RFC 6749 §2.3.1) as browsers do: `-`, `_`, `.` and `*` remain. Thus servers that do not
 * decode accept most of them, such as UUIDs. The library's function would encode these characters.
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
