// The effects of a GET that changes something and of a POST that only queries, in a new integration and in one from earlier code.
import pg from 'pg';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { aPlan, aRun, carryOut } from './fixtures/builders.ts';
import { type Stack, startStack } from './fixtures/stack.ts';
import { json, type Stub, type StubOperation, startStub } from './fixtures/stub.ts';
import { type Api, overRest, overTrpc } from './fixtures/transports.ts';

const ORDERS = [{ no: 'o-1' }, { no: 'o-2' }, { no: 'o-3' }];
const QUERIES = ['bays_search', 'moves_count', 'orders_qry', 'stock_lookup'];

/** A POST with an offset in its body, and an answer of two items. */
const query: StubOperation = {
  method: 'POST',
  more: {
    requestBody: {
      content: { 'application/json': { schema: { type: 'object', properties: { offset: { type: 'integer' } } } } },
    },
  },
  answer: (response, { body }) => {
    const { offset = 0 } = JSON.parse(body || '{}') as { offset?: number };
    json(response, { items: ORDERS.slice(offset, offset + 2), total: ORDERS.length });
  },
};
const done: StubOperation = { answer: (response) => json(response, { ok: true }) };

let stub: Stub;
let stack: Stack;
let api: Api;
beforeAll(async () => {
  stub = await startStub({
    'keys.list': done,
    'keys.revoke': done,
    'boards.publish': done,
    addOrder: { ...done, method: 'POST' },
    ...Object.fromEntries(QUERIES.map((name) => [name, query])),
  });
  stack = await startStack({ allow: [stub.origin], seed: false });
  api = overTrpc(stack);
  return () => Promise.all([stack.close(), stub.close()]);
});
beforeEach(() => {
  stub.hits.length = 0;
});

const register = (api: Api) => {
  const auth = { type: 'API_TOKEN', token: 'token-of-the-yard' } as const;
  return api.integrations.create({ name: 'Yard', document: stub.document, auth, enable: undefined });
};
/** The names of the tools that satisfy `is`, without the integration's prefix, in alphabetical order. */
async function toolsOf(
  api: Api,
  id: string,
  is: (tool: Awaited<ReturnType<Api['integrations']['tools']>>['tools'][number]) => unknown,
): Promise<string[]> {
  const tools = (await api.integrations.tools({ customerIntegrationId: id })).tools;
  return tools.flatMap((tool) => (is(tool) ? [tool.name.slice(id.length + 1)] : [])).sort();
}
const allPages = (id: string) =>
  aPlan(`${id}.orders_qry`, {
    steps: [
      {
        id: 'orders',
        tool: `${id}.orders_qry`,
        args: { body: {} },
        pages: { items: { $: 'page.items' }, next: { $: 'itemCount < page.total ? itemCount' }, into: 'body.offset' },
      },
    ],
    result: { count: { $: '$count(steps.orders.output)' } },
  });

test('a GET with the name of a change is a write, off by default, and needs a decision', async () => {
  const integration = await register(api);
  const id = integration.customerIntegrationId;
  expect(integration).toMatchObject({ enabledToolCount: 1, needsReview: false });
  expect(await toolsOf(api, id, ({ enabled }) => enabled)).toEqual(['keys_list']);
  expect(await toolsOf(api, id, ({ method, effect }) => method === 'GET' && effect === 'write')).toEqual([
    'boards_publish',
    'keys_revoke',
  ]);
  expect(integration.warnings.filter((text) => text.includes('It counts as a write'))).toHaveLength(2);
  const revoke = aRun({ plan: aPlan(`${id}.keys_revoke`), approvalStrategy: 'ON_WRITE' });
  await expect(api.runs.create(revoke)).rejects.toMatchObject({ problem: { code: 'plan_invalid' } });
  await api.integrations.setTools({ customerIntegrationId: id, enabled: [`${id}.keys_revoke`] });
  const { runId } = await api.runs.create(revoke);
  await expect.poll(async () => (await api.runs.get({ runId })).status).toBe('PAUSED');
  expect(stub.hits).toEqual([]);
});

test('a POST that only queries is proposed as a read; once accepted, it pages without a decision', async () => {
  const integration = await register(api);
  const id = integration.customerIntegrationId;
  const [first] = QUERIES;
  const accepted = `{"effects": {"${id}.${first}": "read"}}`;
  expect(integration.effectProposals).toEqual({ read: 4, write: 0, text: expect.stringContaining(accepted) });
  expect(await toolsOf(api, id, ({ proposedEffect }) => proposedEffect === 'read')).toEqual(QUERIES);

  // Until then they are writes.
  await api.integrations.setTools({ customerIntegrationId: id, enabled: 'all' });
  const paged = aRun({ plan: allPages(id), approvalStrategy: 'ON_WRITE' });
  await expect(api.runs.create(paged)).rejects.toMatchObject({
    problem: {
      errors: [{ pointer: '/plan/steps/0/pages', message: expect.stringContaining('only reads have pages') }],
    },
  });

  const effects = Object.fromEntries(QUERIES.map((name) => [`${id}.${name}`, 'read' as const]));
  await api.integrations.setTools({ customerIntegrationId: id, effects });
  const settled = await api.integrations.get({ customerIntegrationId: id });
  expect(settled).toMatchObject({ enabledToolCount: integration.toolCount });
  expect(settled).not.toHaveProperty('effectProposals');
  const { run } = await carryOut(api, paged);
  expect(run).toMatchObject({ status: 'SUCCESS', result: { count: 3 } });
  expect(stub.hits.map(({ operation }) => operation)).toEqual(['orders_qry', 'orders_qry']);
  await api.integrations.setTools({ customerIntegrationId: id, enabled: 'reads' });
  expect(await toolsOf(api, id, ({ enabled }) => enabled)).toEqual([...QUERIES, 'keys_list'].sort());
});

test('a change without a choice and without effects is refused', async () => {
  const { customerIntegrationId } = await register(api);
  await expect(api.integrations.setTools({ customerIntegrationId })).rejects.toMatchObject({
    status: 400,
    problem: { errors: [{ pointer: '/enabled' }] },
  });
});

test('an upgrade does not change the tools of an integration, and shows the proposed effects to its owner', async () => {
  const api = overRest(stack);
  const { customerIntegrationId: id } = await register(api);
  // As earlier code stored it: each GET is an enabled read.
  const sql = new pg.Client({ connectionString: stack.databaseUrl });
  await sql.connect();
  await sql.query(
    `UPDATE tool SET effect = 'read', enabled = true WHERE customer_integration_id = $1 AND method = 'GET'`,
    [id],
  );
  await sql.query(`UPDATE tool SET proposed_effect = NULL WHERE customer_integration_id = $1`, [id]);
  await sql.query(`UPDATE integration SET effect_words = 0 WHERE customer_integration_id = $1`, [id]);
  await sql.end();
  await stack.restart();

  const integration = () => api.integrations.get({ customerIntegrationId: id });
  await expect.poll(integration, { timeout: 60_000 }).toMatchObject({ needsReview: true });
  const gets = ['boards_publish', 'keys_list', 'keys_revoke'];
  const stateOf = async () => ({
    enabled: await toolsOf(api, id, ({ enabled }) => enabled),
    inReview: await toolsOf(api, id, ({ needsReview, proposedEffect }) => needsReview && proposedEffect === 'write'),
  });
  const waiting = { enabled: gets, inReview: ['boards_publish', 'keys_revoke'] };
  expect(await stateOf()).toEqual(waiting);
  expect(await integration()).toMatchObject({ enabledToolCount: 3, effectProposals: { read: 4, write: 2 } });
  const run = aRun({ plan: aPlan(`${id}.keys_revoke`), approvalStrategy: 'ON_WRITE' });
  expect((await carryOut(api, run)).run.status).toBe('SUCCESS');

  // Reading the same document again changes nothing.
  await api.integrations.refresh({ customerIntegrationId: id, document: stub.document });
  expect(await stateOf()).toEqual(waiting);

  const effects = { [`${id}.keys_revoke`]: 'write', [`${id}.boards_publish`]: 'read' } as const;
  await api.integrations.setTools({ customerIntegrationId: id, effects });
  expect(await stateOf()).toEqual({ enabled: gets, inReview: [] });
  expect(await integration()).toMatchObject({ needsReview: false, effectProposals: { read: 4, write: 0 } });
  const { runId } = await api.runs.create(run);
  await expect.poll(async () => (await api.runs.get({ runId })).status).toBe('PAUSED');
});
