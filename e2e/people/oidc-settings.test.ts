// Settings of the sign-in with an identity provider: domains, and issuers that do not answer or may not be called.
import { beforeAll, expect, test } from 'vitest';
import { settingsFor } from '../fixtures/identity-provider.ts';
import { stackForTest } from '../fixtures/stack.ts';
import { sql } from './members.ts';
import { OidcBrowser } from './oidc-browser.ts';
import { aUser, type OidcStack, startOidcStack } from './oidc-stack.ts';

let oidc: OidcStack;
beforeAll(async () => {
  oidc = await startOidcStack({ ERRAND_OIDC_DOMAINS: 'example.com,example.org' });
  return () => oidc.stack.close();
});

async function returnWith(claims: object) {
  oidc.issuer.user = { ...aUser('ann'), ...claims };
  return new OidcBrowser(oidc.stack.url).goAndReturn();
}

test.each<[string, string, object]>([
  ['there is no address', 'not verified', {}],
  ['the address is not verified', 'not verified', { email: 'a@example.com', email_verified: false }],
  ['the issuer does not say so', 'not verified', { email: 'a@example.com' }],
  ['the issuer says so in a text', 'not verified', { email: 'a@example.com', email_verified: 'true' }],
  ['only another address is verified', 'not verified', { email_verified: true }],
  ['the domain is another one', 'domain that may not sign in', { email: 'a@evil.example', email_verified: true }],
  ['the domain is below', 'domain that may not sign in', { email: 'a@sub.example.com', email_verified: true }],
  ['the domain ends alike', 'domain that may not sign in', { email: 'a@notexample.com', email_verified: true }],
  ['the domain is before the last @', 'domain', { email: 'a@example.com@evil.example', email_verified: true }],
])('with domains, a sign-in is refused when %s', async (_, reason, claims) => {
  const before = await oidc.stored();
  const returned = await returnWith(claims);
  expect([returned.status, returned.location]).toEqual([400, '']);
  expect(returned.text).toContain(reason);
  expect(await oidc.stored()).toBe(before);
});

test('with domains, a verified address signs in, and the workspaces record a later refusal', async () => {
  expect((await returnWith({ email: 'Ann@Example.ORG', email_verified: true })).status).toBe(303);
  expect((await returnWith({ email: 'ann@evil.example', email_verified: true })).status).toBe(400);
  const { body } = await oidc.ask(oidc.admin, 'audit.list', { action: 'sign_in.refused' });
  expect(body.entries).toMatchObject([{ actor: { label: 'ANN' }, details: { reason: 'domain' } }]);
  const { body: listed } = await oidc.ask(oidc.admin, 'members.list');
  expect(listed.members).toContainEqual(expect.objectContaining({ name: 'ANN', email: 'Ann@Example.ORG' }));
});

test('an issuer that does not answer stops a sign-in under way and one that begins', async () => {
  const { stack, issuer } = oidc;
  const browser = new OidcBrowser(stack.url);
  const callback = await browser.consent(await browser.begin());
  await issuer.close();
  const underWay = () => sql(stack, 'SELECT FROM console_login WHERE state_hmac IS NOT NULL');
  expect(await underWay()).toHaveLength(1);
  const returned = await browser.visit(callback);
  expect([returned.status, returned.text]).toEqual([400, expect.stringContaining('does not answer')]);
  await stack.restart();
  const begun = await new OidcBrowser(stack.url).visit('/console/sign-in/oidc');
  expect([begun.status, begun.text]).toEqual([400, expect.stringContaining('does not answer')]);
  expect(await underWay()).toEqual([]);
});

test('an issuer at a private address needs ERRAND_EGRESS_ALLOW, and the page says so', async () => {
  const env = settingsFor({ origin: 'https://127.0.0.1:9' }, {});
  const stack = await stackForTest({ env, seed: false });
  const { status, text } = await new OidcBrowser(stack.url).visit('/console/sign-in/oidc');
  expect([status, text]).toEqual([400, expect.stringContaining('add https://127.0.0.1:9 to ERRAND_EGRESS_ALLOW')]);
});

test('without settings there is nothing to sign in with but links', async () => {
  const stack = await stackForTest({ seed: false });
  const browser = new OidcBrowser(stack.url);
  expect((await browser.visit('/console/sign-in/methods')).text).toBe('{"oidc":null}');
  expect((await browser.visit('/console/sign-in/oidc/callback?code=x&state=y')).location).toBe('');
  expect((await browser.redeem('A'.repeat(43))).status).toBe(405);
});
