// What the sign-in with an identity provider refuses: nothing is stored, and a page says why. Sessions are bound to one browser.
import { afterEach, beforeAll, describe, expect, test } from 'vitest';
import type { Misbehaviour } from '../fixtures/identity-provider.ts';
import { disable, type Member, sql } from './members.ts';
import { OidcBrowser } from './oidc-browser.ts';
import { aUser, type OidcStack, startOidcStack } from './oidc-stack.ts';
import { personWith } from './person.ts';

let oidc: OidcStack;
let { issuer, stack, admin, ask, get, signInAs, returnAs, stored } = {} as OidcStack;
beforeAll(async () => {
  oidc = await startOidcStack();
  ({ issuer, stack, admin, ask, get, signInAs, returnAs, stored } = oidc);
  return oidc.close;
});
afterEach(() => {
  issuer.misbehaviour = {};
});

const now = () => Math.floor(Date.now() / 1000);

describe('nothing is stored, and a page says why, when', () => {
  test.each<[string, string, () => Misbehaviour]>([
    [
      'the answer names another issuer',
      'comes from another identity provider',
      () => ({ callback: { iss: 'https://evil.example' } }),
    ],
    ['the answer lacks its issuer', 'comes from another identity provider', () => ({ callback: { iss: undefined } })],
    [
      'the token was issued by another issuer',
      'issued by another issuer',
      () => ({ claims: { iss: 'https://evil.example' } }),
    ],
    ['the token is for another client', 'for another client', () => ({ claims: { aud: 'someone-else' } })],
    [
      'another client asked for the token',
      'for another client',
      () => ({ claims: { aud: ['errand', 'x'], azp: 'x' } }),
    ],
    ['the nonce is of another sign-in', 'belongs to another sign-in', () => ({ claims: { nonce: 'x'.repeat(43) } })],
    ['there is no nonce', 'not valid|no usable tokens', () => ({ claims: { nonce: undefined } })],
    ['the token has expired', 'has expired', () => ({ claims: { iat: now() - 7200, exp: now() - 3600 } })],
    ['the token has no expiry', 'no usable tokens', () => ({ claims: { exp: undefined } })],
    ['the token is not signed', 'algorithm is not accepted', () => ({ header: { alg: 'none' }, signature: 'none' })],
    ['the secret of the client signed', 'algorithm is not accepted', () => ({ header: { alg: 'HS256' } })],
    [
      'an unknown key signed',
      'signature is not that of the issuer',
      () => ({ header: { kid: 'k9' }, signature: 'unknown key' }),
    ],
    ['another key signed', 'signature is not that of the issuer', () => ({ signature: 'unknown key' })],
    ['the subject is too long', 'sub', () => ({ claims: { sub: 's'.repeat(300) } })],
    [
      'the groups are too many for the token',
      'too many',
      () => ({ claims: { groups: undefined, _claim_names: { groups: 'src1' } } }),
    ],
    ['the user refuses', 'denied the sign-in', () => ({ callback: { code: undefined, error: 'access_denied' } })],
    ['the issuer fails', 'server_error', () => ({ callback: { code: undefined, error: 'server_error' } })],
    ['there is no code', 'no code', () => ({ callback: { code: undefined } })],
    ['the code is wrong', 'invalid_grant', () => ({ callback: { code: 'x' } })],
    ['the answer is no JSON', 'no usable tokens', () => ({ token: { status: 200, body: '<html>' } })],
    [
      'the answer has no ID token',
      'no usable tokens',
      () => ({ token: { status: 200, body: '{"access_token":"a","token_type":"bearer"}' } }),
    ],
    [
      'the answer is too large',
      'too large',
      () => ({ token: { status: 200, body: `{"a":"${'x'.repeat(300_000)}"}` } }),
    ],
    ['the issuer answers with an error', 'identity provider', () => ({ token: { status: 500, body: '{}' } })],
  ])('%s', async (_, reason, misbehaviour) => {
    const before = await stored();
    issuer.misbehaviour = misbehaviour();
    const returned = await returnAs(`mallory-${reason}`);
    expect([returned.status, returned.location], returned.text).toEqual([400, '']);
    expect(returned.text).toMatch(new RegExp(reason));
    expect(returned.text).toContain('Back to the console');
    expect(await stored()).toBe(before);
  });

  test('the callback is replayed, comes to another browser, or has no state or several', async () => {
    const browser = new OidcBrowser(stack.url);
    issuer.user = aUser('eve');
    const callback = await browser.consent(await browser.begin());
    const before = await stored();
    const state = new URL(callback).searchParams.get('state')!;
    const withoutState = callback.replace(`state=${state}`, '');
    const name = [...browser.cookies.keys()].find((cookie) => cookie.includes('-login-'))!;
    const forged = { cookie: `${name}=${'A'.repeat(43)}` };
    const other = new OidcBrowser(stack.url);
    for (const returned of [
      await other.visit(callback),
      await other.visit(callback, forged),
      await browser.visit(withoutState),
      await browser.visit(`${callback}&state=${state}`),
      await browser.visit(`${callback}&state=x`),
    ]) {
      expect([returned.status, returned.location]).toEqual([400, '']);
      expect(returned.text).toMatch(/unknown, was used already/);
    }
    expect(await stored()).toBe(before);
    const cookie = browser.cookie;
    expect((await browser.visit(callback)).status).toBe(303);
    const replayed = await new OidcBrowser(stack.url).visit(callback, { cookie });
    expect([replayed.status, replayed.location]).toEqual([400, '']);
  });

  test('the login has expired', async () => {
    const browser = new OidcBrowser(stack.url);
    issuer.user = aUser('late');
    const callback = await browser.consent(await browser.begin());
    await sql(stack, 'UPDATE console_login SET expires_at = now()');
    expect((await browser.visit(callback)).status).toBe(400);
    await new OidcBrowser(stack.url).begin();
    expect(await sql(stack, 'SELECT FROM console_login WHERE expires_at <= now()')).toEqual([]);
  });

  test('the person is disabled, and the workspaces of the person record it', async () => {
    const finn = await get(await signInAs('finn'));
    await disable(stack, finn.person as Member);
    const returned = await returnAs('finn');
    expect([returned.status, returned.location]).toEqual([400, '']);
    expect(returned.text).toContain('disabled your access');
    const { body } = await ask(admin, 'audit.list', { action: 'sign_in.refused' });
    expect(body.entries[0]).toMatchObject({
      actor: { type: 'person', id: finn.person.personId, label: 'FINN', ip: '127.0.0.1' },
      details: { reason: 'disabled' },
    });
  });
});

describe('the ticket of the callback', () => {
  test('opens one session, in the browser that returned, within a minute', async () => {
    issuer.user = aUser('gus');
    const browser = new OidcBrowser(stack.url);
    const { fragment } = await browser.goAndReturn();
    const { cookie } = browser;
    for (const headers of [
      { cookie: undefined },
      { cookie: cookie.replace(/-ticket=[^;]+/, `-ticket=${'A'.repeat(43)}`) },
    ])
      expect((await browser.redeem(fragment, headers)).body.code).toBe('sign_in_refused');
    expect((await browser.redeem('A'.repeat(43), { cookie })).status).toBe(400);
    expect((await browser.redeem(fragment, { cookie, origin: 'https://evil.example' })).status).toBe(403);
    const answers = await Promise.all(Array.from({ length: 10 }, () => browser.redeem(fragment, { cookie })));
    expect(answers.map(({ status }) => status).sort()).toEqual([200, ...new Array(9).fill(400)]);

    const late = new OidcBrowser(stack.url);
    const returned = await late.goAndReturn();
    await sql(stack, 'UPDATE console_login SET expires_at = now() WHERE ticket_hmac IS NOT NULL');
    expect((await late.redeem(returned.fragment)).body.code).toBe('sign_in_refused');
  });

  test('replaces a session from before', async () => {
    const before = await signInAs('hal');
    const { sessionId } = (await get(before)).person;
    issuer.user = aUser('hal');
    const browser = new OidcBrowser(stack.url);
    const { fragment } = await browser.goAndReturn();
    const { body } = await browser.redeem(fragment, {
      cookie: `${before.cookie}; ${browser.cookie}`,
      'x-errand-console': before.token,
    });
    const after = personWith(stack.url, browser.cookie, body.token);
    expect((await get(after)).person.sessionId).not.toBe(sessionId);
    expect((await before.call('session.get')).status).toBe(401);
  });
});

test('codes, states, nonces, verifiers, tickets and tokens are in no log and in no table', async () => {
  issuer.user = aUser('mia');
  const browser = new OidcBrowser(stack.url);
  await new OidcBrowser(stack.url).begin();
  const { fragment } = await browser.goAndReturn();
  const secrets = [...issuer.secrets, fragment.replace('oidc.', ''), ...browser.cookies.values()];
  expect(secrets.length).toBeGreaterThan(20);
  const dump = await stored();
  const logins = await sql(stack, 'SELECT FROM console_login');
  expect(logins.length).toBeGreaterThanOrEqual(2);
  expect(stack.log()).toContain('/console/sign-in/oidc/callback');
  for (const secret of secrets.filter((text) => text.length > 10))
    for (const text of [
      secret,
      Buffer.from(secret).toString('hex'),
      Buffer.from(secret, 'base64url').toString('hex'),
    ]) {
      expect(stack.log()).not.toContain(text);
      expect(dump).not.toContain(text);
    }
  expect(stack.log()).not.toContain('client-secret');
});

test('an address begins a limited number of sign-ins in a minute', async () => {
  const browser = new OidcBrowser(stack.url);
  let refused: Awaited<ReturnType<OidcBrowser['visit']>> | undefined;
  for (let starts = 0; starts <= 120 && !refused; starts++) {
    browser.cookies.clear();
    const started = await browser.visit('/console/sign-in/oidc');
    if (started.status !== 303) refused = started;
  }
  expect(refused).toMatchObject({ status: 429, location: '', text: expect.stringContaining('Try again in a minute') });
});
