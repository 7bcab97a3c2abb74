// Lists of integrations and of tools at their size limit: pages stay within it and continue without gaps.
import pg from 'pg';
import { beforeAll, expect, test } from 'vitest';
import { request } from './fixtures/request.ts';
import { type Stack, startStack } from './fixtures/stack.ts';
import { json, type Stub, startStub } from './fixtures/stub.ts';
import { type Api, overRest, overTrpc } from './fixtures/transports.ts';

const MIB = 1024 * 1024;
const INTEGRATIONS = 1100;
const TOOLS = 600;

let stack: Stack;
let stub: Stub;
let id: string;
let api: Api;
beforeAll(async () => {
  stub = await startStub({ listThings: { answer: (response) => json(response, {}) } });
  stack = await startStack({ seed: false, allow: [stub.origin] });
  const integration = await overRest(stack).integrations.create({ name: 'Large', document: stub.document });
  id = integration.customerIntegrationId;
  const admin = new pg.Pool({ connectionString: stack.databaseUrl, max: 1 });
  await admin.query(
    `INSERT INTO integration SELECT (jsonb_populate_record(i, jsonb_build_object('customer_integration_id', 'other_' || n,
       'registration_id', gen_random_uuid(), 'name', 'Other ' || (n / 2), 'instructions', repeat('ü', 10000)))).*
     FROM integration i, generate_series(1, ${INTEGRATIONS}) n WHERE i.customer_integration_id = $1`,
    [id],
  );
  await admin.query(
    `INSERT INTO tool SELECT (jsonb_populate_record(t, jsonb_build_object('operation', 'op' || n, 'name', $1::text || '.op' || n,
       'position', n, 'input_schema', jsonb_build_object('type', 'object', 'description', repeat('x', 30000))))).*
     FROM tool t, generate_series(1, ${TOOLS}) n WHERE t.customer_integration_id = $1`,
    [id],
  );
  await admin.end();
  api = overTrpc(stack);
  return () => Promise.all([stack.close(), stub.close()]);
}, 60_000);

test.each(['/v1/integrations', '/v1/integrations?active=all&pageSize=1000', 'tools'])(
  '%s has at most 8 MiB',
  async (list) => {
    const path = list === 'tools' ? `/v1/integrations/${id}/tools?pageSize=1000` : list;
    const { status, text } = await request(stack, path);
    expect(status).toBe(200);
    expect(Buffer.byteLength(text)).toBeLessThanOrEqual(8 * MIB);
    expect(Buffer.byteLength(text)).toBeGreaterThan(4 * MIB);
    expect((await request(stack, path)).text).toBe(text);
  },
);

test('the answer to a choice of tools has at most 8 MiB', async () => {
  const { status, text } = await request(stack, `/v1/integrations/${id}/tools`, {
    method: 'PUT',
    body: { enabled: 'all' },
  });
  expect(status).toBe(200);
  expect(Buffer.byteLength(text)).toBeLessThanOrEqual(8 * MIB);
});

test('tools beyond the limit are names, and can be read at their references', async () => {
  const { tools: all, nextCursor } = await api.integrations.tools({ customerIntegrationId: id, pageSize: 1000 });
  expect(nextCursor).toBeUndefined();
  expect(new Set(all.map(({ name }) => name)).size).toBe(TOOLS + 1);
  const first = all.findIndex(({ leftOut }) => leftOut);
  expect(first).toBeGreaterThan(50);
  expect(all.slice(first).every(({ leftOut, inputSchema }) => leftOut && inputSchema === undefined)).toBe(true);
  const { path } = all[first]!.leftOut!;
  const next = JSON.parse((await request(stack, `${path}&pageSize=1000`)).text);
  expect(next.tools[0]).toMatchObject({ name: all[first]!.name, inputSchema: { type: 'object' } });
  expect(next.tools.map(({ name }: { name: string }) => name)).toEqual(all.slice(first).map(({ name }) => name));
});

test('the pages of tools have each tool once, and the answer to a choice leads to the others', async () => {
  const at = { customerIntegrationId: id };
  const names: string[] = [];
  for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
    const { tools, nextCursor } = await api.integrations.tools({ ...at, pageSize: 250, cursor });
    expect(tools.length).toBeLessThanOrEqual(250);
    names.push(...tools.map(({ name }) => name));
    cursor = nextCursor;
  }
  expect(names).toHaveLength(TOOLS + 1);
  expect(new Set(names).size).toBe(TOOLS + 1);
  expect((await api.integrations.setTools({ ...at, enabled: 'all' })).tools).toHaveLength(TOOLS + 1);
});

test('the next page starts after the last integration; one beyond the limit can be read at its own path', async () => {
  const integrations = [];
  for (let cursor: string | undefined, isFirst = true; isFirst || cursor !== undefined; isFirst = false) {
    const page = await api.integrations.list({ cursor });
    integrations.push(...page.integrations);
    cursor = page.nextCursor;
  }
  expect(new Set(integrations.map((integration) => integration.customerIntegrationId)).size).toBe(INTEGRATIONS + 1);
  expect(integrations).toHaveLength(INTEGRATIONS + 1);
  const cut = integrations.find(({ leftOut }) => leftOut)!;
  expect(cut).toMatchObject({ leftOut: { path: `/v1/integrations/${cut.customerIntegrationId}` } });
  expect(cut.instructions).toBeUndefined();
  expect((await api.integrations.get({ customerIntegrationId: cut.customerIntegrationId })).instructions).toHaveLength(
    10_000,
  );
  const { nextCursor } = await api.integrations.list({ pageSize: 1 });
  expect((await api.integrations.list({ pageSize: 2, cursor: nextCursor })).integrations).toMatchObject([
    { customerIntegrationId: integrations[1]!.customerIntegrationId },
    { customerIntegrationId: integrations[2]!.customerIntegrationId },
  ]);
});
