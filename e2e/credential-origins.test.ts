// A credential belongs to the origin for which it was stored. If an integration's origin changes, the new one never receives it.
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { Browser } from './fixtures/browser.ts';
import { aPlan, aRun, carryOut, eventsOf } from './fixtures/builders.ts';
import { json, type Stub } from './fixtures/stub.ts';
import { type Api, overRest } from './fixtures/transports.ts';
import { openWorkspace, startCallableStub, type Workspace } from './fixtures/workspace.ts';

let workspace: Workspace;
let shop: Stub;
let elsewhere: Stub;
let api: Api;
let id: string;
let userId = '';
let users = 0;

beforeAll(async () => {
  const list = { answer: (response: Parameters<typeof json>[0]) => json(response, ['hammer']) };
  const buy = { method: 'POST', answer: list.answer } as const;
  [shop, elsewhere] = [await startCallableStub({ list, buy }), await startCallableStub({ list, buy })];
  workspace = await openWorkspace({ seed: false });
  api = overRest(workspace);
  return () => Promise.all([workspace.close(), shop.close(), elsewhere.close()]);
});
beforeEach(async () => {
  userId = `user-${++users}`;
  shop.hits.length = 0;
  elsewhere.hits.length = 0;
  id = await register({ type: 'API_TOKEN' });
});

type Auth = Parameters<Api['integrations']['create']>[0]['auth'];
const register = async (auth: Auth, document = shop.document, more: { customerIntegrationId?: string } = {}) =>
  (await api.integrations.create({ name: 'Shop', kind: 'openapi', document, auth, ...more })).customerIntegrationId;
const put = (apiToken: string) => api.integrations.putCredentials({ customerIntegrationId: id, userId, apiToken });
const user = () => api.integrations.getUser({ customerIntegrationId: id, userId });
const aListing = (more = {}) =>
  aRun({ userId, selectedCustomerIntegrationIds: [id], plan: aPlan(`${id}.list`), ...more });
const reaches = (runId: string, status: string) =>
  expect.poll(async () => (await api.runs.get({ runId })).status, { timeout: 60_000, interval: 50 }).toBe(status);
/** The integration's document names another base URL, and its owner confirms it. */
async function changeTo(document: string, baseUrl: string) {
  expect(await api.integrations.refresh({ customerIntegrationId: id, document })).toMatchObject({
    pendingBaseUrl: baseUrl,
  });
  await api.integrations.patch({ customerIntegrationId: id, confirmBaseUrl: baseUrl });
}
const changeOrigin = () => changeTo(elsewhere.document, elsewhere.origin);
const restoreOrigin = () => changeTo(shop.document, shop.origin);
const authorizationsAt = (stub: Stub) => stub.hits.map(({ headers }) => headers.authorization);

test('a stored token of a user is not sent to another origin after a confirmed change of origin; the user is asked again', async () => {
  await put('token-for-the-shop');
  expect((await carryOut(api, aListing())).run.status).toBe('SUCCESS');
  await changeOrigin();
  expect(await user()).toMatchObject({ active: false, needsReconnect: true, reconnectReason: 'origin_changed' });
  expect((await api.users.get({ userId })).connections).toMatchObject([{ customerIntegrationId: id, active: false }]);

  const { runId } = await api.runs.create(aListing());
  await reaches(runId, 'AUTH_REQUIRED');
  expect(elsewhere.hits).toEqual([]);

  await put('token-for-elsewhere');
  await reaches(runId, 'SUCCESS');
  expect(await user()).toMatchObject({ active: true, needsReconnect: false });
  expect([authorizationsAt(shop), authorizationsAt(elsewhere)]).toEqual([
    ['Bearer token-for-the-shop'],
    ['Bearer token-for-elsewhere'],
  ]);
});

test('a token of a user is used again when the integration has its first origin again', async () => {
  await put('token-for-the-shop');
  await changeOrigin();
  expect((await user()).active).toBe(false);
  await restoreOrigin();
  expect(await user()).toMatchObject({ active: true, needsReconnect: false });
  expect((await carryOut(api, aListing())).run.status).toBe('SUCCESS');
  expect([authorizationsAt(shop), elsewhere.hits]).toEqual([['Bearer token-for-the-shop'], []]);
});

test('a changed variable in the address of the server is a change of origin', async () => {
  const server = (host: string) => {
    const document = JSON.parse(shop.document);
    const { port } = new URL(shop.origin);
    document.servers = [{ url: 'http://{host}/v1', variables: { host: { default: host } } }];
    return { document: JSON.stringify(document), origin: `http://${host}`, port };
  };
  const [at, away] = [server(new URL(shop.origin).host), server(new URL(elsewhere.origin).host)];
  id = await register({ type: 'API_TOKEN' }, at.document);
  await put('token-for-the-shop');
  await changeTo(away.document, `${away.origin}/v1`);
  const { runId } = await api.runs.create(aListing());
  await reaches(runId, 'AUTH_REQUIRED');
  expect(elsewhere.hits).toEqual([]);
});

test('another path of the same origin, or another location in the request, needs no new credential', async () => {
  await put('token-for-the-shop');
  const document = JSON.parse(shop.document);
  document.servers = [{ url: `${shop.origin}/v2` }];
  await changeTo(JSON.stringify(document), `${shop.origin}/v2`);
  await api.integrations.patch({ customerIntegrationId: id, auth: { type: 'API_TOKEN', in: 'query', name: 'key' } });
  await carryOut(api, aListing());
  expect(shop.hits.map(({ url }) => url)).toEqual(['/v2/list?key=token-for-the-shop']);
});

describe('a token of the workspace', () => {
  test('is not sent to another origin, and is used again when the integration has its first origin again', async () => {
    id = await register({ type: 'API_TOKEN', token: 'token-of-all' });
    await changeOrigin();
    expect(await api.integrations.get({ customerIntegrationId: id })).toMatchObject({
      token: { needsReconnect: true, reconnectReason: 'origin_changed' },
    });
    const { runId } = await api.runs.create(aListing());
    await reaches(runId, 'AUTH_REQUIRED');
    expect(elsewhere.hits).toEqual([]);
    await api.runs.cancel({ runId });
    await restoreOrigin();
    expect((await carryOut(api, aListing())).run.status).toBe('SUCCESS');
    expect([authorizationsAt(shop), elsewhere.hits]).toEqual([['Bearer token-of-all'], []]);
  });

  test('in the request that confirms the origin is for the new origin', async () => {
    id = await register({ type: 'API_TOKEN', token: 'token-of-all' });
    await api.integrations.refresh({ customerIntegrationId: id, document: elsewhere.document });
    const auth = { type: 'API_TOKEN', token: 'token-for-elsewhere' } as const;
    const confirming = { customerIntegrationId: id, auth, confirmBaseUrl: elsewhere.origin };
    expect((await api.integrations.patch(confirming)).token).toMatchObject({ needsReconnect: false });
    expect((await carryOut(api, aListing())).run.status).toBe('SUCCESS');
    expect(authorizationsAt(elsewhere)).toEqual(['Bearer token-for-elsewhere']);
  });
});

test('a running run stops sending its token when the origin of the integration changes', async () => {
  await put('token-for-the-shop');
  const plan = aPlan(`${id}.buy`);
  const { runId } = await api.runs.create(aListing({ plan, approvalStrategy: 'ON_WRITE' }));
  await reaches(runId, 'PAUSED');
  await changeOrigin();
  const { pending } = await api.pending.list({ userId });
  await api.approvals.decide({ approvalId: pending[0]!.approvalId!, decision: 'approve' });
  await reaches(runId, 'AUTH_REQUIRED');
  expect([shop.hits, elsewhere.hits]).toEqual([[], []]);
});

test('a passed-through credential is for the origin at the creation of the run', async () => {
  id = await register({ type: 'NONE' });
  const passThrough = [{ customerIntegrationId: id, headers: { Authorization: 'Bearer of-the-caller' } }];
  const more = { plan: aPlan(`${id}.buy`), approvalStrategy: 'ON_WRITE', passThrough };
  const { runId } = await api.runs.create(aListing(more));
  await reaches(runId, 'PAUSED');
  await changeOrigin();
  const { pending } = await api.pending.list({ userId });
  await api.approvals.decide({ approvalId: pending[0]!.approvalId!, decision: 'approve' });
  const events = await eventsOf(api, runId, true);
  expect(events.at(-1)).toMatchObject({ type: 'end', runStatus: 'FAILED', error: { code: 'tool_changed' } });
  expect([shop.hits, elsewhere.hits]).toEqual([[], []]);
});

test('a token entered on a page that named another host is not stored', async () => {
  const { authorizeUrl } = await api.integrations.authUrl({ customerIntegrationId: id, userId });
  const browser = new Browser();
  const form = await browser.open(authorizeUrl);
  expect(form.html).toContain(new URL(shop.origin).host);
  await changeOrigin();
  const entered = await browser.submit(form, { decision: 'allow', apiToken: 'token-for-the-shop' });
  expect([entered.status, entered.html]).toEqual([409, expect.stringContaining(new URL(elsewhere.origin).host)]);
  expect([(await user()).active, shop.hits, elsewhere.hits]).toEqual([false, [], []]);
  const again = await browser.submit(entered, { decision: 'allow', apiToken: 'token-for-elsewhere' });
  expect(again.url.searchParams.get('status')).toBe('success');
  expect((await user()).active).toBe(true);
});

test('an integration that is deleted and created again with its id has no earlier credential', async () => {
  await put('token-for-the-shop');
  expect((await carryOut(api, aListing())).run.status).toBe('SUCCESS');
  await api.integrations.delete({ customerIntegrationId: id });
  await register({ type: 'API_TOKEN' }, elsewhere.document, { customerIntegrationId: id });
  const { runId } = await api.runs.create(aListing());
  await reaches(runId, 'AUTH_REQUIRED');
  expect(elsewhere.hits).toEqual([]);
});
