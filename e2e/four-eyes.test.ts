// Four eyes: the requester of a run cannot decide any of its requests by any route; another principal can.
import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { ended, type Office, payments, startOffice, startWaiting, tokensOf } from './fixtures/office.ts';
import { request } from './fixtures/request.ts';
import { type Api, type Caller, overRest, overTrpc } from './fixtures/transports.ts';

let office: Office;
beforeAll(async () => {
  office = await startOffice({ env: { ERRAND_FOUR_EYES: 'true' } });
  return () => office.close();
});

const self = { status: 403, problem: { code: 'self_approval' } };
const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();
const paid = (marker: string) => office.stub.hits.filter(({ body }) => body.includes(marker));
/** A payment that the service can distinguish from others. */
const payment = (to: string, more: object = {}) =>
  payments(office, [], {
    userId: to,
    plan: { goal: 'Pay', steps: [{ id: 'pay', tool: `${office.id}.pay`, args: { body: { to } } }] },
    ...more,
  });

let requester: Caller & { apiKeyId: string };
let makerApi: Api;
let otherApi: Api;
beforeAll(async () => {
  requester = await aKey('requester');
  makerApi = overTrpc(requester);
  otherApi = overTrpc(await aKey('another'));
});
const aKey = async (name: string) => {
  const apiKey = await overTrpc(office.stack).apiKeys.create({
    name,
    scopes: ['runs:read', 'runs:write', 'approvals:decide'],
  });
  return { url: office.stack.url, apiKey: apiKey.key, apiKeyId: apiKey.apiKeyId };
};
const rotated = async ({ apiKeyId }: { apiKeyId: string }): Promise<Caller & { apiKeyId: string }> => {
  const rotated = await overTrpc(office.stack).apiKeys.rotate({ apiKeyId });
  return { url: office.stack.url, apiKey: rotated.key, apiKeyId: rotated.apiKeyId };
};

test('a rotated key is the same requester, also after two rotations, and after the first is revoked', async () => {
  const first = await aKey('rotates');
  const run = await startWaiting(overTrpc(first), payment(randomUUID()));
  const approvalId = run.waitingOn[0]!.approvalId!;
  const second = await rotated(first);
  const third = await rotated(second);
  await overTrpc(office.stack).apiKeys.revoke({ apiKeyId: first.apiKeyId });
  for (const caller of [second, third]) {
    for (const decision of ['approve', 'deny'] as const) {
      await expect(overTrpc(caller).approvals.decide({ approvalId, decision })).rejects.toMatchObject(self);
    }
    const [tokens] = await tokensOf(overTrpc(caller), run.runId);
    expect(await request(caller, `/v1/runs/approval?token=${tokens!.approve}`)).toMatchObject(self);
  }
  await otherApi.approvals.decide({ approvalId, decision: 'approve' });
  expect((await ended(makerApi, run.runId)).status).toBe('SUCCESS');
});

test('a run without an approval strategy needs approval anyway', async () => {
  const to = randomUUID();
  const run = await startWaiting(makerApi, payment(to, { approvalStrategy: 'NONE' }));
  expect([run.approvalStrategy, run.waitingOn[0]!.kind, paid(to)]).toEqual(['NONE', 'call', []]);
  await otherApi.approvals.decide({ approvalId: run.waitingOn[0]!.approvalId!, decision: 'approve' });
  expect((await ended(makerApi, run.runId)).status).toBe('SUCCESS');
  expect(paid(to)).toHaveLength(1);
});

test('its passed-through headers replace no approved argument', async () => {
  const to = randomUUID();
  const handed = (query: Record<string, string>) =>
    payment(to, { passThrough: [{ customerIntegrationId: office.id, query }] });
  const approved = async (input: ReturnType<typeof handed>) => {
    const { runId, waitingOn } = await startWaiting(makerApi, input);
    await otherApi.approvals.decide({ approvalId: waitingOn[0]!.approvalId!, decision: 'approve' });
    return ended(makerApi, runId);
  };
  for (const name of ['to', 'TO', 'to[]']) {
    const { status, error } = await approved(handed({ [name]: 'mallory' }));
    expect([status, error?.code]).toEqual(['FAILED', 'pass_through_refused']);
    expect(error?.message).toContain('passThrough');
  }
  expect(paid(to)).toEqual([]);
  expect((await approved(handed({ trace: 'of-the-requester' }))).status).toBe('SUCCESS');
  expect(paid(to).map(({ url, body }) => [url, JSON.parse(body)])).toEqual([['/pay?trace=of-the-requester', { to }]]);
});

test('its own rule, or one of its rotated key, allows no call of its runs; it allows those of others', async () => {
  const maker = await aKey('makes a rule');
  const later = await rotated(maker);
  const to = randomUUID();
  const rule = { tool: `${office.id}.pay`, userId: to, expiresAt: inAnHour() };
  const rules = [await overTrpc(maker).approvalRules.create(rule), await overTrpc(later).approvalRules.create(rule)];
  for (const caller of [maker, later]) {
    const { runId } = await startWaiting(overTrpc(caller), payment(to));
    await makerApi.runs.cancel({ runId });
  }
  expect(paid(to)).toEqual([]);
  const { runId } = await makerApi.runs.create(payment(to));
  expect((await ended(makerApi, runId)).status).toBe('SUCCESS');
  for (const { approvalRuleId } of rules) await makerApi.approvalRules.revoke({ approvalRuleId });

  const { approvalRuleId } = await otherApi.approvalRules.create(rule);
  const passed = await overTrpc(later).runs.create(payment(to));
  expect((await ended(makerApi, passed.runId)).status).toBe('SUCCESS');
  await makerApi.approvalRules.revoke({ approvalRuleId });
});

test.each(['retry', 'happened', 'skip'] as const)('it does not resolve an uncertain effect by %s', async (decision) => {
  const name = randomUUID();
  const plan = { goal: 'Vanish', steps: [{ id: 'gone', tool: `${office.id}.vanish`, args: { body: { name } } }] };
  const run = await startWaiting(makerApi, payments(office, [], { plan }));
  await otherApi.approvals.decide({ approvalId: run.waitingOn[0]!.approvalId!, decision: 'approve' });
  const effectOf = async () =>
    (await makerApi.runs.get({ runId: run.runId })).waitingOn.find(({ kind }) => kind === 'effect')?.effectId;
  await expect.poll(effectOf, { timeout: 60_000, interval: 30 }).toBeDefined();
  const effectId = (await effectOf())!;
  await expect(makerApi.effects.resolve({ effectId, decision })).rejects.toMatchObject(self);
  const same = overTrpc(await rotated(await rotatedOnce()));
  await expect(same.effects.resolve({ effectId, decision })).rejects.toMatchObject(self);
  expect(paid(name)).toHaveLength(1);
  expect(await otherApi.effects.resolve({ effectId, decision })).toMatchObject({ decision, decidedBy: 'another' });
  await ended(makerApi, run.runId);
});
// The requester's key remains valid next to the new one.
const rotatedOnce = async () => {
  const list = (await overTrpc(office.stack).apiKeys.list({ active: true })).apiKeys;
  const newest = list.find((key) => key.principalId === requester.apiKeyId && key.replacedBy === undefined)!;
  return { apiKeyId: newest.apiKeyId };
};

test("the caller that repeats another's run is the requester of the repeat, even if it approved the first; it may cancel it", async () => {
  const to = randomUUID();
  const repeatKey = randomUUID();
  const first = await startWaiting(otherApi, payment(to, { repeatKey }));
  await makerApi.approvals.decide({ approvalId: first.waitingOn[0]!.approvalId!, decision: 'approve' });
  expect((await ended(makerApi, first.runId)).status).toBe('SUCCESS');
  const mine = await startWaiting(makerApi, payment(to, { repeatKey, plan: undefined }));
  expect(mine.repeatRunId).toBe(first.runId);
  const approvalId = mine.waitingOn[0]!.approvalId!;
  await expect(makerApi.approvals.decide({ approvalId, decision: 'approve' })).rejects.toMatchObject(self);
  expect((await makerApi.runs.cancel({ runId: mine.runId })).status).toBe('CANCELED');
});

test('a caller that repeats a request with its Idempotency-Key is not the requester: the first caller is', async () => {
  const idempotencyKey = randomUUID();
  const input = payment(randomUUID(), { idempotencyKey });
  const run = await startWaiting(makerApi, input);
  expect((await otherApi.runs.create(input)).runId).toBe(run.runId);
  const approvalId = run.waitingOn[0]!.approvalId!;
  await expect(makerApi.approvals.decide({ approvalId, decision: 'approve' })).rejects.toMatchObject(self);
  await otherApi.approvals.decide({ approvalId, decision: 'deny' });
  expect((await ended(makerApi, run.runId)).status).toBe('CANCELED');
});

test('it cannot decide its own plan either, and both the plan and the write need a decision', async () => {
  const to = randomUUID();
  const run = await startWaiting(makerApi, payment(to, { approvalStrategy: 'ON_START' }));
  const plan = run.waitingOn[0]!;
  expect(plan.kind).toBe('plan');
  await expect(makerApi.approvals.decide({ approvalId: plan.approvalId!, decision: 'approve' })).rejects.toMatchObject(
    self,
  );
  await otherApi.approvals.decide({ approvalId: plan.approvalId!, decision: 'approve' });
  const kindNow = async () => (await makerApi.runs.get({ runId: run.runId })).waitingOn[0]?.kind;
  await expect.poll(kindNow, { timeout: 60_000, interval: 30 }).toBe('call');
  expect(paid(to)).toEqual([]);
  await makerApi.runs.cancel({ runId: run.runId });
});

test('the audit log names the principal that decided, by kind, id and name', async () => {
  const decider = await aKey('decides');
  const run = await startWaiting(makerApi, payment(randomUUID()));
  const approvalId = run.waitingOn[0]!.approvalId!;
  await overTrpc(await rotated(decider)).approvals.decide({ approvalId, decision: 'deny' });
  const { entries } = await overTrpc(office.stack).audit.list({
    actorId: decider.apiKeyId,
    action: 'approval.decided',
  });
  expect(entries).toMatchObject([
    { target: approvalId, actor: { type: 'api_key', id: decider.apiKeyId, label: 'decides' } },
  ]);
});

test('a link decides nothing, even for a program', async () => {
  const api = overRest(office.stack);
  const run = await startWaiting(api, payment(randomUUID()));
  const [tokens] = await tokensOf(api, run.runId);
  const nobody = { ...office.stack, apiKey: '' };
  for (const token of [tokens!.approve, tokens!.deny]) {
    expect(await request(nobody, '/v1/runs/approval', { body: { token } })).toMatchObject(self);
  }
  await api.runs.cancel({ runId: run.runId });
});
