// @errand/react on the page of a product: its state over restarts, and the connections that it keeps.
import { once } from 'node:events';
import { createServer, request as forward } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RunEvent } from '@errand/contracts';
import type { Page } from 'playwright-core';
import { beforeAll, expect, test } from 'vitest';
import { aPlan, aRun } from '../fixtures/builders.ts';
import { type Stack, startStack } from '../fixtures/stack.ts';
import { type Api, overRest } from '../fixtures/transports.ts';
import { type Product, startProduct } from './product/start-product.ts';
import { withBrowser } from './window.ts';

const open = withBrowser();
let product: Product;
let stack: Stack;
let api: Api;
let crm: string;
/** The paths of the streams that are open at the service. */
const streams: string[] = [];

beforeAll(async () => {
  product = await startProduct();
  stack = await startStack({ seed: false, env: { ERRAND_CORS_ORIGINS: product.origin } });
  api = overRest(stack);
  const service = { name: 'CRM', kind: 'openapi', url: stack.crm.documentUrl, auth: { type: 'API_TOKEN' } } as const;
  crm = (await api.integrations.create({ ...service, enable: 'all' })).customerIntegrationId;
  await api.workspace.setBrowserOrigins({ origins: [product.origin] });
  const front = await startFront(stack.url);
  product.errand = { url: front.url, apiKey: stack.apiKey };
  return async () => {
    front.close();
    await stack.close();
    await product.close();
  };
});

/** Stands between the page and the service, and counts open streams. */
async function startFront(target: string) {
  const server = createServer((request, response) => {
    const { method, headers, url = '' } = request;
    const isStream = url.includes('/sse') && method === 'GET';
    if (isStream) streams.push(url);
    const upstream = forward(target + url, { method, headers }, (answer) => {
      response.writeHead(answer.statusCode!, answer.headers);
      answer.pipe(response);
      answer.on('error', () => response.destroy());
    });
    upstream.on('error', () => response.destroy());
    response.on('close', () => {
      upstream.destroy();
      if (isStream) streams.splice(streams.indexOf(url), 1);
    });
    request.pipe(upstream);
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  const close = () => {
    server.closeAllConnections();
    server.close();
  };
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, close };
}

type View = { seqs: number[]; [name: string]: unknown };
const views = (page: Page) =>
  page.evaluate<View[]>(`[...document.querySelectorAll('output')].map((output) => JSON.parse(output.textContent))`);
const view = async (page: Page) => (await views(page))[0];
const show = (page: Page, ...runIds: string[]) => page.evaluate(`location.hash = '${runIds.join(',')}'`);
const seqsOf = async (runId: string) =>
  (await api.runs.events({ runId, after: 0 })).events.map(({ seq }: RunEvent) => seq);

/** A run of a user that waits for an account, and then for an approval. */
async function startRun(userId = 'ada'): Promise<string> {
  await api.users.erase({ userId });
  const steps = [{ id: 'write', tool: `${crm}.createActivity`, args: { body: ACTIVITY } }];
  const plan = aPlan('', { steps });
  const { runId } = await api.runs.create(aRun({ userId, plan, approvalStrategy: 'ON_WRITE' }));
  await expect.poll(async () => (await api.runs.get({ runId })).status).toBe('AUTH_REQUIRED');
  return runId;
}
const ACTIVITY = { accountId: 'acc_000001', type: 'call', subject: 'Call', scheduledAt: '2026-12-01T10:00:00.000Z' };

async function connect(page: Page): Promise<void> {
  const click = page.getByRole('button', { name: 'Connect' }).first().click();
  const [consent] = await Promise.all([page.context().waitForEvent('page'), click]);
  await consent.getByLabel('Token').fill(stack.crm.token);
  await consent.getByRole('button', { name: 'Save' }).click();
  await consent.waitForURL(/\/v1\/connect\/done\?status=success/);
}

test('two components show a run over restarts with one stream, until its result', async () => {
  const runId = await startRun();
  const { page, complaints } = await open();
  await page.goto(`${product.origin}/hooks.html#${runId},${runId}`);
  await expect
    .poll(() => view(page))
    .toMatchObject({
      status: 'AUTH_REQUIRED',
      waitingFor: expect.arrayContaining(['consent', 'call']),
      connection: 'open',
    });
  // One of the run, and one of the requests.
  expect(streams.toSorted()).toEqual(['/v1/pending/sse', `/v1/runs/${runId}/sse?progress=false`]);
  await stack.restart();
  await connect(page);
  await expect
    .poll(() => view(page))
    .toMatchObject({ status: 'PAUSED', waitingFor: ['call'], steps: ['write waiting'] });
  expect(await page.getByRole('region', { name: 'requests' }).first().getAttribute('data-stable')).toBe('true');

  // The token may not change arguments.
  await page.getByRole('button', { name: 'Change' }).first().click();
  await expect.poll(() => page.getByRole('alert').first().textContent()).toContain('need the ability edit');
  await stack.restart();
  await page.getByRole('button', { name: 'Approve' }).first().click();
  const ended = { status: 'SUCCESS', connection: 'ended', waitingFor: [], steps: ['write done'] };
  await expect.poll(() => view(page)).toMatchObject(ended);
  const [first, second] = await views(page);
  expect(first).toEqual(second);
  expect(first!.seqs).toEqual(await seqsOf(runId));
  await expect.poll(() => page.getByRole('article').count()).toBe(0);
  // Nothing of React; requests fail while the service restarts.
  expect(complaints.filter((text) => !/^Failed to load resource|blocked by CORS policy/.test(text))).toEqual([]);
});

test('another run starts from nothing, and a component that is removed leaves no connection', async () => {
  const [runId, otherId] = [await startRun('ada'), await startRun('ben')];
  const { page } = await open();
  await page.goto(`${product.origin}/hooks.html#${runId}`);
  await expect.poll(async () => (await view(page))?.status).toBeDefined();
  // The run of another user does not exist for the token.
  await show(page, otherId);
  await expect
    .poll(() => view(page))
    .toMatchObject({ connection: 'ended', failure: expect.stringContaining('run'), seqs: [] });
  expect(streams).toEqual(['/v1/pending/sse']);
  await show(page, runId);
  await expect.poll(async () => (await view(page))?.seqs).toEqual(await seqsOf(runId));
  expect(streams).toHaveLength(2);
  await show(page);
  await expect.poll(() => streams).toEqual([]);
});

test('the snippet of the README shows a run, connects, approves, and shows the outcome', async () => {
  const runId = await startRun();
  const { page } = await open();
  await page.goto(`${product.origin}/readme.html#${runId}`);
  await connect(page);
  await page.getByRole('button', { name: 'Approve' }).click();
  await expect.poll(() => page.getByRole('listitem').allTextContents()).toEqual([expect.stringMatching(/: done$/)]);
  const { summary } = await api.runs.get({ runId });
  await expect.poll(() => page.getByRole('status').textContent()).toBe(summary);
});
