// People sign in with an identity provider at another site, in Chromium: no secret stays in an address, and no policy is violated.
import { beforeAll, expect, test } from 'vitest';
import { settingsFor, startIssuer, type TestIssuer } from '../fixtures/identity-provider.ts';
import { type Stack, startStack } from '../fixtures/stack.ts';
import { faultsOf } from './axe.ts';
import { withBrowser } from './window.ts';

let issuer: TestIssuer;
let stack: Stack;
beforeAll(async () => {
  issuer = await startIssuer('localhost');
  const groups = { staff: { workspace: 'default', role: 'decider' } };
  stack = await startStack({ allow: [issuer.origin], env: settingsFor(issuer, groups), seed: false });
  return async () => {
    await stack.close();
    await issuer.close();
  };
});
const open = withBrowser();

test('the button signs in, and returns to the page where it was', async () => {
  const { page, complaints } = await open();
  issuer.user = { sub: 'ada', name: 'Ada', groups: ['staff'] };
  await page.goto(`${stack.url}/console/account`);
  const button = page.getByRole('link', { name: `Sign in with ${new URL(issuer.origin).host}` });
  await button.waitFor();
  expect(await faultsOf(page)).toEqual([]);
  // The page has asked without a session.
  expect(complaints.every((text) => text.includes('401'))).toBe(true);
  await button.click();
  await page.getByRole('heading', { name: 'Signed in as Ada' }).waitFor();
  expect(page.url()).toBe(`${stack.url}/console/account`);
  expect(await faultsOf(page)).toEqual([]);
  await page.reload();
  await page.getByRole('heading', { name: 'Signed in as Ada' }).waitFor();
  const names = (await page.context().cookies()).map(({ name }) => name);
  expect(names.filter((name) => name.includes('login') || name.includes('ticket'))).toEqual([]);
});

test('without a workspace the page says so, and leads back', async () => {
  const { page } = await open();
  issuer.user = { sub: 'bob', name: 'Bob <b>', groups: [] };
  await page.goto(`${stack.url}/console/sign-in/oidc`);
  await page.getByText('You are signed in as Bob <b> and belong to no workspace. Ask an administrator.').waitFor();
  await page.getByRole('link', { name: 'Back to the console' }).click();
  await page.getByRole('heading', { name: 'You are not signed in' }).waitFor();
});
