// A run is repeated with its plan, or planned again.
import { randomUUID } from 'node:crypto';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { aPlan, aRun, whole } from './fixtures/builders.ts';
import { ended, type Office, openOffice, startWaiting } from './fixtures/office.ts';
import { request } from './fixtures/request.ts';
import { type Api, overRest, overTrpc } from './fixtures/transports.ts';

let office: Office;
let api: Api;
beforeAll(async () => {
  office = await openOffice({ seed: true });
  api = overTrpc(office.stack);
  return () => office.close();
});
beforeEach(() => {
  office.stub.hits.length = 0;
});

const sent = () => office.stub.hits.map(({ body }) => JSON.parse(body));
/** Pays the receiver in the context. */
const payment = (more: object = {}) =>
  aRun({
    intent: 'Pay the bill',
    context: 'to=Ana; house rules apply',
    metadata: { of: 'rerun' },
    plan: {
      goal: 'Pay',
      steps: [{ id: 'pay', tool: `${office.id}.pay`, args: { body: { amount: 5, to: { $: 'pairs.to' } } } }],
    },
    prefer: 'wait=20',
    ...more,
  });
const refused = (status: number, code: string, pointer?: string) => ({
  status,
  problem: { code, ...(pointer !== undefined && { errors: [{ pointer, message: expect.any(String) }] }) },
});

const first = async (more: object = {}) => whole(await api.runs.create(payment(more)));

test('the same plan is executed again: it writes again, and names the first run', async () => {
  const before = await first();
  const again = whole(await api.runs.rerun({ runId: before.runId, mode: 'same_plan' }));
  expect([before.plan, again.plan]).toMatchObject([{ madeBy: { kind: 'caller' } }, { madeBy: { kind: 'rerun' } }]);
  const { executionPlanId } = again;
  expect(await api.executionPlans.get({ executionPlanId })).toMatchObject({ madeBy: { kind: 'rerun' } });
  expect(again).toMatchObject({
    status: 'QUEUED',
    rerunOf: before.runId,
    intent: before.intent,
    context: before.context,
    userId: before.userId,
    metadata: { of: 'rerun' },
    plan: { planType: 'json', plan: before.plan.planType === 'json' && before.plan.plan },
  });
  expect(again.runId).not.toBe(before.runId);
  const run = await ended(api, again.runId);
  expect(run).toMatchObject({ status: 'SUCCESS', rerunOf: before.runId, result: { id: 'paid' } });
  const { runs } = await api.runs.list({ userId: before.userId, pageSize: 1 });
  expect(runs).toMatchObject([{ runId: again.runId, rerunOf: before.runId }]);
  expect(sent()).toEqual([
    { amount: 5, to: 'Ana' },
    { amount: 5, to: 'Ana' },
  ]);
  expect(before).not.toHaveProperty('rerunOf');
});

test('with another context it pays another, where the plan binds the value that differs', async () => {
  const { runId } = await first();
  const context = 'to=Bo; house rules apply';
  const run = whole(await api.runs.rerun({ runId, mode: 'same_plan', context, prefer: 'wait=20' }));
  expect([run.status, run.context]).toEqual(['SUCCESS', context]);
  expect(sent()).toEqual([
    { amount: 5, to: 'Ana' },
    { amount: 5, to: 'Bo' },
  ]);
});

test.each([
  ['a key that the plan does not read', 'to=Ana; house rules apply; amount=7'],
  ['other prose', 'to=Ana; no rules apply'],
])('a context with %s is refused with the same plan', async (_, context) => {
  const { runId } = await first();
  await expect(api.runs.rerun({ runId, mode: 'same_plan', context })).rejects.toMatchObject(
    refused(409, 'plan_not_repeatable', '/context'),
  );
  expect(sent()).toHaveLength(1);
});

test('another intent needs a new plan, which is made without the plan of the run', async () => {
  const before = await first({ selectedCustomerIntegrationIds: ['*'] });
  const input = { runId: before.runId, intent: 'List all users', prefer: 'wait=20' };
  await expect(api.runs.rerun({ ...input, mode: 'same_plan' })).rejects.toMatchObject(
    refused(400, 'validation_failed', '/intent'),
  );
  const run = whole(await api.runs.rerun({ ...input, mode: 'new_plan' }));
  expect(run).toMatchObject({ status: 'SUCCESS', intent: 'List all users', rerunOf: before.runId });
  expect(JSON.stringify(run.plan)).toContain('listUsers');
  expect(sent()).toHaveLength(1);
});

test('an approval strategy may be added, and that of the run remains', async () => {
  const { runId } = await first();
  const added = await api.runs.rerun({ runId, mode: 'same_plan', approvalStrategy: 'ON_WRITE', prefer: 'wait=1' });
  expect(added.status).toBe('PAUSED');
  const repeated = whole(await api.runs.rerun({ runId: added.runId, mode: 'same_plan', prefer: 'wait=1' }));
  expect([repeated.status, repeated.approvalStrategy]).toEqual(['PAUSED', 'ON_WRITE']);
  for (const run of [added, repeated]) await api.runs.cancel({ runId: run.runId });
});

test('passed-through credentials must be sent again, or omitted explicitly', async () => {
  const passThrough = [{ customerIntegrationId: office.id, headers: { 'x-tenant': 'eu' } }];
  const { runId } = await first({ passThrough });
  await expect(api.runs.rerun({ runId, mode: 'same_plan' })).rejects.toMatchObject({
    ...refused(400, 'validation_failed', '/passThrough'),
    message: expect.stringContaining(office.id),
  });
  const more = { runId, mode: 'same_plan', prefer: 'wait=20' } as const;
  const us = [{ customerIntegrationId: office.id, headers: { 'x-tenant': 'us' } }];
  await api.runs.rerun({ ...more, passThrough: us });
  const without = await api.runs.rerun({ ...more, passThrough: [] });
  expect(office.stub.hits.map(({ headers }) => headers['x-tenant'])).toEqual(['eu', 'us', undefined]);
  // The earlier run passed nothing through.
  await api.runs.rerun({ runId: without.runId, mode: 'same_plan', prefer: 'wait=20' });
  expect(sent()).toHaveLength(4);
});

test('the same Idempotency-Key makes one run, and another body is refused', async () => {
  const { runId } = await first();
  const input = { runId, mode: 'same_plan', idempotencyKey: randomUUID(), prefer: 'wait=20' } as const;
  const rerun = await api.runs.rerun(input);
  expect(await api.runs.rerun(input)).toEqual(rerun);
  await expect(api.runs.rerun({ ...input, mode: 'new_plan' })).rejects.toMatchObject(
    refused(422, 'idempotency_key_reused'),
  );
  // Keys of different operations are different keys.
  expect((await first({ idempotencyKey: input.idempotencyKey })).runId).not.toBe(rerun.runId);
  expect(sent()).toHaveLength(3);
});

test.each([
  [{ mode: 'again' }, 400, 'validation_failed'],
  [{ mode: undefined }, 400, 'validation_failed'],
  [{ mode: 'new_plan', intent: '' }, 400, 'validation_failed'],
  [{ mode: 'new_plan', context: 'x'.repeat(50_001) }, 400, 'validation_failed'],
  [{ mode: 'new_plan', userId: 'user-9' }, 400, 'validation_failed'],
  [{ mode: 'new_plan', prefer: 'wait=soon' }, 400, 'validation_failed'],
  [{ mode: 'new_plan', passThrough: [{ customerIntegrationId: 'nobodys' }] }, 400, 'validation_failed'],
  [{ mode: 'same_plan', runId: randomUUID() }, 404, 'not_found'],
])('%j is refused', async (body, status, code) => {
  const { runId } = await first();
  await expect(api.runs.rerun({ runId, ...body } as never)).rejects.toMatchObject(refused(status, code));
  expect(sent()).toHaveLength(1);
});

test('a run without a plan, and one whose tools have changed, has no plan to execute again', async () => {
  const api = overRest(office.stack);
  // The first has no plan; the second only looked, without a result.
  for (const intent of ['Fly to the moon', 'Which deals wear glasses?']) {
    const unplanned = whole(await api.runs.create(aRun({ intent, prefer: 'wait=20' })));
    expect(unplanned).toMatchObject({
      status: 'NO_SUCCESS',
      plan: { planType: intent === 'Fly to the moon' ? 'text' : 'json' },
    });
    await expect(api.runs.rerun({ runId: unplanned.runId, mode: 'same_plan' })).rejects.toMatchObject(
      refused(409, 'plan_not_repeatable'),
    );
  }
  const { runId } = whole(await api.runs.create(aRun({ plan: aPlan(`${office.otherId}.look`), prefer: 'wait=20' })));
  await api.integrations.setTools({ customerIntegrationId: office.otherId, enabled: [`${office.otherId}.pay`] });
  await expect(api.runs.rerun({ runId, mode: 'same_plan' })).rejects.toMatchObject({
    status: 409,
    problem: {
      code: 'tools_changed',
      errors: [{ pointer: '/steps/0/tool', message: expect.stringMatching(/is switched off\. PUT /) }],
    },
  });
});

test('a waiting run can be run again, and an integration with the id of a deleted one is not mistaken for it', async () => {
  const api = overRest(office.stack);
  const { document } = office.stub;
  const register = () =>
    api.integrations.create({
      name: 'Till',
      kind: 'openapi',
      document,
      auth: { type: 'NONE' },
      customerIntegrationId: 'till',
    });
  await register();
  const waiting = await startWaiting(api, {
    ...payment({ approvalStrategy: 'ON_WRITE', selectedCustomerIntegrationIds: ['till'] }),
    plan: aPlan('till.pay', { steps: [{ id: 'only', tool: 'till.pay', args: { body: { amount: 1 } } }] }),
    prefer: undefined,
  });
  const { runId } = waiting;
  expect((await api.runs.rerun({ runId, mode: 'same_plan', prefer: 'wait=1' })).status).toBe('PAUSED');
  await api.integrations.delete({ customerIntegrationId: 'till' });
  await register();
  for (const mode of ['same_plan', 'new_plan'] as const)
    await expect(api.runs.rerun({ runId, mode })).rejects.toMatchObject(refused(400, 'connection_not_found'));
  expect(sent()).toEqual([]);
});

test('a key without runs:read gets only the handle', async () => {
  const { runId } = whole(await overRest(office.stack).runs.create(payment({ context: 'to=Ana; hidden' })));
  const blind = overRest(await office.callerWith('runs:write'));
  const rerun = await blind.runs.rerun({ runId, mode: 'same_plan', prefer: 'wait=20' });
  expect(Object.keys(rerun).sort()).toEqual(['answer', 'createdAt', 'executionPlanId', 'runId', 'status']);
  const reader = await office.callerWith('runs:read');
  const answer = await request(reader, `/v1/runs/${runId}/rerun`, { body: { mode: 'same_plan' } });
  expect(answer).toMatchObject({ status: 403, problem: { code: 'insufficient_scope' } });
});
