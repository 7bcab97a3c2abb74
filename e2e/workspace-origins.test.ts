// Origins that administrators allow for calls of their workspace, without a restart and for no other workspace.
import { createTestDatabase } from '@errand/db/testing';
import { beforeAll, describe, expect, inject, onTestFinished, test, vi } from 'vitest';
import { aPlan, aRun, carryOut } from './fixtures/builders.ts';
import { withDatabase } from './fixtures/database.ts';
import { request } from './fixtures/request.ts';
import { type Server, startServer } from './fixtures/server.ts';
import { json, type Stub, startStub } from './fixtures/stub.ts';
import { type Api, type Caller, overRest, overTrpc, transports } from './fixtures/transports.ts';
import { anotherWorkspace } from './fixtures/workspace.ts';

const within = { timeout: 10_000, interval: 50 };
let stub: Stub;
let hidden: Stub;
let databaseUrl: string;
let first: Server & { databaseUrl: string };
let second: Server;

beforeAll(async () => {
  stub = await startStub({
    look: { answer: (response) => json(response, { word: 'seen' }) },
    hook: { method: 'POST', answer: (response) => void response.writeHead(204).end() },
    document: { answer: (response) => void response.end(stub.document) },
    away: { answer: (response) => void response.writeHead(302, { location: `${hidden.origin}/document` }).end() },
  });
  hidden = await startStub({ document: { answer: (response) => void response.end(stub.document) } });
  const database = await createTestDatabase(inject('postgres'));
  databaseUrl = database.url;
  const env = {
    ERRAND_WORKSPACE_ORIGINS: 'true',
    ERRAND_WORKSPACE_LOOPBACK_PORTS: [stub.origin, `http://127.0.0.1:${portOf(databaseUrl)}`].map(portOf).join(),
  };
  const server = await startServer({ databaseUrl, env });
  first = Object.assign(server, { databaseUrl });
  second = await startServer({ databaseUrl, dataDir: server.dataDir, env });
  return async () => {
    await Promise.all([first.stop(), second.stop()]);
    await Promise.all([stub.close(), hidden.close()]);
    await database.drop();
  };
});

const portOf = (url: string) => Number(new URL(url).port);

async function aWorkspace(): Promise<{ here: Caller; there: Caller; api: Api; workspaceId: string }> {
  const { workspaceId, apiKey } = await anotherWorkspace(first);
  const here = { url: first.url, apiKey };
  return { workspaceId, here, there: { url: second.url, apiKey }, api: overRest(here) };
}

const register = (api: Api, path = 'document') =>
  api.integrations.create({
    name: 'Private',
    url: `${stub.origin}/${path}`,
    auth: { type: 'NONE' },
    enable: 'all',
  });

const refused = { status: 400, problem: { code: 'url_not_allowed' } };

test('an administrator allows a service in the private network, and runs call it; another workspace may not', async () => {
  const { api, here } = await aWorkspace();
  const { origin } = stub;
  const error = await register(api).catch((thrown) => thrown);
  expect(error).toMatchObject(refused);
  expect(error.problem.remedy).toContain(`PUT /v1/workspace/origins with ${JSON.stringify({ origin })}.`);
  expect(error.problem.remedy).toContain(`adds ${origin} to ERRAND_EGRESS_ALLOW`);

  // The call that the refusal names.
  const allowed = await request(here, '/v1/workspace/origins', { method: 'PUT', body: { origin } });
  expect([allowed.status, JSON.parse(allowed.text)]).toMatchObject([200, { origin, createdBy: 'key' }]);
  const { customerIntegrationId: id } = await register(api);
  const { run } = await carryOut(api, aRun({ plan: { ...aPlan(`${id}.look`), result: { $: 'steps.only.output' } } }));
  expect(run).toMatchObject({ status: 'SUCCESS', result: { word: 'seen' } });

  const other = await aWorkspace();
  await expect(register(other.api)).rejects.toMatchObject(refused);
  await expect(other.api.webhooks.create({ url: `${origin}/hook`, events: ['*'] })).rejects.toMatchObject(refused);
  expect((await other.api.workspace.origins({})).origins).toEqual([]);
});

test('the other process applies a change within two seconds, for documents, tools and webhooks', async () => {
  const { api, there } = await aWorkspace();
  const elsewhere = overRest(there);
  await expect(register(elsewhere)).rejects.toMatchObject(refused);
  await api.workspace.allowOrigin({ origin: stub.origin });
  await vi.waitFor(() => register(elsewhere), within);
  const { webhookId } = await elsewhere.webhooks.create({ url: `${stub.origin}/hook`, events: ['*'] });
  const { deliveryId } = await elsewhere.webhooks.test({ webhookId });
  await vi.waitFor(async () => {
    expect(await elsewhere.webhooks.delivery({ webhookId, deliveryId })).toMatchObject({ state: 'delivered' });
  }, within);

  await api.workspace.removeOrigin({ origin: stub.origin });
  await expect(register(api)).rejects.toMatchObject(refused);
  await vi.waitFor(() => expect(register(elsewhere)).rejects.toMatchObject(refused), within);
  const failed = await elsewhere.webhooks.test({ webhookId });
  await vi.waitFor(async () => {
    const delivery = await elsewhere.webhooks.delivery({ webhookId, deliveryId: failed.deliveryId });
    expect(JSON.stringify(delivery)).toContain('Its address may not be called.');
  }, within);
});

test('a removed origin fails the calls of its tools', async () => {
  const { api } = await aWorkspace();
  await api.workspace.allowOrigin({ origin: stub.origin });
  const { customerIntegrationId: id } = await register(api);
  await api.workspace.removeOrigin({ origin: stub.origin });
  // Runs execute in both processes.
  await vi.waitFor(async () => {
    const { run } = await carryOut(api, aRun({ plan: aPlan(`${id}.look`) }));
    expect(run).toMatchObject({ status: 'FAILED', error: { code: 'url_not_allowed' } });
  }, within);
});

test('a redirect to an origin that is not allowed is refused', async () => {
  const { api } = await aWorkspace();
  await api.workspace.allowOrigin({ origin: stub.origin });
  const before = hidden.connections();
  const error = await register(api, 'away').catch((thrown) => thrown);
  expect(error).toMatchObject(refused);
  expect(JSON.stringify(error.problem)).not.toContain(String(portOf(hidden.origin)));
  expect(hidden.connections()).toBe(before);
});

describe('no administrator can allow', () => {
  const closed: [what: string, origin: () => string, detail: RegExp][] = [
    ['a metadata service', () => 'http://169.254.169.254', /link-local, a metadata service/],
    ['one by its name', () => 'http://metadata.google.internal', /link-local, a metadata service/],
    ['one of another cloud', () => 'http://100.100.100.200', /link-local, a metadata service/],
    ['one over IPv6', () => 'http://[fd00:ec2::254]', /link-local, a metadata service/],
    ['the unspecified address', () => 'http://0.0.0.0:8080', /link-local, a metadata service/],
    ['a v4-mapped address', () => 'http://[::ffff:a00:7]:8080', /link-local, a metadata service/],
    ['a loopback port that the operator has not opened', () => hidden.origin, /operator has not opened/],
    ['the same by name', () => hidden.origin.replace('127.0.0.1', 'localhost'), /operator has not opened/],
    ['this service', () => first.url, /service itself listens/],
    ['another process of this service', () => second.url, /service itself listens/],
    ['its Postgres', () => `http://127.0.0.1:${portOf(databaseUrl)}`, /database of this service/],
    ['a replica of its Postgres', () => `http://10.0.0.7:${portOf(databaseUrl)}`, /database of this service/],
  ];
  test.each(closed)('%s', async (_, origin, detail) => {
    const { here } = await aWorkspace();
    for (const api of [overRest(here), overTrpc(here)]) {
      // A process knows the others after two seconds.
      const error = await vi.waitFor(async () => {
        const refusal = await api.workspace.allowOrigin({ origin: origin() }).catch((thrown) => thrown);
        const problem = { ...refused.problem, detail: expect.stringMatching(detail) };
        expect(refusal).toMatchObject({ ...refused, problem });
        return refusal;
      }, within);
      expect(error.problem).toMatchObject({ remedy: expect.any(String), errors: [{ pointer: '/origin' }] });
      expect((await api.workspace.origins({})).origins).toEqual([]);
    }
  });

  test('and a row that exists anyway opens nothing', async () => {
    const { api, workspaceId } = await aWorkspace();
    const origins = [hidden.origin, first.url, `http://127.0.0.1:${portOf(databaseUrl)}`, 'http://169.254.169.254'];
    await withDatabase(first, ({ pool }) =>
      pool.query(
        `INSERT INTO workspace_origin (workspace_id, origin, created_by) SELECT $1, unnest($2::text[]), 'test'`,
        [workspaceId, origins],
      ),
    );
    const before = hidden.connections();
    for (const origin of origins)
      await expect(
        api.integrations.create({ name: 'Private', kind: 'openapi', url: `${origin}/document` }),
      ).rejects.toMatchObject(refused);
    expect(hidden.connections()).toBe(before);
  });

  test.each([
    '10.0.0.7:8080',
    'http://10.0.0.7:8080/',
    'http://10.0.0.7:8080/path',
    'http://10.0.0.7:80',
    'http://*.corp.example',
    'http://user@10.0.0.7',
    'http://CRM.corp.example',
    'http://crm.corp.example.',
    'http://167772167',
    'ftp://10.0.0.7',
    '',
  ])('%j, which is no exact origin', async (origin) => {
    const { api } = await aWorkspace();
    const error = { status: 400, problem: { code: 'validation_failed', errors: [{ pointer: '/origin' }] } };
    await expect(api.workspace.allowOrigin({ origin })).rejects.toMatchObject(error);
  });
});

describe.each(transports)('over %s', (_, open) => {
  test('origins are listed in pages, replaced, removed and audited', async () => {
    const { here } = await aWorkspace();
    const api = open(here);
    const origins = [8081, 8082, 8083].map((port) => `http://10.0.0.7:${port}`);
    for (const origin of origins) await api.workspace.allowOrigin({ origin, note: 'CRM' });
    const page = await api.workspace.origins({ pageSize: 2 });
    const rest = await api.workspace.origins({ pageSize: 2, cursor: page.nextCursor });
    expect([...page.origins, ...rest.origins].map(({ origin }) => origin)).toEqual(origins);
    expect(rest.nextCursor).toBeUndefined();

    const [origin = ''] = origins;
    await api.workspace.allowOrigin({ origin, note: 'CRM' });
    expect(await api.workspace.allowOrigin({ origin, note: 'Mail' })).toMatchObject({ origin, note: 'Mail' });
    expect(await api.workspace.allowOrigin({ origin })).not.toHaveProperty('note');
    await api.workspace.removeOrigin({ origin });
    await expect(api.workspace.removeOrigin({ origin })).rejects.toMatchObject({ status: 404 });
    const { entries } = await api.audit.list({ actions: ['workspace.origin_allowed', 'workspace.origin_removed'] });
    expect(entries.map(({ action, details }) => [action, details]).reverse()).toEqual([
      ...origins.map((each) => ['workspace.origin_allowed', { origin: each, note: 'CRM' }]),
      ['workspace.origin_allowed', { origin, note: 'Mail' }],
      ['workspace.origin_allowed', { origin }],
      ['workspace.origin_removed', { origin }],
    ]);
  });
});

test('a workspace has at most 50, also with requests at the same time', async () => {
  const { api, workspaceId } = await aWorkspace();
  await withDatabase(first, ({ pool }) =>
    pool.query(
      `INSERT INTO workspace_origin (workspace_id, origin, created_by) SELECT $1, 'http://10.0.1.' || n, 'test' FROM generate_series(1, 48) AS n`,
      [workspaceId],
    ),
  );
  const answers = await Promise.allSettled(
    [1, 2, 3, 4, 5].map((n) => api.workspace.allowOrigin({ origin: `http://10.0.2.${n}` })),
  );
  const codes = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason.problem.code] : []));
  expect(codes).toEqual(Array(3).fill('origin_limit_reached'));
  const { origins } = await api.workspace.origins({});
  expect(origins).toHaveLength(50);
  const [{ origin }] = origins as [(typeof origins)[0]];
  expect(await api.workspace.allowOrigin({ origin, note: 'again' })).toMatchObject({ note: 'again' });
});

test('only the scope admin allows, lists and removes', async () => {
  const { api, here } = await aWorkspace();
  const { key } = await api.apiKeys.create({
    name: 'operator',
    scopes: ['runs:read', 'runs:write', 'connections:write', 'webhooks:write', 'approvals:decide'],
  });
  const weak = overRest({ ...here, apiKey: key });
  const insufficient = { status: 403, problem: { code: 'insufficient_scope' } };
  await expect(weak.workspace.origins({})).rejects.toMatchObject(insufficient);
  await expect(weak.workspace.allowOrigin({ origin: stub.origin })).rejects.toMatchObject(insufficient);
  await expect(weak.workspace.removeOrigin({ origin: stub.origin })).rejects.toMatchObject(insufficient);
});

test('without the setting only the operator allows origins, and the refusal says what to set', async () => {
  const database = await createTestDatabase(inject('postgres'));
  const server = await startServer({ databaseUrl: database.url });
  onTestFinished(async () => {
    await server.stop();
    await database.drop();
  });
  const api = overRest(server);
  await expect(api.workspace.allowOrigin({ origin: stub.origin })).rejects.toMatchObject({
    status: 409,
    problem: { code: 'origins_not_enabled', remedy: expect.stringContaining('ERRAND_WORKSPACE_ORIGINS=true') },
  });
  expect((await api.workspace.origins({})).origins).toEqual([]);
  // A row that was stored while the setting was true has no effect.
  await withDatabase({ databaseUrl: database.url, dataDir: server.dataDir }, ({ pool }) =>
    pool.query(
      `INSERT INTO workspace_origin (workspace_id, origin, created_by) SELECT workspace_id, $1, 'test' FROM workspace`,
      [stub.origin],
    ),
  );
  await expect(register(api)).rejects.toMatchObject(refused);
});
