import { beforeAll, expect, test } from 'vitest';
import { aPlan, aRun, carryOut, whole } from './fixtures/builders.ts';
import { request } from './fixtures/request.ts';
import { type Caller, overRest, overTrpc } from './fixtures/transports.ts';
import { CANARY, startTenants } from './tenancy/tenants.ts';

let tenants: Awaited<ReturnType<typeof startTenants>>;
let reader: Caller;
beforeAll(async () => {
  tenants = await startTenants();
  const { stack, otherTenant } = tenants;
  const { key } = await overRest(otherTenant.caller).apiKeys.create({ name: 'reader', scopes: ['runs:read'] });
  reader = { url: stack.url, apiKey: key };
  return () => tenants.close();
});

test('a repeat key never repeats a run of another workspace', async () => {
  const { mine, otherTenant } = tenants;
  const { runs } = await overTrpc(otherTenant.caller).runs.list({ repeatKey: CANARY });
  expect(runs.map(({ runId }) => runId)).not.toContain(mine.runId);
  const same = aRun({ intent: `List all users, ${CANARY}`, userId: CANARY, repeatKey: CANARY, prefer: 'wait=20' });
  const repeated = whole(await overTrpc(mine.caller).runs.create(same));
  expect(repeated.repeatRunId).toBeDefined();
  const api = overTrpc(otherTenant.caller);
  const [crm] = await api.integrations.list({});
  const plan = aPlan(`${crm!.customerIntegrationId}.listUsers`);
  const created = whole(await api.runs.create({ ...same, plan }));
  expect([created.status, created.repeatRunId ?? created.runId]).toEqual([
    'SUCCESS',
    expect.not.stringMatching(mine.runId),
  ]);
});

test('an Idempotency-Key never gives an answer of another workspace', async () => {
  const { mine, otherTenant } = tenants;
  const run = aRun({ idempotencyKey: crypto.randomUUID() });
  const created = await overTrpc(mine.caller).runs.create(run);
  const ownRun = await overTrpc(otherTenant.caller).runs.create(run);
  expect(ownRun.runId).not.toBe(created.runId);
  expect(await overTrpc(mine.caller).runs.create(run)).toEqual(created);
});

test('a key without the scope may not', async () => {
  const api = overTrpc(reader);
  expect(await api.integrations.list({})).toHaveLength(1);
  const { runId, crm } = tenants.otherTenant;
  const refused = { status: 403, problem: { code: 'insufficient_scope' } };
  await expect(api.runs.create(aRun())).rejects.toMatchObject(refused);
  await expect(api.feedback.put({ runId, rating: 'positive' })).rejects.toMatchObject(refused);
  await expect(api.integrations.delete({ customerIntegrationId: crm })).rejects.toMatchObject(refused);
});

test('a cursor of one workspace opens no page of another', async () => {
  const { mine, otherTenant } = tenants;
  const api = overRest(mine.caller);
  await carryOut(api, aRun());
  const { pagination } = await api.runs.list({ pageSize: 1 });
  const answer = await request(otherTenant.caller, `/v1/runs?pageSize=1&cursor=${pagination.nextCursor}`);
  expect([answer.status, answer.problem.code]).toEqual([400, 'invalid_cursor']);
});
