import { Secret } from '@errand/contracts';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { createEgress, type Egress } from '../egress/egress.ts';
import { type StubAuthorizationServer, startStubAuthorizationServer } from '../testing/stub-authorization-server.ts';
import { startAuthorization } from './authorize.ts';
import { discoverAuthorization } from './discover.ts';
import { refreshTokens, revokeTokens } from './grant.ts';
import { redeemCode } from './redeem.ts';
import type { AuthorizationServer, OAuthClient } from './server.ts';
import type { Tokens } from './token/tokens.ts';

const REDIRECT_URI = 'https://errand.example.com/v1/oauth/callback';
let stub: StubAuthorizationServer;
let egress: Egress;
let client: OAuthClient;
let server: AuthorizationServer;

beforeEach(async () => {
  stub = await startStubAuthorizationServer();
  egress = createEgress({ allowOrigins: [stub.origin], limits: { totalMs: 2_000 } });
  client = { clientId: stub.clientId, clientSecret: new Secret(stub.clientSecret) };
  server = await discoverAuthorization({ issuer: stub.origin }, { egress });
});
afterEach(async () => {
  await egress.close();
  await stub.close();
});

const begin = (more: object = {}) =>
  startAuthorization({ server, client, redirectUri: REDIRECT_URI, scopes: ['events.read'], ...more });
const connect = async (more: object = {}): Promise<Tokens> => {
  const { url, pending } = await begin(more);
  return redeemCode({ server, client, callback: stub.consent(url), pending }, { egress });
};
const hits = (path: string) => stub.hits.filter((hit) => hit.url.startsWith(path));

describe('a consent', () => {
  it('asks with PKCE, a long state and the scopes, and gives tokens', async () => {
    const { url, state, pending } = await begin({
      resource: 'https://api.example.com/',
      parameters: { prompt: 'x', state: 'y' },
    });

    expect(Object.fromEntries(url.searchParams)).toEqual({
      response_type: 'code',
      client_id: stub.clientId,
      redirect_uri: REDIRECT_URI,
      scope: 'events.read',
      state: state.reveal(),
      code_challenge: expect.stringMatching(/^[\w-]{43}$/),
      code_challenge_method: 'S256',
      resource: 'https://api.example.com/',
      prompt: 'x',
    });
    expect(Buffer.from(state.reveal(), 'base64url')).toHaveLength(32);
    expect(JSON.stringify(pending)).not.toContain(state.reveal());

    const redemption = { server, client, callback: stub.consent(url), pending, resource: 'https://api.example.com/' };
    const tokens = await redeemCode(redemption, { egress });
    expect(tokens).toMatchObject({ issuer: stub.origin, scope: 'events.read' });
    expect(tokens.refreshToken?.reveal()).toMatch(/^[\w-]{32}$/);
    expect(Number(tokens.expiresAt) - Date.now()).toBeGreaterThan(3_590_000);
    expect(new URLSearchParams(hits('/token')[0]?.body).get('resource')).toBe('https://api.example.com/');
    expect(JSON.stringify(tokens)).not.toContain(tokens.accessToken.reveal());
  });

  it('holds the ID token against nonce, issuer and client when openid is asked for', async () => {
    expect((await connect({ scopes: ['openid'] })).accessToken).toBeDefined();
    for (const claims of [{ nonce: 'other' }, { iss: 'https://other.example.com' }, { aud: 'other' }, { exp: 1 }]) {
      const now = Math.floor(Date.now() / 1_000);
      const { url, pending } = await begin({ scopes: ['openid'] });
      const right = {
        iss: stub.origin,
        aud: stub.clientId,
        sub: 'a',
        iat: now,
        exp: now + 60,
        nonce: url.searchParams.get('nonce'),
      };
      const parts = [{ alg: 'RS256' }, { ...right, ...claims }, 1];
      stub.answer.id_token = parts.map((part) => Buffer.from(JSON.stringify(part)).toString('base64url')).join('.');
      const call = redeemCode({ server, client, callback: stub.consent(url), pending }, { egress });
      await expect(call).rejects.toMatchObject({ code: 'oauth_failed' });
    }
  });

  it.each<[string, OAuthClient['clientAuthentication'], string[] | undefined]>([
    ['in the header by default', undefined, undefined],
    ['in the form when the server wants it so', undefined, ['client_secret_post', 'private_key_jwt']],
    ['in the form when the owner says so', 'client_secret_post', undefined],
  ])('proves the client %s', async (_name, clientAuthentication, methods) => {
    server = { ...server, ...(methods && { clientAuthentication: methods }) };
    client = { ...client, ...(clientAuthentication && { clientAuthentication }) };
    await connect();
    const sent = hits('/token')[0];
    expect(sent?.headers.authorization !== undefined).toBe(!methods && !clientAuthentication);
    expect(new URLSearchParams(sent?.body).has('client_secret')).toBe(Boolean(methods ?? clientAuthentication));
  });

  it('sends no secret for a public client, and takes answers of loose servers', async () => {
    const nothing = { refresh_token: null, token_type: null };
    const scope = 'read '.repeat(50_000);
    stub.faults.push({
      body: JSON.stringify({ access_token: 'a1', expires_in: 1e300, id_token: 'x', scope, ...nothing }),
    });
    const { url, pending } = await begin();
    const tokens = await redeemCode(
      { server, client: { clientId: 'public' }, callback: stub.consent(url), pending },
      { egress },
    );
    expect(tokens.accessToken.reveal()).toBe('a1');
    expect([tokens.refreshToken, tokens.scope]).toEqual([undefined, 'read']);
    expect(hits('/token')[0]?.headers.authorization).toBeUndefined();
    expect(new URLSearchParams(hits('/token')[0]?.body).get('client_id')).toBe('public');
  });
});

describe('an answer', () => {
  const changed: [string, string, (callback: URLSearchParams) => void][] = [
    ['without a state', 'oauth_state_invalid', (callback) => callback.delete('state')],
    ['with another state', 'oauth_state_invalid', (callback) => callback.set('state', 'x'.repeat(43))],
    ['with two states', 'oauth_state_invalid', (callback) => callback.append('state', 'x')],
    ['of another issuer', 'oauth_issuer_mismatch', (callback) => callback.set('iss', 'https://evil.example.com')],
    ['with an issuer that differs by a slash', 'oauth_issuer_mismatch', (callback) => callback.append('iss', '/')],
    ['without the issuer that the server always sends', 'oauth_issuer_mismatch', (callback) => callback.delete('iss')],
    ['that denies', 'oauth_denied', (callback) => callback.set('error', 'access_denied')],
    ['that fails', 'oauth_failed', (callback) => callback.set('error', '<script>')],
    [
      'that denies with another issuer',
      'oauth_issuer_mismatch',
      (callback) => {
        callback.set('error', 'access_denied');
        callback.set('iss', 'https://evil.example.com');
      },
    ],
    ['without a code', 'oauth_failed', (callback) => callback.delete('code')],
    ['of the implicit flow', 'oauth_failed', (callback) => callback.set('token', 'x')],
  ];
  it.each(changed)('%s is refused as %s before anything is sent', async (_name, code, change) => {
    const { url, pending } = await begin();
    const callback = stub.consent(url);
    change(callback);
    const refused = await redeemCode({ server, client, callback, pending }, { egress }).catch((error) => error);
    expect(refused).toMatchObject({ code });
    expect(refused.message).not.toContain('<script>');
    expect(hits('/token')).toHaveLength(0);
  });

  it('to nothing that is kept is refused', async () => {
    const { url } = await begin();
    const call = redeemCode({ server, client, callback: stub.consent(url), pending: undefined }, { egress });
    await expect(call).rejects.toMatchObject({ code: 'oauth_state_invalid' });
  });

  it('of a server that is not the one that was asked is refused', async () => {
    const { url, pending } = await begin();
    const callback = stub.consent(url);
    const otherServer = { ...server, issuer: 'https://other.example.com' };
    callback.set('iss', otherServer.issuer);
    const call = redeemCode({ server: otherServer, client, callback, pending }, { egress });
    await expect(call).rejects.toMatchObject({ code: 'oauth_issuer_mismatch' });
  });

  it('must come from where the user was sent when no issuer is known', async () => {
    server = { authorizationUrl: server.authorizationUrl, tokenUrl: server.tokenUrl };
    expect((await connect()).issuer).toBeUndefined();
    const { url, pending } = await begin();
    const callback = stub.consent(url);
    callback.set('iss', 'https://evil.example.com');
    const call = redeemCode({ server, client, callback, pending }, { egress });
    await expect(call).rejects.toMatchObject({ code: 'oauth_issuer_mismatch' });
  });

  it.each([
    [{ status: 400, body: '{"error":"invalid_grant","error_description":"secret-words"}' }],
    [{ status: 503, body: 'down' }],
    [{ status: 302, headers: { location: 'https://evil.example.com/' } }],
    [{ body: 'no json' }],
    [{ body: '{"token_type":"bearer"}' }],
    [{ body: '{"access_token":"a","token_type":"mac"}' }],
    [{ body: '{"access_token":"a\\r\\nx-api-key: b"}' }],
    [{ body: '{"access_token":"\\u0000"}' }],
    [{ body: JSON.stringify({ access_token: 'a'.repeat(20_000) }) }],
    [{ body: JSON.stringify({ access_token: 'a', x: 'x'.repeat(10_000_000) }) }],
    [{ cut: 'after' as const }],
  ])('that cannot be redeemed (%j) fails in words of ours', async (fault) => {
    const { url, pending } = await begin();
    const callback = stub.consent(url);
    stub.faults.push(fault);
    const failed = await redeemCode({ server, client, callback, pending }, { egress }).catch((error) => error);
    expect(failed).toMatchObject({ code: 'oauth_failed' });
    expect(failed.message + failed.detail).not.toContain('secret-words');
  });

  it('is redeemed once', async () => {
    const { url, pending } = await begin();
    const callback = stub.consent(url);
    await redeemCode({ server, client, callback, pending }, { egress });
    const again = redeemCode({ server, client, callback, pending }, { egress });
    await expect(again).rejects.toMatchObject({ code: 'oauth_failed' });
  });
});

describe('a refresh', () => {
  const grantOf = (tokens: Tokens) => ({
    server,
    client,
    refreshToken: tokens.refreshToken as Secret,
    scope: tokens.scope,
  });

  it('gives new tokens, and keeps what the answer leaves out', async () => {
    const first = await connect();
    const second = await refreshTokens(grantOf(first), { egress });
    expect(second).toMatchObject({ kind: 'tokens', tokens: { scope: 'events.read', issuer: stub.origin } });
    if (second.kind !== 'tokens') throw new Error(second.kind);
    expect(second.tokens.refreshToken?.reveal()).not.toBe(first.refreshToken?.reveal());
    stub.answer.refresh_token = undefined;
    const third = await refreshTokens(grantOf(second.tokens), { egress });
    expect(third.kind === 'tokens' && third.tokens.refreshToken?.reveal()).toBe(second.tokens.refreshToken?.reveal());
  });

  it.each([
    [
      { status: 400, body: '{"error":"invalid_grant"}' },
      { kind: 'reconnect', reason: 'invalid_grant' },
    ],
    [
      { status: 401, body: '{"error":"invalid_client"}', headers: { 'www-authenticate': 'Basic' } },
      { kind: 'reconnect', reason: 'invalid_client' },
    ],
    [
      { status: 403, body: '<html>' },
      { kind: 'reconnect', reason: 'refused' },
    ],
    [
      { status: 307, headers: { location: 'https://evil.example.com/' } },
      { kind: 'reconnect', reason: 'refused' },
    ],
    [
      { status: 503, headers: { 'retry-after': '7' } },
      { kind: 'later', retryAfterMs: 7_000 },
    ],
    [
      { status: 429, body: '' },
      { kind: 'later', retryAfterMs: 5_000 },
    ],
    [
      { status: 400, body: '{"error":"temporarily_unavailable"}' },
      { kind: 'later', retryAfterMs: 5_000 },
    ],
    [
      { status: 200, body: '{"ok":false,"error":"ratelimited"}', headers: { 'retry-after': '9' } },
      { kind: 'later', retryAfterMs: 9_000 },
    ],
    [
      { status: 200, body: '{"error":"bad_refresh_token"}' },
      { kind: 'reconnect', reason: 'bad_refresh_token' },
    ],
    [{ status: 200, body: 'not json' }, { kind: 'lost' }],
    [
      { status: 200, body: '{}' },
      { kind: 'reconnect', reason: 'refused' },
    ],
    [{ cut: 'after' as const }, { kind: 'lost' }],
    [{ cut: 'before' as const }, { kind: 'lost' }],
  ])('that meets %j comes to %j', async (fault, outcome) => {
    const tokens = await connect();
    stub.faults.push(fault);
    expect(await refreshTokens(grantOf(tokens), { egress })).toEqual(outcome);
    expect(hits('/token')).toHaveLength(2);
  });

  it('is tried later when the server was not reached, so nothing was sent', async () => {
    const tokens = await connect();
    await stub.close();
    expect(await refreshTokens(grantOf(tokens), { egress })).toMatchObject({ kind: 'later' });
  });

  it('of a token that was used before ends the grant', async () => {
    const first = await connect();
    const second = await refreshTokens(grantOf(first), { egress });
    expect(await refreshTokens(grantOf(first), { egress })).toEqual({ kind: 'reconnect', reason: 'invalid_grant' });
    expect(second.kind === 'tokens' && (await refreshTokens(grantOf(second.tokens), { egress })).kind).toBe(
      'reconnect',
    );
    expect(stub.reuses()).toBe(1);
  });
});

describe('a revocation', () => {
  it('ends the grant where the server offers it', async () => {
    const tokens = await connect();
    const refreshToken = tokens.refreshToken as Secret;
    expect(await revokeTokens({ server, client, ...tokens }, { egress })).toEqual({ kind: 'revoked' });
    expect(await refreshTokens({ server, client, refreshToken }, { egress })).toMatchObject({ kind: 'reconnect' });
    const { revocationUrl: _, ...plain } = server;
    expect(await revokeTokens({ server: plain, client, refreshToken }, { egress })).toEqual({ kind: 'unsupported' });
    const wrong = { ...client, clientSecret: new Secret('wrong') };
    expect(await revokeTokens({ server, client: wrong, refreshToken }, { egress })).toEqual({ kind: 'failed' });
  });
});
