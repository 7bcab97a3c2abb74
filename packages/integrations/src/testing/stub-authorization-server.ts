import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type StubService, startStubService } from './stub-service.ts';

/** The failure of the next token request; `cut` acts, then closes the connection. */
export type TokenFault = { status?: number; body?: string; headers?: Record<string, string>; cut?: 'before' | 'after' };

export type StubAuthorizationServer = StubService & {
  clientId: string;
  clientSecret: string;
  /** Its metadata, to be changed by a test. */
  metadata: Record<string, unknown>;
  /** Replaced members of each token answer; undefined removes a member. */
  answer: Record<string, unknown>;
  faults: TokenFault[];
  /** The query of the callback after consent at an authorization URL. */
  consent(url: URL): URLSearchParams;
  /** How often a refresh token was used a second time; each time its family is revoked. */
  reuses(): number;
};

const random = () => randomBytes(24).toString('base64url');

type Client = { clientId: string; clientSecret: string };
type Granted = { error: string } | { family: string; nonce?: string };

/** Codes, used once, and refresh tokens, rotated: a second use revokes the family. */
class Issued {
  readonly codes = new Map<string, URLSearchParams>();
  readonly revoked = new Set<string>();
  readonly #refreshTokens = new Map<string, { family: string; used: boolean }>();
  reuses = 0;

  grant(form: URLSearchParams): Granted {
    return form.get('grant_type') === 'authorization_code' ? this.#redeem(form) : this.#refresh(form);
  }

  newRefreshToken(family: string): string {
    const token = random();
    this.#refreshTokens.set(token, { family, used: false });
    return token;
  }

  revoke(token: string): void {
    const grant = this.#refreshTokens.get(token);
    if (grant) this.revoked.add(grant.family);
  }

  #redeem(form: URLSearchParams): Granted {
    const request = this.codes.get(form.get('code') ?? '');
    this.codes.delete(form.get('code') ?? '');
    const proof = createHash('sha256')
      .update(form.get('code_verifier') ?? '')
      .digest('base64url');
    const fits = proof === request?.get('code_challenge') && form.get('redirect_uri') === request.get('redirect_uri');
    return fits ? { family: random(), nonce: request.get('nonce') ?? undefined } : { error: 'invalid_grant' };
  }

  #refresh(form: URLSearchParams): Granted {
    const grant = this.#refreshTokens.get(form.get('refresh_token') ?? '');
    if (!grant || this.revoked.has(grant.family)) return { error: 'invalid_grant' };
    if (grant.used) {
      this.reuses++;
      this.revoked.add(grant.family);
      return { error: 'invalid_grant' };
    }
    grant.used = true;
    return { family: grant.family };
  }
}

/** It is not signed: the client itself opened the connection. */
function idToken(issuer: unknown, clientId: string, nonce: string): string {
  const now = Math.floor(Date.now() / 1_000);
  const claims = { iss: issuer, aud: clientId, sub: 'ada', iat: now, exp: now + 60, nonce };
  const parts = [{ alg: 'RS256' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
  return [...parts, random()].join('.');
}

const json = (response: ServerResponse, status: number, body: object, headers: Record<string, string> = {}) =>
  response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));

/** Meets a token request with a fault. @returns whether that was its answer */
function meets(fault: TokenFault | undefined, request: IncomingMessage, response: ServerResponse): boolean {
  if (!fault || fault.cut === 'after') return false;
  if (fault.cut === 'before') request.socket.resetAndDestroy();
  else
    response
      .writeHead(fault.status ?? 200, { 'content-type': 'application/json', ...fault.headers })
      .end(fault.body ?? '{}');
  return true;
}

/** An authorization server that checks PKCE, redirect URI and client, uses codes once and rotates refresh tokens. */
export async function startStubAuthorizationServer(
  options: { wellKnown?: string; path?: string } = {},
): Promise<StubAuthorizationServer> {
  const issued = new Issued();
  const client = { clientId: 'errand client', clientSecret: 'pass:word&%' };
  const faults: TokenFault[] = [];
  const answer: Record<string, unknown> = {};
  const metadata: Record<string, unknown> = {};

  function tokens(request: IncomingMessage, response: ServerResponse, form: URLSearchParams): unknown {
    const fault = faults.shift();
    if (meets(fault, request, response)) return undefined;
    if (!isClient(request, form, client))
      return json(response, 401, { error: 'invalid_client' }, { 'www-authenticate': 'Basic' });
    const granted = issued.grant(form);
    if ('error' in granted) return json(response, 400, granted);
    if (fault) return request.socket.resetAndDestroy();
    const body = { access_token: random(), token_type: 'Bearer', expires_in: 3_600 };
    const { family, nonce } = granted;
    const id = nonce && { id_token: idToken(metadata.issuer, client.clientId, nonce) };
    return json(response, 200, { ...body, refresh_token: issued.newRefreshToken(family), ...id, ...answer });
  }

  const routes: Record<string, (request: IncomingMessage, response: ServerResponse, form: URLSearchParams) => unknown> =
    {
      [`GET ${options.wellKnown ?? '/.well-known/oauth-authorization-server'}`]: (_, response) =>
        json(response, 200, metadata),
      'POST /token': tokens,
      'POST /revoke': (request, response, form) => {
        const isKnown = isClient(request, form, client);
        if (isKnown) issued.revoke(form.get('token') ?? '');
        response.writeHead(isKnown ? 200 : 401).end();
      },
    };
  const stub = await startStubService((request, response, body) => {
    const route = routes[`${request.method} ${(request.url ?? '').split('?')[0]}`];
    if (route) route(request, response, new URLSearchParams(body));
    else response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>404</h1>');
  });
  const { origin } = stub;
  Object.assign(metadata, {
    issuer: origin + (options.path ?? ''),
    authorization_endpoint: `${origin}/authorize`,
    token_endpoint: `${origin}/token`,
    revocation_endpoint: `${origin}/revoke`,
    code_challenge_methods_supported: ['S256'],
    authorization_response_iss_parameter_supported: true,
  });
  return Object.assign(stub, {
    ...client,
    metadata,
    answer,
    faults,
    reuses: () => issued.reuses,
    consent(url: URL) {
      const code = random();
      issued.codes.set(code, url.searchParams);
      const iss = metadata.issuer as string;
      return new URLSearchParams({ code, state: url.searchParams.get('state') ?? '', iss });
    },
  });
}

/** RFC 6749 §2.3.1: id and secret are form-encoded before they are joined. */
function isClient(request: IncomingMessage, form: URLSearchParams, client: Client): boolean {
  const [, basic] = /^Basic (.+)$/.exec(request.headers.authorization ?? '') ?? [];
  if (basic === undefined)
    return form.get('client_id') === client.clientId && form.get('client_secret') === client.clientSecret;
  const [id, secret] = Buffer.from(basic, 'base64')
    .toString()
    .split(':')
    .map((part) => new URLSearchParams(`x=${part}`).get('x'));
  return id === client.clientId && secret === client.clientSecret && !form.has('client_secret');
}
