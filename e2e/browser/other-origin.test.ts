// The page of a product, on another origin than Errand: its user asks, watches over restarts, connects an account and approves.
import { readFileSync } from 'node:fs';
import type { Page, Request } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { type Stack, startStack } from '../fixtures/stack.ts';
import { type Api, overRest } from '../fixtures/transports.ts';
import { type Product, startProduct } from './product/start-product.ts';
import { withBrowser } from './window.ts';

const open = withBrowser();
let listed: Product;
let unlisted: Product;
let outside: Product;
/** With tokens that live a minute. */
let brief: Product;
let stack: Stack;
let api: Api;
beforeAll(async () => {
  const products = await Promise.all([startProduct(), startProduct(), startProduct(), startProduct({ minutes: 1 })]);
  [listed, unlisted, outside, brief] = products;
  const env = { ERRAND_CORS_ORIGINS: [listed, unlisted, brief].map(({ origin }) => origin).join(',') };
  stack = await startStack({ seed: false, env });
  api = overRest(stack);
  // Each user brings a token of the CRM.
  const crm = { name: 'CRM', kind: 'openapi', url: stack.crm.documentUrl, auth: { type: 'API_TOKEN' } } as const;
  await api.integrations.create({ ...crm, enable: 'all' });
  await api.workspace.setBrowserOrigins({ origins: [listed.origin, brief.origin] });
  const scopes = ['runs:read', 'runs:write', 'approvals:decide', 'connections:write'] as const;
  const { key } = await api.apiKeys.create({ name: 'product', scopes: [...scopes] });
  for (const product of products) product.errand = { url: stack.url, apiKey: key };
  return async () => {
    await stack.close();
    await Promise.all(products.map((product) => product.close()));
  };
});

const stateOf = (page: Page) => page.getByRole('status');
const seqsOn = (page: Page) =>
  page.evaluate<number[]>(`[...document.querySelectorAll('#events li')].map((item) => Number(item.dataset.seq))`);

/** All that a request of the browser sends, as text. */
const sentBy = async (request: Request) =>
  [request.method(), request.url(), JSON.stringify(await request.allHeaders()), request.postData() ?? ''].join('\n');

/** All that the pages of a window store. */
const storedBy = async (page: Page) => {
  const { cookies, origins } = await page.context().storageState({ indexedDB: true });
  const session = await Promise.all(
    page
      .context()
      .pages()
      .map((each) => each.evaluate('JSON.stringify({ ...sessionStorage })')),
  );
  return JSON.stringify([cookies, origins, session, await page.content()]);
};

test('a run is watched over restarts, approved and connected from a page; no API key reaches the browser', async () => {
  const { page } = await open();
  const sent: Promise<string>[] = [];
  const urls: string[] = [];
  page.context().on('request', (request) => {
    urls.push(request.url());
    sent.push(sentBy(request));
  });
  await page.goto(listed.origin);
  await page.getByRole('button', { name: 'Ask' }).click();

  // The run waits for the account of the user, while Errand is killed and started again.
  const link = page.getByRole('link', { name: 'Connect your account' });
  await link.waitFor();
  const before = await seqsOn(page);
  await stack.restart();
  const [consent] = await Promise.all([page.context().waitForEvent('page'), link.click()]);
  await consent.getByLabel('Token').fill(stack.crm.token);
  await consent.getByRole('button', { name: 'Save' }).click();
  await consent.waitForURL(/\/v1\/connect\/done\?status=success/);

  // It waits for the approval, over another restart.
  const approve = page.getByRole('button', { name: 'Approve' });
  await approve.waitFor();
  const waiting = await seqsOn(page);
  expect(waiting.length).toBeGreaterThan(before.length);
  await stack.restart();
  await approve.click();
  await expect.poll(() => stateOf(page).textContent()).toBe('Done');

  const runId = await page.evaluate<string>('document.body.dataset.runId');
  const { events } = await api.runs.events({ runId, after: 0 });
  expect(await seqsOn(page)).toEqual(events.map(({ seq }) => seq));
  expect(events.at(-1)).toMatchObject({ type: 'end' });
  expect(await api.runs.get({ runId })).toMatchObject({ status: 'SUCCESS', userId: 'ada' });

  const keys = [stack.apiKey, listed.errand.apiKey, 'er_live_'];
  const everything = `${(await Promise.all(sent)).join('\n')}\n${await storedBy(page)}`;
  for (const key of keys) expect(everything.includes(key)).toBe(false);
  // The assertion sees the headers: the token is in them, and in no URL.
  expect(listed.tokens.length).toBeGreaterThan(0);
  expect(listed.tokens.some((token) => everything.includes(`Bearer ${token}`))).toBe(true);
  for (const token of listed.tokens) expect(urls.join('\n')).not.toContain(token);
  expect(urls.some((url) => url.startsWith(`${stack.url}/v1/runs/${runId}/sse`))).toBe(true);
});

test('a page with @errand/client/browser continues over restarts and the ends of tokens', async () => {
  await api.users.erase({ userId: 'ada' });
  const { page } = await open();
  const streams: string[] = [];
  page.on('request', (request) => {
    if (request.url().includes('/sse?')) streams.push(request.headers().authorization ?? '');
  });
  await page.goto(`${brief.origin}/client.html`);
  await page.getByRole('button', { name: 'Ask' }).click();

  const connect = page.getByRole('button', { name: 'Connect CRM' });
  await connect.waitFor();
  await stack.restart();
  const [consent] = await Promise.all([page.context().waitForEvent('page'), connect.click()]);
  await consent.getByLabel('Token').fill(stack.crm.token);
  // The opener is out of reach of the page for the consent.
  expect(await consent.evaluate('window.opener')).toBeNull();
  await stack.restart();
  await consent.getByRole('button', { name: 'Save' }).click();
  await consent.waitForURL(/\/v1\/connect\/done\?status=success/);
  // The page learns by the stream that the account is connected.
  await expect.poll(() => connect.count()).toBe(0);

  const approve = page.getByRole('button', { name: 'Approve' });
  await approve.waitFor();
  // Two tokens end while the run waits.
  await expect.poll(() => new Set(streams).size, { timeout: 170_000 }).toBeGreaterThan(2);
  await stack.restart();
  await approve.click();
  await expect.poll(() => stateOf(page).textContent()).toBe('Done');

  const runId = await page.evaluate<string>('document.body.dataset.runId');
  const { events } = await api.runs.events({ runId, after: 0 });
  expect(await seqsOn(page)).toEqual(events.map(({ seq }) => seq));
  expect(await page.evaluate('document.body.dataset.states')).toMatch(/^open( reconnecting open)+/);
  expect(new Set(streams).size).toBeLessThanOrEqual(brief.tokens.length);
}, 400_000);

test('a page that the workspace does not list reads the refusal', async () => {
  const { page } = await open();
  await page.goto(unlisted.origin);
  await page.getByRole('button', { name: 'Ask' }).click();
  const refusal = `403 origin_not_allowed: The workspace of the token does not list the origin of a page of ${unlisted.origin}.`;
  await expect.poll(() => stateOf(page).textContent()).toBe(`Error: ${refusal}`);
});

test('a page outside the setting is stopped by the browser', async () => {
  const { page, complaints } = await open();
  await page.goto(outside.origin);
  await page.getByRole('button', { name: 'Ask' }).click();
  await expect.poll(() => stateOf(page).textContent()).toBe('TypeError: Failed to fetch');
  expect(complaints.join('\n')).toMatch(/blocked by CORS policy/);
});

test('a page with an API key reads why the key is refused', async () => {
  const { page } = await open();
  await page.goto(listed.origin);
  const { url, apiKey } = stack;
  const answerTo = (headers: object) =>
    page.evaluate(`fetch('${url}/v1/session', { headers: ${JSON.stringify(headers)} })
      .then(async (response) => [response.status, (await response.json()).code, response.headers.get('x-request-id') !== null])`);
  const answers = [await answerTo({ 'x-api-key': apiKey }), await answerTo({ authorization: `Bearer ${apiKey}` })];
  expect(answers).toEqual([
    [403, 'key_in_browser', true],
    [403, 'key_in_browser', true],
  ]);
});

test('docs/browsers.md shows the code of the page', () => {
  const code = readFileSync(new URL('./product/ask.js', import.meta.url), 'utf8');
  expect(readFileSync(new URL('../../docs/browsers.md', import.meta.url), 'utf8')).toContain(code.trimEnd());
});
