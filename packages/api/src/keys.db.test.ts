import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type Api, ask, startApi } from './testing/fixtures/service.ts';

let api: Api;
let key: string;
beforeAll(async () => {
  api = await startApi(inject('postgres'), { work: false });
  key = await api.key();
});
afterAll(() => api.close());

test('a request without a key, and one with a wrong key, is refused before its input is read', async () => {
  for (const invalidKey of [undefined, 'er_live_nonsense', `${key.slice(0, -1)}${key.endsWith('a') ? 'b' : 'a'}`]) {
    const { status, headers, body } = await ask(api.url, '/v1/runs/not-a-uuid', { key: invalidKey });
    expect([status, body.code]).toEqual([401, 'unauthenticated']);
    expect(headers.get('www-authenticate')).toMatch(/^Bearer/);
    expect(headers.get('content-type')).toMatch(/^application\/problem\+json/);
  }
});

test('the key may come as a bearer token, and twice when both are the same', async () => {
  const bearer = { authorization: `Bearer ${key}` };
  expect((await ask(api.url, '/v1/runs', { headers: bearer })).status).toBe(200);
  expect((await ask(api.url, '/v1/runs', { key, headers: bearer })).status).toBe(200);
  const otherKey = { authorization: `Bearer ${await api.key()}` };
  expect((await ask(api.url, '/v1/runs', { key, headers: otherKey })).status).toBe(400);
});

test('a key does what its scopes allow and nothing else', async () => {
  const reader = await api.key(['runs:read']);
  expect((await ask(api.url, '/v1/runs', { key: reader })).status).toBe(200);
  const { status, body } = await ask(api.url, '/v1/runs', { key: reader, body: {} });
  expect([status, body.code]).toEqual([403, 'insufficient_scope']);
  expect(body.detail).toContain('runs:write');
});

test('a revoked key is refused, with the answer of an unknown one', async () => {
  const { workspaceId } = api;
  const created = await api.db.apiKeys.create(workspaceId, { name: 'short', scopes: ['admin'] });
  expect((await ask(api.url, '/v1/runs', { key: created.key })).status).toBe(200);
  await api.db.apiKeys.revoke(workspaceId, created.apiKeyId);
  const revoked = await ask(api.url, '/v1/runs', { key: created.key });
  const unknown = await ask(api.url, '/v1/runs', { key: 'er_live_nonsense' });
  expect([revoked.status, revoked.body.detail]).toEqual([401, unknown.body.detail]);
});

test('nothing of another workspace can be seen', async () => {
  const integration = await ask(api.url, '/v1/integrations', {
    key,
    body: { name: 'CRM', kind: 'openapi', document: '{}' },
  });
  const { workspaceId } = await api.db.workspaces.create('two');
  const stranger = await api.key(['admin'], workspaceId);
  const run = await ask(api.url, '/v1/runs', {
    key,
    body: { intent: 'x', userId: 'u', selectedCustomerIntegrationIds: ['*'] },
  });
  const id = integration.body.customerIntegrationId;
  for (const [path, method] of [
    [`/v1/runs/${run.body.runId}`, 'GET'],
    [`/v1/runs/${run.body.runId}`, 'DELETE'],
    [`/v1/runs/${run.body.runId}/sse`, 'GET'],
    [`/v1/runs/${run.body.runId}/events`, 'GET'],
    [`/v1/feedback/run/${run.body.runId}`, 'GET'],
    [`/v1/execution-plans/${run.body.executionPlanId}`, 'GET'],
    [`/v1/integrations/${id}`, 'GET'],
    [`/v1/integrations/${id}`, 'DELETE'],
    [`/v1/integrations/${id}/tools`, 'GET'],
  ] as const) {
    const { status, body } = await ask(api.url, path, { key: stranger, method });
    expect([path, status, body?.code]).toEqual([path, 404, 'not_found']);
  }
  expect((await ask(api.url, '/v1/runs', { key: stranger })).body.runs).toEqual([]);
  expect((await ask(api.url, '/v1/integrations', { key: stranger })).body).toEqual([]);
  expect((await ask(api.url, `/v1/runs/${run.body.runId}`, { key })).body.status).toBe('QUEUED');
});
