// Addresses, headers, parameters and arguments of an integration that differ by owner or by user.
import { beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { aPlan, aRun, carryOut, whole } from './fixtures/builders.ts';
import { type Hit, json, type Stub } from './fixtures/stub.ts';
import { type Api, overRest } from './fixtures/transports.ts';
import { openWorkspace, startCallableStub, type Workspace } from './fixtures/workspace.ts';

let workspace: Workspace;
let api: Api;
let first: Stub;
let second: Stub;
let userId = '';
let users = 0;

const text = (name: string, where: string, required = false) => ({
  name,
  in: where,
  required,
  schema: { type: 'string' },
});
const bodyOf = (schema: object) => ({ required: true, content: { 'application/json': { schema } } });

/** Answers with what was sent, as some services do. */
const echo = (response: Parameters<typeof json>[0], { url, headers, body }: Hit) =>
  json(response, { url, key: headers['x-key'] ?? null, authorization: headers.authorization ?? null, body });

const operations = {
  list: {
    answer: echo,
    more: {
      parameters: [
        text('account', 'query', true),
        text('token', 'query', true),
        text('X-Version', 'header', true),
        text('page', 'query'),
      ],
    },
  },
  search: {
    method: 'POST',
    answer: echo,
    more: { requestBody: bodyOf({ type: 'object', properties: { text: { type: 'string' } } }) },
  },
  send: {
    method: 'POST',
    answer: echo,
    more: {
      requestBody: bodyOf({
        type: 'object',
        properties: { sender: { type: 'string' }, text: { type: 'string' } },
        required: ['sender', 'text'],
        additionalProperties: false,
      }),
    },
  },
} as const;

beforeAll(async () => {
  // The first segment of the path names the shop, so that every path of the stub is an operation.
  const inShops = { acme: { answer: echo }, other: { answer: echo }, ...operations };
  [first, second] = [await startCallableStub(inShops), await startCallableStub(inShops)];
  workspace = await openWorkspace({ seed: false });
  api = overRest(workspace);
  return () => Promise.all([workspace.close(), first.close(), second.close()]);
});
beforeEach(() => {
  userId = `user-${++users}`;
  first.hits.length = 0;
  second.hits.length = 0;
});

type Input = Parameters<Api['integrations']['create']>[0];
const create = (more: Partial<Input> = {}) =>
  api.integrations.create({ name: 'Shop', document: first.document, auth: { type: 'NONE' }, enable: 'all', ...more });
const idOf = async (more: Partial<Input> = {}) => (await create(more)).customerIntegrationId;
const portOf = (stub: Stub) => new URL(stub.origin).port;
const aCall = (id: string, operation: string, args: object = {}) =>
  aRun({
    userId,
    selectedCustomerIntegrationIds: [id],
    plan: aPlan(`${id}.${operation}`, { steps: [{ id: 'only', tool: `${id}.${operation}`, args }] as never }),
  });
const call = async (id: string, operation: string, args: object = {}) =>
  (await carryOut(api, aCall(id, operation, args))).run;
const reaches = (runId: string, status: string) =>
  expect.poll(async () => (await api.runs.get({ runId })).status, { timeout: 60_000, interval: 50 }).toBe(status);
const put = (customerIntegrationId: string, more: object) =>
  api.integrations.putCredentials({ customerIntegrationId, userId, ...more });
const user = (customerIntegrationId: string) => api.integrations.getUser({ customerIntegrationId, userId });
type Refusal = { problem: { code: string; errors?: { pointer: string }[]; remedy?: string } };
const problemOf = (promise: Promise<unknown>) =>
  promise.then(
    () => undefined,
    ({ problem: { code, errors, remedy } }: Refusal) => ({
      code,
      pointers: errors?.map(({ pointer }) => pointer),
      remedy,
    }),
  );

const byUser = {
  baseUrl: 'http://127.0.0.1:{port}/{shop}',
  variables: { port: { title: 'Port', from: 'user' }, shop: { title: 'Shop', from: 'user', pattern: '^[a-z]+$' } },
  auth: { type: 'API_TOKEN' },
} as const satisfies Partial<Input>;

describe('variables of users', () => {
  test('decide where the calls of each user go, with the token of the user', async () => {
    const id = await idOf(byUser);
    await put(id, { apiToken: 'token-of-acme', variables: { port: portOf(first), shop: 'acme' } });
    expect(await user(id)).toMatchObject({ active: true, variables: { port: portOf(first), shop: 'acme' } });
    expect((await call(id, 'search', { body: {} })).status).toBe('SUCCESS');
    userId = `user-${++users}`;
    await put(id, { apiToken: 'token-of-other', variables: { port: portOf(second), shop: 'other' } });
    expect((await call(id, 'search', { body: {} })).status).toBe('SUCCESS');
    const seen = (stub: Stub) => stub.hits.map(({ url, headers }) => [url, headers.authorization]);
    expect(seen(first)).toEqual([['/acme/search', 'Bearer token-of-acme']]);
    expect(seen(second)).toEqual([['/other/search', 'Bearer token-of-other']]);
  });

  test('that change where calls go make the token unusable until it is stored again', async () => {
    const id = await idOf(byUser);
    await put(id, { apiToken: 'token-of-acme', variables: { port: portOf(first), shop: 'acme' } });
    for (const variables of [{ port: portOf(second) }, { port: portOf(first), shop: 'other' }]) {
      await put(id, { variables });
      expect(await user(id)).toMatchObject({ active: false, needsReconnect: true, reconnectReason: 'origin_changed' });
    }
    const states = async (state: 'connected' | 'needs_reconnect') =>
      (await api.integrations.users({ customerIntegrationId: id, state })).users.map((entry) => entry.userId);
    expect([await states('connected'), await states('needs_reconnect')]).toEqual([[], [userId]]);
    const { runId } = await api.runs.create(aCall(id, 'search', { body: {} }));
    await reaches(runId, 'AUTH_REQUIRED');
    expect([...first.hits, ...second.hits]).toEqual([]);
    await put(id, { apiToken: 'newer-token' });
    await reaches(runId, 'SUCCESS');
    expect(first.hits.map(({ url, headers }) => [url, headers.authorization])).toEqual([
      ['/other/search', 'Bearer newer-token'],
    ]);
    expect([await states('connected'), await states('needs_reconnect')]).toEqual([[userId], []]);
  });

  test('keep a run waiting until the user has given them, also without a credential', async () => {
    const id = await idOf({ ...byUser, auth: { type: 'NONE' } });
    const { runId } = await api.runs.create(aCall(id, 'search', { body: {} }));
    await reaches(runId, 'AUTH_REQUIRED');
    await put(id, { variables: { port: portOf(first) } });
    await reaches(runId, 'AUTH_REQUIRED');
    await put(id, { variables: { shop: 'acme' } });
    await reaches(runId, 'SUCCESS');
    expect(first.hits.map(({ url }) => url)).toEqual(['/acme/search']);
  });

  test('are checked, and unknown ones are refused', async () => {
    const id = await idOf(byUser);
    const refused = await problemOf(put(id, { variables: { shop: '../x', port: '1/@evil.example.com', other: 'x' } }));
    expect(refused).toMatchObject({ code: 'validation_failed' });
    expect(refused?.pointers?.sort()).toEqual(['/variables/other', '/variables/port', '/variables/shop']);
    expect(await problemOf(user(id))).toMatchObject({ code: 'not_found' });
  });

  test('are erased with the credential', async () => {
    const id = await idOf(byUser);
    await put(id, { apiToken: 'token-of-acme', variables: { port: portOf(first), shop: 'acme' } });
    await api.integrations.deleteCredentials({ customerIntegrationId: id, userId });
    expect(await user(id)).not.toHaveProperty('variables');
  });
});

describe('a token of the owner', () => {
  test('is never sent where a user chooses', async () => {
    const auth = { type: 'API_TOKEN', token: 'token-of-the-owner' } as const;
    expect(await problemOf(create({ ...byUser, auth }))).toMatchObject({
      code: 'validation_failed',
      pointers: ['/baseUrl'],
    });
    const id = await idOf(byUser);
    const patched = problemOf(api.integrations.patch({ customerIntegrationId: id, auth }));
    expect(await patched).toMatchObject({ code: 'validation_failed', pointers: ['/baseUrl'] });
    await put(id, { variables: { port: portOf(second), shop: 'acme' } });
    const { runId } = await api.runs.create(aCall(id, 'search', { body: {} }));
    await reaches(runId, 'AUTH_REQUIRED');
    expect(second.hits).toEqual([]);
  });

  test('is not sent after its owner changed a variable of the address, until it is stored again', async () => {
    const auth = { type: 'API_TOKEN', token: 'token-of-the-owner' } as const;
    const baseUrl = 'http://127.0.0.1:{port}';
    const id = await idOf({ baseUrl, variables: { port: portOf(first) }, auth });
    expect((await call(id, 'search', { body: {} })).status).toBe('SUCCESS');
    const changed = await api.integrations.patch({ customerIntegrationId: id, variables: { port: portOf(second) } });
    expect(changed).toMatchObject({
      baseUrl: second.origin,
      token: { needsReconnect: true, reconnectReason: 'origin_changed' },
    });
    const { runId } = await api.runs.create(aCall(id, 'search', { body: {} }));
    await reaches(runId, 'AUTH_REQUIRED');
    expect(second.hits).toEqual([]);
    await api.integrations.patch({ customerIntegrationId: id, auth });
    await reaches(runId, 'SUCCESS');
    expect(second.hits.map(({ headers }) => headers.authorization)).toEqual(['Bearer token-of-the-owner']);
  });
});

describe('values of every request', () => {
  const fixed = {
    variables: { account: 'A 1' },
    headers: { 'X-Version': '2026-01', Accept: 'application/vnd.shop+json' },
    query: { alt: 'json', region: '{account}&x' },
    arguments: { '*': { account: '{account}', token: null }, send: { sender: '{account}' } },
  } as const;

  test('are sent, and planners do not see them', async () => {
    const id = await idOf(fixed);
    const { tools } = await api.integrations.tools({ customerIntegrationId: id });
    const schemas = Object.fromEntries(tools.map(({ name, inputSchema }) => [name.slice(id.length + 1), inputSchema]));
    expect(schemas.list).toEqual({
      type: 'object',
      properties: { query: { type: 'object', properties: { page: { type: 'string' } }, additionalProperties: false } },
      additionalProperties: false,
    });
    expect(schemas.send).toMatchObject({
      properties: { body: { properties: { text: { type: 'string' } }, required: ['text'] } },
    });
    expect((await call(id, 'list', { query: { page: '2' } })).status).toBe('SUCCESS');
    expect((await call(id, 'send', { body: { text: 'Hello' } })).status).toBe('SUCCESS');
    const [list, send] = first.hits;
    expect(list).toMatchObject({
      url: '/list?account=A%201&page=2&alt=json&region=A%201%26x',
      headers: { 'x-version': '2026-01', accept: 'application/vnd.shop+json' },
    });
    expect(JSON.parse(send!.body)).toEqual({ sender: 'A 1', text: 'Hello' });
  });

  test.each([
    ['list', { query: { account: 'B' } }],
    ['list', { query: { token: 'mine' } }],
    ['list', { header: { 'x-version': '1' } }],
    ['list', { query: { alt: 'xml' } }],
    ['send', { body: { text: 'Hello', sender: 'B' } }],
  ])('cannot be set by a plan of %s with %j', async (operation, args) => {
    const id = await idOf(fixed);
    expect(await problemOf(api.runs.create(aCall(id, operation, args)))).toMatchObject({ code: 'plan_invalid' });
    expect(first.hits).toEqual([]);
  });

  test('that were fixed later are refused in the plans of before', async () => {
    const id = await idOf();
    const args = { query: { account: 'B', token: 'mine' }, header: { 'X-Version': '1' } };
    expect((await call(id, 'list', args)).status).toBe('SUCCESS');
    await api.integrations.patch({ customerIntegrationId: id, arguments: { '*': { account: 'A' } } });
    const run = await call(id, 'list', args);
    expect(run.status).toBe('FAILED');
    expect(first.hits).toHaveLength(1);
  });

  test('stay as they are after a refresh, and null removes them', async () => {
    const id = await idOf({ ...fixed, baseUrl: second.origin });
    const customerIntegrationId = id;
    const refreshed = await api.integrations.refresh({ customerIntegrationId, document: first.document });
    expect(refreshed).toMatchObject({
      baseUrl: second.origin,
      needsReview: false,
      headers: fixed.headers,
      arguments: fixed.arguments,
    });
    expect(refreshed).not.toHaveProperty('pendingBaseUrl');
    const cleared = await api.integrations.patch({
      customerIntegrationId,
      ...{ variables: null, headers: null, query: null, arguments: null },
    });
    for (const field of ['variables', 'headers', 'query', 'arguments']) expect(cleared).not.toHaveProperty(field);
    const after = await api.integrations.refresh({ customerIntegrationId, document: first.document });
    expect(after.needsReview).toBe(true);
    const { integrations } = await api.integrations.list({});
    expect(integrations.find((entry) => entry.customerIntegrationId === id)).not.toHaveProperty('baseUrl');
  });

  test('apply to a run that waits, from its next call', async () => {
    const id = await idOf({ headers: { 'X-Key': 'old' } });
    const { runId } = await api.runs.create({ ...aCall(id, 'search', { body: {} }), approvalStrategy: 'ON_WRITE' });
    await reaches(runId, 'PAUSED');
    await api.integrations.patch({ customerIntegrationId: id, headers: { 'X-Key': 'new' } });
    const [request] = whole(await api.runs.get({ runId })).waitingOn;
    await api.approvals.decide({ approvalId: request!.approvalId!, decision: 'approve' });
    await reaches(runId, 'SUCCESS');
    expect(first.hits.map(({ headers }) => headers['x-key'])).toEqual(['new']);
  });

  test.each([
    ['a variable that nobody declares', { headers: { 'X-A': '{nobody}' } }, '/headers/X-A'],
    ['a variable without a value', { variables: { region: { title: 'Region' } } }, '/variables/region'],
    ['a value outside of its enum', { variables: { region: { enum: ['eu'], value: 'us' } } }, '/variables/region'],
    [
      'a value outside of its pattern',
      { variables: { region: { pattern: '[a-z]{2}', value: 'usa' } } },
      '/variables/region',
    ],
    [
      'a pattern with look-around',
      { variables: { region: { pattern: '(?=a)', value: 'a' } } },
      '/variables/region/pattern',
    ],
    ['a forbidden header', { headers: { Host: 'evil.example.com' } }, '/headers/Host'],
    ['too much', { arguments: { '*': { a: 'x'.repeat(70_000) } } }, '/arguments'],
    ['an effect of no operation', { effects: { nothing: 'read' } }, '/effects/nothing'],
  ] as const)('are refused with %s', async (_, more, pointer) => {
    expect(await problemOf(create(more as Partial<Input>))).toMatchObject({
      code: 'validation_failed',
      pointers: [pointer],
    });
  });

  test('are at most 50', async () => {
    const headers = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`X-${n}`, 'x']));
    expect(await problemOf(create({ headers: headers(51) }))).toMatchObject({ code: 'validation_failed' });
    const id = await idOf({ headers: headers(50) });
    expect((await call(id, 'search', { body: {} })).status).toBe('SUCCESS');
    expect(first.hits[0]?.headers).toMatchObject({ 'x-0': 'x', 'x-49': 'x' });
  });
});

describe('a secret variable', () => {
  const SECRET = 's3cr3t/of the+owner';
  const variables = { key: { title: 'Key', secret: true, value: SECRET } };

  test('is sent, but neither returned nor visibleText when the service echoes it', async () => {
    const created = await create({ variables, headers: { 'X-Key': 'k {key}' }, query: { key: '{key}' } });
    const id = created.customerIntegrationId;
    expect(created.variables).toEqual({ key: { title: 'Key', secret: true } });
    const { run, events } = await carryOut(api, aCall(id, 'search', { body: { text: '{key}' } }));
    expect(first.hits[0]).toMatchObject({ headers: { 'x-key': `k ${SECRET}` } });
    expect(new URL(first.hits[0]!.url, first.origin).searchParams.get('key')).toBe(SECRET);
    const { entries } = await api.audit.list({});
    const visibleText = JSON.stringify([
      run,
      events,
      entries,
      await api.integrations.get({ customerIntegrationId: id }),
    ]);
    expect(visibleText).not.toContain(SECRET);
    expect(visibleText).not.toContain(encodeURIComponent(SECRET));
    expect(visibleText).toContain('[secret]');
  });

  test('keeps its value when its definition is sent as it was returned', async () => {
    const { customerIntegrationId, variables: returned } = await create({ variables, headers: { 'X-Key': '{key}' } });
    await api.integrations.patch({ customerIntegrationId, variables: { ...returned, other: { value: 'x' } } });
    await call(customerIntegrationId, 'search', { body: {} });
    expect(first.hits[0]?.headers['x-key']).toBe(SECRET);
  });

  test('is not sent to another origin: its owner must give it again', async () => {
    const baseUrl = 'http://127.0.0.1:{port}';
    const id = await idOf({ baseUrl, variables: { ...variables, port: portOf(first) }, headers: { 'X-Key': '{key}' } });
    const toSecond = { customerIntegrationId: id, variables: { port: portOf(second) } };
    expect(await problemOf(api.integrations.patch(toSecond))).toMatchObject({ pointers: ['/variables/key'] });
    await api.integrations.patch({ customerIntegrationId: id, variables: { port: portOf(second), key: 'newer' } });
    await call(id, 'search', { body: {} });
    expect(second.hits.map(({ headers }) => headers['x-key'])).toEqual(['newer']);
  });

  test('of a user is sealed for the address of the user', async () => {
    const key = { title: 'Key', from: 'user', secret: true } as const;
    const id = await idOf({
      ...byUser,
      auth: { type: 'NONE' },
      variables: { ...byUser.variables, key },
      headers: { 'X-Key': '{key}' },
    });
    await put(id, { variables: { port: portOf(first), shop: 'acme', key: SECRET } });
    expect((await user(id)).variables).toEqual({ port: portOf(first), shop: 'acme' });
    await call(id, 'search', { body: {} });
    expect(first.hits[0]?.headers['x-key']).toBe(SECRET);
    await put(id, { variables: { port: portOf(second) } });
    const { runId } = await api.runs.create(aCall(id, 'search', { body: {} }));
    await reaches(runId, 'AUTH_REQUIRED');
    expect(second.hits).toEqual([]);
  });
});

test('effects of the owner count for the tools that are enabled first', async () => {
  const created = await create({ enable: 'reads', effects: { search: 'read' } });
  const { tools } = await api.integrations.tools({ customerIntegrationId: created.customerIntegrationId });
  const states = Object.fromEntries(tools.map(({ name, effect, enabled }) => [name.split('.')[1], [effect, enabled]]));
  expect(states).toMatchObject({ list: ['read', true], search: ['read', true], send: ['write', false] });
  await api.integrations.refresh({ customerIntegrationId: created.customerIntegrationId, document: first.document });
  expect((await call(created.customerIntegrationId, 'search', { body: {} })).status).toBe('SUCCESS');
});

test('concurrent changes of variables are all kept', async () => {
  const names = Array.from({ length: 8 }, (_, n) => `v${n}`);
  const id = await idOf({ variables: Object.fromEntries(names.map((name) => [name, 'old'])) });
  const change = (name: string) => api.integrations.patch({ customerIntegrationId: id, variables: { [name]: 'new' } });
  await Promise.all(names.map(change));
  const { variables = {} } = await api.integrations.get({ customerIntegrationId: id });
  expect(names.map((name) => variables[name]?.value)).toEqual(names.map(() => 'new'));
});
