import { createHash, randomBytes } from 'node:crypto';
import type { IncomingMessage, ServerResponse } from 'node:http';
import { type StubService, startStubService } from './stub-service.ts';

/** What the next token request meets instead of an answer; `cut` acts and then breaks the connection. */
export type TokenFault = { status?: number; body?: string; headers?: Record<string, string>; cut?: 'before' | 'after' };

export type StubAuthorizationServer = StubService & {
  clientId: string;
  clientSecret: string;
  /** Its metadata, to be changed by a test. */
  metadata: Record<string, unknown>;
  /** Members that replace those of each token answer; undefined removes one. */
  answer: Record<string, unknown>;
  faults: TokenFault[];
  /** What a browser gets that follows an authorization URL and says yes: the query of the callback. */
  consent(url: URL): URLSearchParams;
  /** How often a refresh token was used a second time; each time its family is revoked. */
  reuses(): number;
};

const random = () => randomBytes(24).toString('base64url');

/** An authorization server that checks PKCE, redirect URI and client, uses codes once and rotates refresh tokens. */
export async function startStubAuthorizationServer(
  options: { wellKnown?: string; path?: string } = {},
): Promise<StubAuthorizationServer> {
  const codes = new Map<string, URLSearchParams>();
  const refreshTokens = new Map<string, { family: string; used: boolean }>();
  const revoked = new Set<string>();
  const client = { clientId: 'errand client', clientSecret: 'pass:word&%' };
  const faults: TokenFault[] = [];
  const answer: Record<string, unknown> = {};
  const metadata: Record<string, unknown> = {};
  let reuses = 0;

  /** It is not signed: the client itself opened the connection. */
  function idToken(nonce: string): string {
    const now = Math.floor(Date.now() / 1_000);
    const claims = { iss: metadata.issuer, aud: client.clientId, sub: 'ada', iat: now, exp: now + 60, nonce };
    const parts = [{ alg: 'RS256' }, claims].map((part) => Buffer.from(JSON.stringify(part)).toString('base64url'));
    return [...parts, random()].join('.');
  }

  function grant(form: URLSearchParams): { error: string } | { family: string; nonce?: string } {
    if (form.get('grant_type') === 'authorization_code') {
      const asked = codes.get(form.get('code') ?? '');
      codes.delete(form.get('code') ?? '');
      const proof = createHash('sha256')
        .update(form.get('code_verifier') ?? '')
        .digest('base64url');
      const fits = proof === asked?.get('code_challenge') && form.get('redirect_uri') === asked.get('redirect_uri');
      return fits ? { family: random(), nonce: asked.get('nonce') ?? undefined } : { error: 'invalid_grant' };
    }
    const known = refreshTokens.get(form.get('refresh_token') ?? '');
    if (!known || revoked.has(known.family)) return { error: 'invalid_grant' };
    if (known.used) {
      reuses++;
      revoked.add(known.family);
      return { error: 'invalid_grant' };
    }
    known.used = true;
    return { family: known.family };
  }

  function tokens(request: IncomingMessage, response: ServerResponse, form: URLSearchParams): void {
    const json = (status: number, body: object, headers: Record<string, string> = {}) =>
      response.writeHead(status, { 'content-type': 'application/json', ...headers }).end(JSON.stringify(body));
    const fault = faults.shift();
    if (fault?.cut === 'before') return void request.socket.resetAndDestroy();
    if (fault && !fault.cut) {
      response
        .writeHead(fault.status ?? 200, { 'content-type': 'application/json', ...fault.headers })
        .end(fault.body ?? '{}');
      return;
    }
    if (!isClient(request, form, client))
      return void json(401, { error: 'invalid_client' }, { 'www-authenticate': 'Basic' });
    const granted = grant(form);
    if ('error' in granted) return void json(400, granted);
    if (fault?.cut === 'after') return void request.socket.resetAndDestroy();
    const refreshToken = random();
    refreshTokens.set(refreshToken, { family: granted.family, used: false });
    const body = { access_token: random(), token_type: 'Bearer', expires_in: 3_600, refresh_token: refreshToken };
    json(200, { ...body, ...(granted.nonce && { id_token: idToken(granted.nonce) }), ...answer });
  }

  const stub = await startStubService((request, response, body) => {
    const path = (request.url ?? '').split('?')[0];
    const form = new URLSearchParams(body);
    if (path === (options.wellKnown ?? '/.well-known/oauth-authorization-server')) {
      response.writeHead(200, { 'content-type': 'application/json' }).end(JSON.stringify(metadata));
    } else if (path === '/token' && request.method === 'POST') {
      tokens(request, response, form);
    } else if (path === '/revoke' && request.method === 'POST') {
      const ok = isClient(request, form, client);
      const known = refreshTokens.get(form.get('token') ?? '');
      if (ok && known) revoked.add(known.family);
      response.writeHead(ok ? 200 : 401).end();
    } else response.writeHead(404, { 'content-type': 'text/html' }).end('<h1>404</h1>');
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
    reuses: () => reuses,
    consent(url: URL) {
      const code = random();
      codes.set(code, url.searchParams);
      const iss = metadata.issuer as string;
      return new URLSearchParams({ code, state: url.searchParams.get('state') ?? '', iss });
    },
  });
}

/** RFC 6749 §2.3.1: id and secret are form-encoded before they are joined. */
function isClient(
  request: IncomingMessage,
  form: URLSearchParams,
  client: { clientId: string; clientSecret: string },
): boolean {
  const [, basic] = /^Basic (.+)$/.exec(request.headers.authorization ?? '') ?? [];
  if (basic === undefined)
    return form.get('client_id') === client.clientId && form.get('client_secret') === client.clientSecret;
  const [id, secret] = Buffer.from(basic, 'base64')
    .toString()
    .split(':')
    .map((part) => new URLSearchParams(`x=${part}`).get('x'));
  return id === client.clientId && secret === client.clientSecret && !form.has('client_secret');
}
