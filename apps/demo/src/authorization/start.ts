import { randomBytes } from 'node:crypto';
import type { AddressInfo } from 'node:net';
import { fastify } from 'fastify';
import { mountAuthorize } from './authorize.ts';
import { type Client, mountRegister } from './clients.ts';
import { Grants, type Holder } from './grants.ts';
import { mountToken, type TokenCalls } from './token.ts';

export type AuthorizationOptions = {
  /** 0 or absent: any free port, always on 127.0.0.1. */
  readonly port?: number;
  /** Lifetime of an access token in seconds; 300 by default. */
  readonly accessTokenSeconds?: number;
  /** Redirect URIs of the clients, in addition to /v1/oauth/callback on any port of 127.0.0.1 and localhost. */
  readonly redirectUris?: readonly string[];
  /** Secret of the client `errand`; random by default. */
  readonly clientSecret?: string;
  /** User names and passwords; Ada and Grace by default. */
  readonly users?: Readonly<Record<string, string>>;
  /** Scopes and their descriptions for people; those of a calendar by default. */
  readonly scopes?: Readonly<Record<string, string>>;
  /** Headers of each answer, such as `cross-origin-opener-policy`. */
  readonly headers?: Readonly<Record<string, string>>;
  /** Called with each request before it is answered. */
  readonly onRequest?: (request: { url: string; headers: Readonly<Record<string, unknown>> }) => void;
};

export type Authorization = {
  /** Origin, which is also the issuer. */
  readonly url: string;
  readonly clientId: string;
  readonly clientSecret: string;
  /** A second client, which has no secret. */
  readonly publicClientId: string;
  readonly users: Readonly<Record<string, string>>;
  readonly scopes: Readonly<Record<string, string>>;
  /** Calls of the token endpoint by grant type, successful or not. */
  tokenCalls(): Readonly<TokenCalls>;
  /** Number of reused refresh tokens and codes. */
  reuses(): number;
  /** The holder of an access token; undefined if the token is not valid. */
  check(token: string): Holder | undefined;
  /** Ids of the clients that registered themselves. */
  registered(): string[];
  /** Forgets the clients that registered themselves. */
  forgetRegistered(): void;
  /** Expires every access token. */
  expireAccessTokens(): void;
  /** Revokes every grant. */
  withdraw(): void;
  /** Processes the next token request, then resets the connection instead of answering. */
  loseNextAnswer(): void;
  /** Closes open connections and frees the port. */
  close(): Promise<void>;
};

const CALENDAR_SCOPES = {
  'calendar.read': 'See the events of your calendar',
  'calendar.write': 'Add and remove events of your calendar',
};

/** Starts an OAuth 2.1 authorization server: code with PKCE, rotating refresh tokens, RFC 8414, 7009, 7591 and 9207. */
export async function startAuthorizationServer(options: AuthorizationOptions = {}): Promise<Authorization> {
  const scopes = options.scopes ?? CALENDAR_SCOPES;
  const users = options.users ?? { ada: 'analytical-engine', grace: 'flow-matic' };
  const clientSecret = options.clientSecret ?? randomBytes(24).toString('base64url');
  const callbacks = ['127.0.0.1', 'localhost'].map((host) => `http://${host}/v1/oauth/callback`);
  const redirectUris = [...callbacks, ...(options.redirectUris ?? [])];
  const clients: Client[] = [
    { clientId: 'errand', clientSecret, redirectUris },
    { clientId: 'errand-public', redirectUris },
  ];
  const ours = clients.length;
  const grants = new Grants(options.accessTokenSeconds ?? 300);
  const calls: TokenCalls = { authorization_code: 0, refresh_token: 0 };
  let loses = 0;
  let url = '';

  const app = fastify({ requestTimeout: 10_000, bodyLimit: 64 * 1024, forceCloseConnections: true });
  app.addContentTypeParser('application/x-www-form-urlencoded', { parseAs: 'string' }, (_, body, done) =>
    done(null, new URLSearchParams(String(body))),
  );
  app.addHook('onRequest', async (_, reply) => void reply.headers({ ...options.headers }));
  app.addHook('onRequest', async ({ url, headers }) => options.onRequest?.({ url, headers }));
  app.get('/.well-known/oauth-authorization-server', () => metadataOf(url, Object.keys(scopes)));
  mountAuthorize(app, { clients, users, scopes, grants, issuer: () => url });
  mountRegister(app, clients);
  mountToken(app, { clients, grants, calls, losesAnswer: () => loses > 0 && loses-- > 0 });

  // Lets a parent process call these functions over HTTP.
  const acts = {
    'expire-access-tokens': () => grants.expireAccessTokens(),
    withdraw: () => grants.withdraw(),
    'lose-next-answer': () => {
      loses++;
    },
  };
  app.get('/operator/counters', () => ({ reuses: grants.reuses, tokenCalls: calls }));
  for (const [name, act] of Object.entries(acts)) {
    app.post(`/operator/${name}`, (_, reply) => {
      act();
      return reply.status(204).send();
    });
  }

  await app.listen({ host: '127.0.0.1', port: options.port ?? 0 });
  url = `http://127.0.0.1:${(app.server.address() as AddressInfo).port}`;
  return {
    url,
    clientId: 'errand',
    clientSecret,
    publicClientId: 'errand-public',
    users,
    scopes,
    tokenCalls: () => ({ ...calls }),
    reuses: () => grants.reuses,
    check: (token) => grants.check(token),
    forgetRegistered: () => void clients.splice(ours),
    registered: () => clients.slice(ours).map(({ clientId }) => clientId),
    expireAccessTokens: acts['expire-access-tokens'],
    withdraw: acts.withdraw,
    loseNextAnswer: acts['lose-next-answer'],
    close: () => app.close(),
  };
}

/** RFC 8414 */
const metadataOf = (url: string, scopes: readonly string[]) => ({
  issuer: url,
  authorization_endpoint: `${url}/authorize`,
  token_endpoint: `${url}/token`,
  revocation_endpoint: `${url}/revoke`,
  registration_endpoint: `${url}/register`,
  scopes_supported: scopes,
  response_types_supported: ['code'],
  grant_types_supported: ['authorization_code', 'refresh_token'],
  token_endpoint_auth_methods_supported: ['client_secret_basic', 'client_secret_post', 'none'],
  code_challenge_methods_supported: ['S256'],
  authorization_response_iss_parameter_supported: true,
});
