// A token that its service refuses with 401: who is notified, who is asked, and how the run continues.
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Browser } from './fixtures/browser.ts';
import { aPlan, aRun, carryOut, eventsOf } from './fixtures/builders.ts';
import { json, type Stub, type StubOperation } from './fixtures/stub.ts';
import { type Api, overRest } from './fixtures/transports.ts';
import { openWorkspace, startCallableStub, type Workspace } from './fixtures/workspace.ts';

let workspace: Workspace;
let shop: Stub;
let api: Api;
let id: string;
let userId = '';
let users = 0;
/** Tokens that the shop accepts, its answer to them, and a promise that its answers wait for. */
let valid: Set<string>;
let status: number;
let gate: Promise<void> | undefined;

const answer: StubOperation['answer'] = async (response, { headers, operation }) => {
  await gate;
  if (!valid.has(headers.authorization?.replace('Bearer ', '') ?? '')) return json(response, { error: 'no' }, 401);
  json(response, { done: operation }, status);
};

beforeAll(async () => {
  shop = await startCallableStub({ whoAmI: { answer }, list: { answer }, buy: { method: 'POST', answer } });
  workspace = await openWorkspace({ seed: false });
  api = overRest(workspace);
  return () => Promise.all([workspace.close(), shop.close()]);
});
beforeEach(async () => {
  userId = `user-${++users}`;
  [valid, status, gate] = [new Set(['good-token']), 200, undefined];
  id = await register({ type: 'API_TOKEN' });
  shop.hits.length = 0;
});

type Auth = Parameters<Api['integrations']['create']>[0]['auth'];
const register = async (auth: Auth, document = shop.document) =>
  (await api.integrations.create({ name: 'Shop', kind: 'openapi', document, auth })).customerIntegrationId;
const put = (apiToken: string) => api.integrations.putCredentials({ customerIntegrationId: id, userId, apiToken });
const user = () => api.integrations.getUser({ customerIntegrationId: id, userId });
const calling = (operation: string, more = {}) =>
  aRun({ userId, selectedCustomerIntegrationIds: [id], plan: aPlan(`${id}.${operation}`), ...more });
const reaches = (runId: string, status: string) =>
  expect.poll(async () => (await api.runs.get({ runId })).status, { timeout: 60_000, interval: 50 }).toBe(status);
const authorizations = () => shop.hits.map(({ headers }) => headers.authorization);
const marks = async () =>
  (await api.audit.list({ action: 'credential.rejected' })).entries.filter(({ target }) => target === id);

test.each(['list', 'buy'])(
  'a run whose user’s token is refused at %s asks for another, and continues',
  async (operation) => {
    await put('wrong-token');
    const { runId } = await api.runs.create(calling(operation));
    await reaches(runId, 'AUTH_REQUIRED');
    expect(await user()).toMatchObject({ active: false, needsReconnect: true, reconnectReason: 'rejected' });
    expect(await marks()).toMatchObject([{ details: { of: 'user', userId, reason: 'rejected' } }]);
    const [pendingConsent] = (await api.pending.list({ userId })).pending;
    expect(pendingConsent).toMatchObject({ kind: 'consent', runId, text: expect.stringContaining('did not accept') });
    const events = (await api.runs.events({ runId, after: 0 })).events;
    const link = events.flatMap((event) =>
      event.type === 'authentication' && 'url' in event.auth ? [event.auth.url] : [],
    );
    expect(link).toEqual([expect.stringContaining('/v1/connect?token=')]);

    await put('good-token');
    expect((await eventsOf(api, runId)).at(-1)).toMatchObject({ type: 'end', runStatus: 'SUCCESS' });
    expect(authorizations()).toEqual(['Bearer wrong-token', 'Bearer good-token']);
    expect(await user()).toMatchObject({ active: true, needsReconnect: false });
  },
);

test('a token of the integration lets a run of a user without one continue', async () => {
  const { runId } = await api.runs.create(calling('list'));
  await reaches(runId, 'AUTH_REQUIRED');
  await api.integrations.patch({ customerIntegrationId: id, auth: { type: 'API_TOKEN', token: 'good-token' } });
  expect((await eventsOf(api, runId)).at(-1)).toMatchObject({ type: 'end', runStatus: 'SUCCESS' });
  expect(authorizations()).toEqual(['Bearer good-token']);
});

test('a new token is requested after each refusal, within the budget of the run', async () => {
  await put('wrong-token-1');
  const { runId } = await api.runs.create(calling('buy', { budget: { maxToolCalls: 3 } }));
  for (const next of ['wrong-token-2', 'wrong-token-3', 'wrong-token-4']) {
    await reaches(runId, 'AUTH_REQUIRED');
    expect((await user()).needsReconnect).toBe(true);
    await put(next);
  }
  const end = (await eventsOf(api, runId)).at(-1);
  expect(end).toMatchObject({ type: 'end', error: { code: 'budget_exhausted' } });
  expect(authorizations()).toEqual(['Bearer wrong-token-1', 'Bearer wrong-token-2', 'Bearer wrong-token-3']);
});

test('a token that was stored while others were refused is used at once, and is not marked', async () => {
  await put('old-token');
  let release = () => {};
  gate = new Promise((resolve) => {
    release = resolve;
  });
  const runs = await Promise.all(Array.from({ length: 6 }, () => api.runs.create(calling('buy'))));
  await expect.poll(() => shop.hits.length, { timeout: 60_000, interval: 20 }).toBe(6);
  await put('good-token');
  release();
  for (const { runId } of runs) {
    const events = await eventsOf(api, runId);
    expect(events.at(-1)).toMatchObject({ runStatus: 'SUCCESS' });
    expect(events.filter(({ type }) => type === 'authentication')).toEqual([]);
  }
  expect(authorizations().sort()).toEqual([
    ...Array(6).fill('Bearer good-token'),
    ...Array(6).fill('Bearer old-token'),
  ]);
  expect([await marks(), (await user()).needsReconnect]).toEqual([[], false]);
});

test('several runs with the same refused token all continue after one new token', async () => {
  await put('wrong-token');
  const runs = await Promise.all(Array.from({ length: 5 }, () => api.runs.create(calling('list'))));
  for (const { runId } of runs) await reaches(runId, 'AUTH_REQUIRED');
  expect(await marks()).toHaveLength(1);
  await put('good-token');
  for (const { runId } of runs) await reaches(runId, 'SUCCESS');
});

test('a 403 does not mark the token', async () => {
  await put('good-token');
  status = 403;
  const { run } = await carryOut(api, calling('list'));
  expect(run).toMatchObject({ status: 'FAILED', error: { code: 'upstream_error' } });
  expect([await user(), await marks()]).toMatchObject([{ active: true, needsReconnect: false }, []]);
});

test('a refused token of the workspace ends the step, and is marked for its owner', async () => {
  id = await register({ type: 'API_TOKEN', token: 'wrong-token' });
  for (let i = 0; i < 2; i++) {
    const { run, events } = await carryOut(api, calling('list'));
    expect(run).toMatchObject({ status: 'FAILED', error: { code: 'credential_rejected' } });
    expect(run.error?.message).toContain('PATCH');
    expect(events.filter(({ type }) => type === 'authentication')).toEqual([]);
  }
  expect(await api.integrations.get({ customerIntegrationId: id })).toMatchObject({
    token: { needsReconnect: true, reconnectReason: 'rejected' },
  });
  expect(await marks()).toMatchObject([{ details: { of: 'workspace', reason: 'rejected' } }]);
  const auth = { type: 'API_TOKEN', token: 'good-token' } as const;
  expect((await api.integrations.patch({ customerIntegrationId: id, auth })).token?.needsReconnect).toBe(false);
  expect((await carryOut(api, calling('list'))).run.status).toBe('SUCCESS');
});

test('a refused passed-through token ends the step, and no one is asked', async () => {
  id = await register({ type: 'NONE' });
  const passThrough = [{ customerIntegrationId: id, headers: { Authorization: 'Bearer wrong-token' } }];
  const { run, events } = await carryOut(api, calling('list', { passThrough }));
  expect(run).toMatchObject({ status: 'FAILED', error: { code: 'credential_rejected' } });
  expect(events.filter(({ type }) => type === 'authentication')).toEqual([]);
  expect(authorizations()).toEqual(['Bearer wrong-token']);
});

describe('the page that takes a token', () => {
  const enter = async (apiToken: string) => {
    const { authorizeUrl } = await api.integrations.authUrl({ customerIntegrationId: id, userId });
    const browser = new Browser();
    return browser.submit(await browser.open(authorizeUrl), { decision: 'allow', apiToken });
  };

  test('stores none that the service refuses, and reports that', async () => {
    const refused = await enter('wrong-token');
    expect([refused.status, refused.html]).toEqual([400, expect.stringContaining('Shop did not accept this token')]);
    expect(refused.html).not.toContain('wrong-token');
    expect(await user()).toMatchObject({ active: false });
    expect(await user()).not.toHaveProperty('token');
    // By the read that tells who calls, and by nothing else.
    expect(shop.hits.map(({ method, url }) => [method, url])).toEqual([['GET', '/whoAmI']]);

    const taken = await enter('good-token');
    expect([taken.status, taken.html]).toEqual([200, expect.stringContaining('The service accepted the token.')]);
    expect((await user()).active).toBe(true);
  });

  test.each([403, 404, 500])(
    'stores one that the service answers with %i, and reports that it was not verified',
    async (code) => {
      status = code;
      const { html } = await enter('good-token');
      expect(html).toContain('stored without a test');
      expect((await user()).active).toBe(true);
    },
  );

  test('tries nothing without a harmless read', async () => {
    const document = JSON.parse(shop.document);
    document.paths = { '/buy': document.paths['/buy'], '/list': document.paths['/list'] };
    document.paths['/list'].get.parameters = [{ name: 'q', in: 'query', required: true, schema: { type: 'string' } }];
    id = await register({ type: 'API_TOKEN' }, JSON.stringify(document));
    expect((await enter('wrong-token')).html).toContain('stored without a test');
    expect(shop.hits).toEqual([]);
  });
});
