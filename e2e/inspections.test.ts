// Inspections of services: nothing is registered, and a registration uses the inspected document.
import { randomUUID } from 'node:crypto';
import { startStubMcpServer } from '@errand/integrations/testing';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, describe, expect, test } from 'vitest';
import { type Stack, startStack } from './fixtures/stack.ts';
import { json, type Stub, startStub } from './fixtures/stub.ts';
import { type Api, overRest, transports } from './fixtures/transports.ts';

const document = (operations: readonly string[]) => ({
  openapi: '3.1.0',
  info: { title: 'Shop', version: '1', description: 'Sells things.' },
  servers: [{ url: '/v1' }],
  security: [{ key: [] }],
  components: { securitySchemes: { key: { type: 'apiKey', in: 'header', name: 'x-shop-key' } } },
  paths: Object.fromEntries(
    operations.map((name) => {
      const operation = { operationId: name, summary: `Does ${name}`, responses: { 200: { description: 'Done.' } } };
      return [`/${name}`, name.startsWith('create') ? { post: operation } : { get: operation }];
    }),
  ),
});

let served = document(['listOrders']);
let stub: Stub;
let mcp: Awaited<ReturnType<typeof startStubMcpServer>>;
let stack: Stack;
let sql: pg.Pool;
beforeAll(async () => {
  stub = await startStub({ shop: { answer: (response) => json(response, served) } });
  mcp = await startStubMcpServer({ tools: [{ name: 'book', title: 'Book a table', inputSchema: { type: 'object' } }] });
  stack = await startStack({ seed: false, allow: [stub.origin, mcp.origin] });
  sql = new pg.Pool({ connectionString: stack.databaseUrl, max: 1 });
});
afterAll(async () => {
  await sql.end();
  await stack.close();
  await Promise.all([stub.close(), mcp.close()]);
});
beforeEach(() => sql.query('DELETE FROM integration_inspection'));

const refused = (status: number, code: string, pointer?: string) =>
  expect.objectContaining({
    status,
    problem: expect.objectContaining({ code, ...(pointer && { errors: [expect.objectContaining({ pointer })] }) }),
  });

describe.each(transports)('over %s', (_, apiOver) => {
  let api: Api;
  beforeAll(() => {
    api = apiOver(stack);
  });
  const url = () => `${stub.origin}/shop`;
  const operationsOf = async (customerIntegrationId: string) =>
    (await api.integrations.tools({ customerIntegrationId })).tools.map(({ name }) => name.split('.')[1]);

  test('an inspection shows the service and its operations, and registers nothing', async () => {
    const before = (await api.integrations.list({ active: 'all' })).integrations;
    const body = { ...document(['listOrders', 'createOrder']), servers: [{ url: stub.origin }] };
    const inspection = await api.integrations.inspect({ document: body });
    expect(inspection).toMatchObject({
      name: 'Shop',
      description: 'Sells things.',
      host: new URL(stub.origin).host,
      auth: { type: 'API_TOKEN', in: 'header', name: 'x-shop-key' },
      operations: [
        { operation: 'listOrders', title: 'Does listOrders', method: 'GET', path: '/listOrders', effect: 'read' },
        { operation: 'createOrder', title: 'Does createOrder', method: 'POST', path: '/createOrder', effect: 'write' },
      ],
      operationCount: 2,
      hasMore: false,
    });
    expect((await api.integrations.list({ active: 'all' })).integrations).toEqual(before);

    const { inspectionId } = inspection;
    const { customerIntegrationId } = await api.integrations.create({ name: 'Shop', inspectionId: inspectionId! });
    expect(await operationsOf(customerIntegrationId)).toEqual(['listOrders', 'createOrder']);
    await expect(api.integrations.create({ name: 'Shop', inspectionId: inspectionId! })).rejects.toEqual(
      refused(404, 'not_found'),
    );
  });

  test('a registration uses the document that was inspected, also if its URL has another one meanwhile', async () => {
    served = document(['listOrders']);
    const { inspectionId, baseUrl } = await api.integrations.inspect({ url: url() });
    expect(baseUrl).toBe(`${stub.origin}/v1`);
    served = document(['listOrders', 'createRefund']);
    const { customerIntegrationId } = await api.integrations.create({ name: 'Shop', inspectionId: inspectionId! });
    expect(await operationsOf(customerIntegrationId)).toEqual(['listOrders']);
    await api.integrations.refresh({ customerIntegrationId });
    expect(await operationsOf(customerIntegrationId)).toEqual(['listOrders', 'createRefund']);
  });

  test('an inspection belongs to its caller, and expires', async () => {
    const { inspectionId } = await api.integrations.inspect({ url: url() });
    const { key } = await api.apiKeys.create({ name: 'other', scopes: ['connections:write'] });
    const other = apiOver({ ...stack, apiKey: key });
    const input = { name: 'Shop', inspectionId: inspectionId! };
    await expect(other.integrations.create(input)).rejects.toEqual(refused(404, 'not_found'));
    await expect(api.integrations.create({ ...input, url: url() })).rejects.toEqual(
      refused(400, 'validation_failed', '/inspectionId'),
    );
    await sql.query(`UPDATE integration_inspection SET expires_at = now() - interval '1 second'`);
    await expect(api.integrations.create(input)).rejects.toEqual(refused(404, 'not_found'));
    await api.integrations.inspect({ url: url() });
    expect((await sql.query('SELECT FROM integration_inspection')).rowCount).toBe(1);
  });

  test('a workspace has three stored documents at most, and all have 100 MiB', async () => {
    const ids = [];
    for (let n = 0; n < 4; n++) ids.push((await api.integrations.inspect({ url: url() })).inspectionId!);
    const { rows } = await sql.query<{ id: string }>(
      'SELECT inspection_id AS id FROM integration_inspection ORDER BY 1',
    );
    expect(rows.map(({ id }) => id)).toEqual(ids.slice(1));
    await Promise.all(Array.from({ length: 4 }, () => api.integrations.inspect({ url: url() })));
    expect((await sql.query('SELECT FROM integration_inspection')).rowCount).toBe(3);
    await sql.query(`UPDATE integration_inspection SET bytes = 100 * 1024 * 1024 WHERE inspection_id =
      (SELECT max(inspection_id::text)::uuid FROM integration_inspection)`);
    await expect(api.integrations.inspect({ url: url() })).rejects.toEqual(refused(429, 'too_many_imports'));
  });

  test('the tools of an MCP server are listed; there is no document to store', async () => {
    const inspection = await api.integrations.inspect({ kind: 'mcp', url: mcp.url });
    expect(inspection.operations).toMatchObject([{ operation: 'book', title: 'Book a table', effect: 'write' }]);
    expect(inspection).not.toHaveProperty('inspectionId');
    const input = { name: 'Tables', kind: 'mcp', inspectionId: randomUUID() } as const;
    await expect(api.integrations.create(input)).rejects.toEqual(refused(400, 'validation_failed', '/inspectionId'));
  });
});

test('an address that may not be called is refused, as for a registration', async () => {
  const api = overRest(stack);
  for (const url of ['http://169.254.169.254/openapi.json', 'http://127.0.0.1:1/openapi.json'])
    await expect(api.integrations.inspect({ url })).rejects.toMatchObject({ problem: { code: 'url_not_allowed' } });
  await expect(api.integrations.inspect({ document: '{}' })).rejects.toMatchObject({
    problem: { code: 'openapi_invalid' },
  });
});
