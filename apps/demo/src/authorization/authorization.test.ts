import { createHash, randomBytes } from 'node:crypto';
import { afterEach, beforeEach, describe, expect, it } from 'vitest';
import { type Calendar, startCalendar } from '../calendar/start.ts';
import { type Authorization, type AuthorizationOptions, startAuthorizationServer } from './start.ts';

const REDIRECT_URI = 'http://127.0.0.1:4999/v1/oauth/callback';
let server: Authorization;
let calendar: Calendar;

const start = async (options: AuthorizationOptions = {}) => {
  server = await startAuthorizationServer(options);
  calendar = await startCalendar({ authorization: server });
};
beforeEach(() => start());
afterEach(async () => {
  await calendar.close();
  await server.close();
});

const verifier = randomBytes(32).toString('base64url');
const query = (more: Record<string, string | undefined> = {}) => {
  const all = {
    response_type: 'code',
    client_id: server.clientId,
    redirect_uri: REDIRECT_URI,
    scope: 'calendar.read calendar.write',
    state: 'state-1',
    code_challenge: createHash('sha256').update(verifier).digest('base64url'),
    code_challenge_method: 'S256',
    ...more,
  };
  return new URLSearchParams(Object.entries(all).filter((pair): pair is [string, string] => pair[1] !== undefined));
};
const ask = (parameters: URLSearchParams | string) =>
  fetch(`${server.url}/authorize?${parameters}`, { redirect: 'manual' });

/** What a browser does with the page: fills in the form and sends it back with the cookie. */
async function answer(parameters = query(), fields: Record<string, string> = {}, cookie?: string) {
  const page = await ask(parameters);
  const html = await page.text();
  const hidden = (name: string) => /value="([^"]*)"/.exec(html.split(`name="${name}"`)[1] ?? '')?.[1] ?? '';
  const decoded = (text: string) => text.replace(/&#(\d+);/g, (_, code) => String.fromCharCode(Number(code)));
  const form = {
    request: decoded(hidden('request')),
    csrf: hidden('csrf'),
    username: 'ada',
    password: 'analytical-engine',
    decision: 'allow',
  };
  return fetch(`${server.url}/authorize`, {
    method: 'POST',
    redirect: 'manual',
    headers: { cookie: cookie ?? page.headers.get('set-cookie')?.split(';')[0] ?? '' },
    body: new URLSearchParams({ ...form, ...fields }),
  });
}
const landed = (response: Response) => new URL(response.headers.get('location') ?? '').searchParams;
const basic = () => `Basic ${Buffer.from(`${server.clientId}:${server.clientSecret}`).toString('base64')}`;
const post = async (path: string, form: Record<string, string>, authorization: string | undefined = basic()) => {
  const headers = authorization ? { authorization } : undefined;
  const response = await fetch(server.url + path, {
    method: 'POST',
    body: new URLSearchParams(form),
    ...(headers && { headers }),
  });
  const text = await response.text();
  return { status: response.status, ...(text ? JSON.parse(text) : {}) };
};
const redeem = (code: string, more: Record<string, string> = {}) =>
  post('/token', {
    grant_type: 'authorization_code',
    code,
    redirect_uri: REDIRECT_URI,
    code_verifier: verifier,
    ...more,
  });
const refresh = (token: string) => post('/token', { grant_type: 'refresh_token', refresh_token: token });
const connect = async (parameters = query()) => redeem(landed(await answer(parameters)).get('code') ?? '');
const events = (token: string, init: RequestInit = {}) =>
  fetch(`${calendar.url}/v1/events`, {
    ...init,
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json', ...init.headers },
  });

describe('a consent', () => {
  it('leads back with code, state and issuer, and the code gives tokens that open the calendar', async () => {
    const back = landed(await answer());
    expect(Object.fromEntries(back)).toEqual({ code: expect.any(String), state: 'state-1', iss: server.url });

    const tokens = await redeem(back.get('code') ?? '');
    expect(tokens).toMatchObject({
      status: 200,
      token_type: 'Bearer',
      expires_in: 300,
      scope: 'calendar.read calendar.write',
    });

    const created = await events(tokens.access_token, {
      method: 'POST',
      body: JSON.stringify({ title: 'Tea', startsAt: '2026-12-03T15:00:00Z' }),
    });
    expect(created.status).toBe(201);
    expect(await created.json()).toMatchObject({ title: 'Tea', durationMinutes: 30 });
    expect(await (await events(tokens.access_token)).json()).toMatchObject({ total: 4 });
    expect(calendar.events('ada')).toHaveLength(4);
    expect(calendar.events('grace')).toHaveLength(3);
  });

  it('shows a page that loads nothing, is not framed and not kept', async () => {
    const page = await ask(query({ state: '"><script>alert(1)</script>' }));
    expect(page.headers.get('content-security-policy')).toMatch(
      /^default-src 'none'; style-src 'nonce-.+'.*frame-ancestors 'none'/,
    );
    expect(page.headers.get('cache-control')).toBe('no-store');
    expect(await page.text()).not.toMatch(/<script|src=|href=/);
  });

  it('that is denied leads back with the denial', async () => {
    const back = landed(await answer(query(), { decision: 'deny', password: '' }));
    expect(Object.fromEntries(back)).toEqual({ error: 'access_denied', state: 'state-1', iss: server.url });
  });

  it.each([
    ['password', 'wrong'],
    ['username', 'nobody'],
    ['username', '__proto__'],
  ])('with a wrong %s (%s) gives nothing', async (name, value) => {
    const response = await answer(query(), { [name]: value });
    expect(response.status).toBe(403);
    expect(response.headers.get('location')).toBeNull();
    expect(await response.text()).toContain('User name or password is wrong.');
  });

  it('without the form of this browser gives nothing', async () => {
    expect((await answer(query(), { csrf: 'x'.repeat(32) })).status).toBe(403);
    expect((await answer(query(), {}, '')).status).toBe(403);
    expect((await answer(query(), { csrf: '' }, 'consent=')).status).toBe(403);
  });

  it.each([
    ['client_id', 'stranger'],
    ['redirect_uri', 'https://evil.example.com/'],
    ['redirect_uri', 'http://127.0.0.1:4999/v1/oauth/callback?x'],
    ['redirect_uri', 'http://127.0.0.1.evil.example.com/v1/oauth/callback'],
  ])('with another %s (%s) leads nowhere', async (name, value) => {
    for (const response of [
      await ask(query({ [name]: value })),
      await answer(query(), { request: String(query({ [name]: value })) }),
    ]) {
      expect(response.status).toBe(400);
      expect(response.headers.get('location')).toBeNull();
    }
  });

  it.each([
    [{ code_challenge: undefined }, 'invalid_request'],
    [{ code_challenge_method: 'plain' }, 'invalid_request'],
    [{ response_type: 'token' }, 'unsupported_response_type'],
    [{ scope: 'calendar.read admin' }, 'invalid_scope'],
  ])('with %j is refused at the client: %s', async (change, error) => {
    expect(landed(await ask(query(change))).get('error')).toBe(error);
  });
});

describe('a code', () => {
  it('is used once: a second time revokes what it gave', async () => {
    const code = landed(await answer()).get('code') ?? '';
    const tokens = await redeem(code);
    expect(await redeem(code)).toMatchObject({ status: 400, error: 'invalid_grant' });
    expect(server.reuses()).toBe(1);
    expect((await events(tokens.access_token)).status).toBe(401);
    expect(await refresh(tokens.refresh_token)).toMatchObject({ error: 'invalid_grant' });
  });

  it.each([
    ['code_verifier', 'x'.repeat(43)],
    ['redirect_uri', 'http://127.0.0.1:5000/v1/oauth/callback'],
  ])('with another %s gives nothing, and is used up', async (name, value) => {
    const code = landed(await answer()).get('code') ?? '';
    expect(await redeem(code, { [name]: value })).toMatchObject({ status: 400, error: 'invalid_grant' });
    expect(await redeem(code)).toMatchObject({ status: 400, error: 'invalid_grant' });
  });

  it('gives nothing to a client that cannot prove itself, or is another one', async () => {
    const code = landed(await answer()).get('code') ?? '';
    const form = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI, code_verifier: verifier };
    const wrong = `Basic ${Buffer.from(`${server.clientId}:x`).toString('base64')}`;
    expect(await post('/token', form, wrong)).toMatchObject({ status: 401, error: 'invalid_client' });
    expect(await post('/token', { ...form, client_id: server.clientId }, '')).toMatchObject({ status: 401 });
    expect(await post('/token', { ...form, client_id: server.publicClientId }, '')).toMatchObject({
      error: 'invalid_grant',
    });
  });

  it('of a public client needs no secret', async () => {
    const code = landed(await answer(query({ client_id: server.publicClientId }))).get('code') ?? '';
    const form = { grant_type: 'authorization_code', code, redirect_uri: REDIRECT_URI, code_verifier: verifier };
    expect(await post('/token', { ...form, client_id: server.publicClientId }, '')).toMatchObject({ status: 200 });
  });
});

describe('a refresh token', () => {
  it('rotates, and its second use revokes the family and is counted', async () => {
    const first = await connect();
    const second = await refresh(first.refresh_token);
    const third = await refresh(second.refresh_token);
    expect(third.refresh_token).not.toBe(second.refresh_token);
    expect(server.reuses()).toBe(0);

    expect(await refresh(first.refresh_token)).toMatchObject({ status: 400, error: 'invalid_grant' });
    expect(server.reuses()).toBe(1);
    expect(await refresh(third.refresh_token)).toMatchObject({ error: 'invalid_grant' });
    expect((await events(third.access_token)).status).toBe(401);
    expect(server.tokenCalls()).toEqual({ authorization_code: 1, refresh_token: 4 });
    expect(await (await fetch(`${server.url}/operator/counters`)).json()).toEqual({
      reuses: 1,
      tokenCalls: { authorization_code: 1, refresh_token: 4 },
    });
  });

  it('is revoked together with its access tokens', async () => {
    const tokens = await connect();
    expect(await post('/revoke', { token: tokens.refresh_token }, 'Basic eDp4')).toMatchObject({ status: 401 });
    expect((await events(tokens.access_token)).status).toBe(200);
    expect(await post('/revoke', { token: tokens.refresh_token })).toEqual({ status: 200 });
    expect((await events(tokens.access_token)).status).toBe(401);
    expect(await post('/revoke', { token: 'unknown' })).toEqual({ status: 200 });
  });

  it('is used up also when the answer is lost', async () => {
    const tokens = await connect();
    server.loseNextAnswer();
    await expect(refresh(tokens.refresh_token)).rejects.toThrow();
    expect(await refresh(tokens.refresh_token)).toMatchObject({ error: 'invalid_grant' });
    expect(server.reuses()).toBe(1);
  });
});

describe('the calendar', () => {
  it('refuses an expired token, and one without the scope', async () => {
    const reader = await connect(query({ scope: 'calendar.read' }));
    const init = { method: 'POST', body: JSON.stringify({ title: 'Tea', startsAt: '2026-12-03T15:00:00Z' }) };
    const refused = await events(reader.access_token, init);
    expect([refused.status, refused.headers.get('www-authenticate')]).toEqual([
      403,
      expect.stringContaining('insufficient_scope'),
    ]);

    server.expireAccessTokens();
    const refusedList = await events(reader.access_token);
    expect([refusedList.status, refusedList.headers.get('www-authenticate')]).toEqual([
      401,
      'Bearer error="invalid_token"',
    ]);
    expect((await events((await refresh(reader.refresh_token)).access_token)).status).toBe(200);
    expect(calendar.calls.map(({ status }) => status)).toEqual([403, 401, 200]);
  });

  it('lets tokens run out by themselves', async () => {
    await calendar.close();
    await server.close();
    await start({ accessTokenSeconds: 1 });
    const tokens = await connect();
    expect((await events(tokens.access_token)).status).toBe(200);
    await expect.poll(async () => (await events(tokens.access_token)).status, { timeout: 5_000 }).toBe(401);
  });

  it('makes an event once for one key, and refuses what its document does not describe', async () => {
    const { access_token: token } = await connect();
    const make = (body: object) =>
      events(token, { method: 'POST', headers: { 'idempotency-key': 'k1' }, body: JSON.stringify(body) });
    const tea = { title: 'Tea', startsAt: '2026-12-03T15:00:00Z' };
    const [first, two] = [await (await make(tea)).json(), await (await make(tea)).json()];
    expect(two).toEqual(first);
    expect((await make({ ...tea, title: 'Coffee' })).status).toBe(422);
    expect(
      (await events(token, { method: 'POST', body: JSON.stringify({ title: 'Tea', startsAt: 'soon' }) })).status,
    ).toBe(400);
    expect(calendar.events('ada')).toHaveLength(4);
  });
});

it('says what it is, and where its document is', async () => {
  const metadataAnswer = await fetch(`${server.url}/.well-known/oauth-authorization-server`);
  const metadata = (await metadataAnswer.json()) as Record<string, string>;
  expect(metadata).toMatchObject({ issuer: server.url, authorization_response_iss_parameter_supported: true });
  const document = (await (await fetch(calendar.documentUrl)).json()) as Calendar['document'];
  const { authorizationCode } = document.components.securitySchemes.account.flows;
  expect(authorizationCode).toMatchObject({
    authorizationUrl: metadata.authorization_endpoint,
    tokenUrl: metadata.token_endpoint,
  });
});
