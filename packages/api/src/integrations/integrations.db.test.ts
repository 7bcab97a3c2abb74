import { Secret } from '@errand/contracts';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type Api, ask, startApi } from '../testing/fixtures/service.ts';

let api: Api;
let key: string;
beforeAll(async () => {
  api = await startApi(inject('postgres'), { work: false });
  key = await api.key();
});
afterAll(() => api.close());

const crm = { name: 'Big CRM', kind: 'openapi', document: '{}' };
const create = async (more: object = {}) =>
  (await ask(api.url, '/v1/integrations', { key, body: { ...crm, ...more } })).body;
const connection = (id: string) => api.db.forWorkspace(api.workspaceId).integrations.connection(id);
const at = (id: string, rest = '') => `/v1/integrations/${id}${rest}`;

test('an integration is created from a document; the answer has its warnings, but not its token', async () => {
  const created = await create({ auth: { type: 'API_TOKEN', token: 'crm_secret_token_k3Zq' } });
  expect(created).toMatchObject({
    name: 'Big CRM',
    authType: 'API_TOKEN',
    toolCount: 2,
    active: true,
    token: { last4: 'k3Zq' },
  });
  expect(created.customerIntegrationId).toMatch(/^big-crm_[0-9a-f]{8}$/);
  expect(created.warnings).toHaveLength(1);
  const listed = await ask(api.url, '/v1/integrations', { key });
  expect(JSON.stringify(listed.body)).not.toContain('secret_token');
});

test('where a token goes is as the document says unless the caller says otherwise', async () => {
  const integrations = api.db.forWorkspace(api.workspaceId).integrations;
  const created = await create({ auth: { type: 'API_TOKEN' } });
  expect((await integrations.connection(created.customerIntegrationId))?.auth).toMatchObject({
    in: 'header',
    name: 'X-Crm-Token',
    prefix: '',
  });
  const chosen = await create({ auth: { type: 'API_TOKEN', name: 'Authorization' } });
  expect((await integrations.connection(chosen.customerIntegrationId))?.auth).toMatchObject({
    name: 'Authorization',
    prefix: 'Bearer ',
  });
  const unnamed = await ask(api.url, '/v1/integrations', {
    key,
    body: { ...crm, auth: { type: 'API_TOKEN', in: 'query' } },
  });
  expect([unnamed.status, unnamed.body.errors[0].pointer]).toEqual([400, '/auth/name']);
});

test('a change names what it changes; auth NONE erases the token', async () => {
  const { customerIntegrationId: id } = await create({
    auth: { type: 'API_TOKEN', token: 'crm_secret_token_k3Zq' },
    instructions: 'In EUR.',
  });
  const renamed = await ask(api.url, at(id), { key, method: 'PATCH', body: { name: 'CRM 2', active: false } });
  expect(renamed.body).toMatchObject({
    name: 'CRM 2',
    active: false,
    instructions: 'In EUR.',
    token: { last4: 'k3Zq' },
  });
  const moved = await ask(api.url, at(id), {
    key,
    method: 'PATCH',
    body: { auth: { type: 'API_TOKEN', prefix: 'Token ' } },
  });
  expect(moved.body.token.last4).toBe('k3Zq');
  const open = await ask(api.url, at(id), {
    key,
    method: 'PATCH',
    body: { auth: { type: 'NONE' }, instructions: null },
  });
  expect(open.body.authType).toBe('NONE');
  expect(open.body).not.toHaveProperty('token');
  expect(open.body).not.toHaveProperty('instructions');
});

test('tools are an allow-list; unknown names are refused by name', async () => {
  const { customerIntegrationId: id } = await create();
  const set = await ask(api.url, at(id, '/tools'), { key, method: 'PUT', body: { enabled: [`${id}.getDeal`] } });
  expect(set.body.tools.map((tool: { name: string; enabled: boolean }) => [tool.name, tool.enabled])).toEqual([
    [`${id}.listDeals`, false],
    [`${id}.getDeal`, true],
  ]);
  const wrong = await ask(api.url, at(id, '/tools'), {
    key,
    method: 'PUT',
    body: { enabled: [`${id}.getDeal`, 'x.nothing'] },
  });
  expect([wrong.status, wrong.body.errors[0].pointer]).toEqual([400, '/enabled/1']);
});

test("a user's token makes the user known, and is revoked without forgetting the user", async () => {
  const { customerIntegrationId: id } = await create({ auth: { type: 'API_TOKEN' } });
  const user = at(id, '/users/user%2F1');
  expect((await ask(api.url, user, { key })).status).toBe(404);
  const put = await ask(api.url, `${user}/credentials`, { key, method: 'PUT', body: { apiToken: 'user_token_9876' } });
  expect(put.body).toMatchObject({ userId: 'user/1', active: true, token: { last4: '9876' } });
  expect((await ask(api.url, `${user}/credentials`, { key, method: 'DELETE' })).status).toBe(204);
  expect((await ask(api.url, user, { key })).body).toMatchObject({ userId: 'user/1', active: false });
});

test('a token for a service without authentication is refused with what to do', async () => {
  const { customerIntegrationId: id } = await create();
  const put = await ask(api.url, at(id, '/users/u/credentials'), { key, method: 'PUT', body: { apiToken: 'abc' } });
  expect([put.status, put.body.code]).toEqual([400, 'validation_failed']);
  expect(put.body.remedy).toContain('PATCH');
});

test('the secret of a client or a key is kept like a token, and goes with the kind of authentication that it is for', async () => {
  const workspaceDb = api.db.forWorkspace(api.workspaceId);
  const oauth = { type: 'OAUTH2', issuer: 'https://auth.example.com', clientId: 'errand' };
  const created = await create({ auth: { ...oauth, clientSecret: 'client_secret_k3Zq' } });
  expect(created).toMatchObject({ authType: 'OAUTH2', token: { last4: 'k3Zq' } });
  const { customerIntegrationId: id } = created;
  const secret = async () => (await workspaceDb.credentials.openIntegrationSecret((await connection(id))!))?.reveal();
  const patch = async (auth: object) => (await ask(api.url, at(id), { key, method: 'PATCH', body: { auth } })).body;

  expect(await patch({ ...oauth, scopes: ['read'] })).toMatchObject({ token: { last4: 'k3Zq' } });
  expect(await secret()).toBe('client_secret_k3Zq');
  expect(await patch({ ...oauth, clientAuthentication: 'none' })).not.toHaveProperty('token');
  expect(await secret()).toBeUndefined();

  const google = { type: 'GOOGLE_SERVICE_ACCOUNT_OAUTH', scopes: ['calendar'] };
  expect(await patch({ ...google, serviceAccountKey: 'no key file' })).toMatchObject({
    code: 'validation_failed',
    errors: [{ pointer: '/auth/serviceAccountKey' }],
  });
  expect(await patch({ ...google, serviceAccountKey: '{"key":"file"}' })).toMatchObject({ authType: google.type });
  const aws = {
    type: 'AWS_ASSUME_ROLE',
    roleArn: 'arn:aws:iam::123456789012:role/errand',
    region: 'eu-central-1',
    service: 'execute-api',
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'aws_secret_access_key_9876',
  };
  expect(await patch(aws)).toMatchObject({ authType: 'AWS_ASSUME_ROLE', token: { last4: '9876' } });
  expect(await secret()).toBe('aws_secret_access_key_9876');
  expect(JSON.stringify((await workspaceDb.integrations.connection(id))?.auth)).not.toContain('aws_secret');
  expect(await patch({ type: 'API_TOKEN' })).not.toHaveProperty('token');
});

test('what users granted to one client is forgotten with another one, and kept else', async () => {
  const workspaceDb = api.db.forWorkspace(api.workspaceId);
  const auth = { type: 'OAUTH2', issuer: 'https://auth.example.com', clientId: 'errand' };
  const { customerIntegrationId: id } = await create({ auth: { ...auth, clientSecret: 'client_secret_k3Zq' } });
  await workspaceDb.grants.store((await connection(id))!, 'ada', {
    accessToken: new Secret('at-1'),
    refreshToken: new Secret('rt-1'),
  });
  const patch = (body: object) => ask(api.url, at(id), { key, method: 'PATCH', body });
  await patch({ auth: { ...auth, scopes: ['read'] } });
  expect((await workspaceDb.grants.read((await connection(id))!, 'ada'))?.refreshToken?.reveal()).toBe('rt-1');
  // Nor is the secret of a client created to another server.
  const moved = await patch({ auth: { ...auth, issuer: 'https://elsewhere.example.com' } });
  expect(moved.body).not.toHaveProperty('token');
  expect(await workspaceDb.grants.read((await connection(id))!, 'ada')).toBeUndefined();
});

test('a page to consent at is only for integrations to which users give something', async () => {
  const consentUrl = async (auth: object) => {
    const { customerIntegrationId: id } = await create({ auth });
    return ask(api.url, at(id, '/users/ada/auth-url'), { key, body: {} });
  };
  expect((await consentUrl({ type: 'API_TOKEN' })).body.authorizeUrl).toContain('/v1/connect?token=');
  expect((await consentUrl({ type: 'NONE' })).body.code).toBe('validation_failed');
});

test('what is not served yet is refused by name', async () => {
  const refused = async (body: object, headers = {}) => {
    const { status, body: problem } = await ask(api.url, '/v1/integrations', { key, body, headers });
    return [status, problem.code, problem.errors?.[0]?.pointer];
  };
  const google = { type: 'GOOGLE_SERVICE_ACCOUNT_OAUTH', scopes: ['x'], serviceAccountKey: '{}' };
  const mcp = { name: 'x', kind: 'mcp', url: 'https://mcp.example.com', auth: google };
  expect(await refused(mcp)).toEqual([400, 'not_supported', '/auth/type']);
  expect(await refused({ ...crm, auth: { type: 'OAUTH2' } })).toEqual([400, 'validation_failed', '/auth/clientId']);
  expect(await refused(crm, { 'idempotency-key': 'k' })).toEqual([400, 'not_supported', '/idempotencyKey']);
  expect(await refused({ name: 'x', kind: 'openapi' })).toEqual([400, 'validation_failed', '/document']);
});

test('feedback needs a run, and a rating the first time; later ones keep what they do not name', async () => {
  const run = await ask(api.url, '/v1/runs', {
    key,
    body: { intent: 'x', userId: 'u', selectedCustomerIntegrationIds: ['*'] },
  });
  const path = `/v1/feedback/run/${run.body.runId}`;
  expect((await ask(api.url, path, { key })).body).toBeNull();
  expect((await ask(api.url, path, { key, method: 'PUT', body: { comment: 'hm' } })).body.errors[0].pointer).toBe(
    '/rating',
  );
  await ask(api.url, path, { key, method: 'PUT', body: { rating: 'positive', source: { type: 'user' } } });
  const later = await ask(api.url, path, { key, method: 'PUT', body: { comment: 'fine' } });
  expect(later.body).toMatchObject({ rating: 'positive', comment: 'fine', feedbackSource: { type: 'user' } });
  const nowhere = '/v1/feedback/run/0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a01';
  expect((await ask(api.url, nowhere, { key })).status).toBe(404);
  expect((await ask(api.url, nowhere, { key, method: 'PUT', body: { rating: 'positive' } })).status).toBe(404);
  expect(api.faults).toEqual([]);
});
