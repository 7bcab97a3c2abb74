// A run names its approvers: only they decide, in each way of deciding.
import { randomUUID } from 'node:crypto';
import { beforeAll, expect, test } from 'vitest';
import { agentOf } from '../agents/agent.ts';
import { ended, type Office, payments, startOffice, startWaiting, tokensOf } from '../fixtures/office.ts';
import { request } from '../fixtures/request.ts';
import { type Api, overRest } from '../fixtures/transports.ts';
import { anotherWorkspace } from '../fixtures/workspace.ts';
import { aMember, endMembership, type Member } from '../people/members.ts';
import { send } from '../people/person.ts';
import { ana, ben, type ProductKey, productKey } from './parties.ts';

let office: Office;
let admin: Api;
let desk: ProductKey;
let ada: Member;
let cleo: Member;
beforeAll(async () => {
  office = await startOffice();
  admin = overRest(office.stack);
  desk = await productKey(office.stack, 'helpdesk');
  [ada, cleo] = [await aMember(office.stack, 'Ada', 'admin'), await aMember(office.stack, 'Cleo', 'decider')];
  return () => office.close();
});

const not = { status: 403, problem: { code: 'not_an_approver' } };
const inAnHour = () => new Date(Date.now() + 3_600_000).toISOString();
const approvers = () => [
  { type: 'claimed' as const, ...ben },
  { type: 'person' as const, id: cleo.personId },
];
const APPROVERS = () => [
  { type: 'claimed', id: 'helpdesk:ben', label: 'Ben Okafor, named by helpdesk' },
  { type: 'person', id: cleo.personId, label: 'Cleo' },
];
const waiting = async (more: object = {}) => {
  const run = await startWaiting(desk.api, payments(office, [5], { approvers: approvers(), ...more }));
  return { runId: run.runId, approvalId: run.waitingOn[0]!.approvalId! };
};
const vanishing = () => ({
  goal: 'Vanish',
  steps: [{ id: 'gone', tool: `${office.id}.vanish`, args: { body: { name: randomUUID() } } }],
});

test('other callers decide nothing, in each way; an approver of a product does', async () => {
  const userId = randomUUID();
  const { runId, approvalId } = await waiting({ userId });
  expect((await desk.api.runs.get({ runId })).approvers).toEqual(APPROVERS());
  const { pending } = await desk.api.pending.list({ runId });
  expect(pending).toMatchObject([{ mayDecide: false, mayNotBecause: 'not_an_approver' }]);
  expect(pending[0]!.approvers).toEqual(APPROVERS().map((approver) => ({ ...approver, mayDecide: true })));
  for (const [api, named] of [
    [desk.api, {}],
    [desk.api, { onBehalfOf: ana }],
    [admin, {}],
  ] as const) {
    for (const decision of ['approve', 'deny'] as const)
      await expect(api.approvals.decide({ approvalId, decision, ...named })).rejects.toMatchObject(not);
    const edited = { approvalId, decision: 'approve', args: { body: { amount: 1 } }, ...named } as const;
    await expect(api.approvals.decide(edited)).rejects.toMatchObject(not);
    const always = { approvalId, decision: 'approve', always: {}, ...named } as const;
    await expect(api.approvals.decide(always)).rejects.toMatchObject(not);
    const { results } = await api.pending.decide({ decisions: [{ approvalId, decision: 'approve' }], ...named });
    expect(results).toMatchObject([{ error: { code: 'not_an_approver' } }]);
  }
  const answer = await ada.ask('approvals.decide', { approvalId, decision: 'approve' });
  expect(answer).toMatchObject({ status: 403, body: { code: 'not_an_approver' } });
  const agent = await agentOf([desk], { userId });
  expect(await agent.call('decide', { approvalId, decision: 'approve' })).toMatchObject({
    refused: { code: 'not_an_approver' },
  });
  const approval = await desk.api.approvals.decide({ approvalId, decision: 'approve', onBehalfOf: ben });
  expect(approval.decidedBy).toBe('Ben Okafor, named by helpdesk');
  expect((await ended(admin, runId)).status).toBe('SUCCESS');
});

test('a link decides nothing, with a key, a session or alone, and its page says who may; an approver of the console does', async () => {
  const { runId, approvalId } = await waiting();
  const [tokens] = await tokensOf(desk.api, runId);
  const path = `/v1/runs/approval?token=${tokens!.approve}`;
  expect(await request(desk, path)).toMatchObject(not);
  const body = { token: tokens!.approve };
  expect(await request({ ...desk, apiKey: '' }, '/v1/runs/approval', { body })).toMatchObject(not);
  expect(await send(`${office.stack.url}/v1/runs/approval`, { body, headers: cleo.headers })).toMatchObject({
    status: 403,
    body: { code: 'not_an_approver' },
  });
  const response = await fetch(`${office.stack.url}${path}`, { headers: { accept: 'text/html' } });
  const page = await response.text();
  expect(page).toContain('Only these people decide: Ben Okafor, named by helpdesk; Cleo.');
  expect(page).not.toContain('<form');
  const [entry] = (await cleo.ask('pending.list', { runId })).body.pending;
  expect(entry).toMatchObject({ mayDecide: true });
  const { status, body: decided } = await cleo.ask('approvals.decide', { approvalId, decision: 'deny' });
  expect([status, decided.decidedBy]).toEqual([200, 'Cleo']);
});

test('uncertain effects are resolved by approvers alone; questions are not limited', async () => {
  const { runId, approvalId } = await waiting({ plan: vanishing() });
  await desk.api.pending.decide({ decisions: [{ approvalId, decision: 'approve' }], onBehalfOf: ben });
  const effectOf = async () => (await admin.runs.get({ runId })).waitingOn.find(({ kind }) => kind === 'effect');
  await expect.poll(effectOf, { timeout: 60_000 }).toBeDefined();
  const { effectId } = (await effectOf())! as { effectId: string };
  await expect(admin.effects.resolve({ effectId, decision: 'skip' })).rejects.toMatchObject(not);
  const { effects } = await admin.pending.decide({ effects: [{ effectId, decision: 'skip' }] });
  expect(effects).toMatchObject([{ error: { code: 'not_an_approver' } }]);
  const filter = { kind: ['effect' as const], runId };
  const { matching } = await admin.pending.decide({ matching: { filter, decision: 'skip', expectedCount: 1 } });
  expect(matching).toMatchObject({ decided: 0, remaining: 0, skipped: { not_an_approver: 1 } });
  const resolved = await desk.api.pending.decide({ effects: [{ effectId, decision: 'skip' }], onBehalfOf: ben });
  expect(resolved.effects).toMatchObject([{ effect: { decidedBy: 'Ben Okafor, named by helpdesk' } }]);
});

test('a rule applies only if an approver made it', async () => {
  const userId = randomUUID();
  const rule = { tool: `${office.id}.pay`, userId, expiresAt: inAnHour() };
  await admin.approvalRules.create(rule);
  await desk.api.approvalRules.create({ ...rule, onBehalfOf: ana });
  const { runId, approvalId } = await waiting({ userId });
  const always = { approvalId, decision: 'approve', always: {}, onBehalfOf: ben } as const;
  await desk.api.approvals.decide(always);
  expect((await ended(admin, runId)).status).toBe('SUCCESS');
  const next = await desk.api.runs.create(payments(office, [5], { userId, approvers: approvers() }));
  expect((await ended(admin, next.runId)).status).toBe('SUCCESS');
});

test('a rerun keeps the approvers, or gets others; actions and schedules name theirs', async () => {
  const first = await waiting();
  await desk.api.approvals.decide({ approvalId: first.approvalId, decision: 'approve', onBehalfOf: ben });
  await ended(admin, first.runId);
  const approversOf = async (runId: string) => (await admin.runs.get({ runId })).approvers;
  const same = await desk.api.runs.rerun({ runId: first.runId, mode: 'same_plan', onBehalfOf: ana });
  expect(await approversOf(same.runId)).toEqual(APPROVERS());
  const others = [{ type: 'claimed' as const, ...ana }];
  const OTHERS = [{ type: 'claimed', id: 'helpdesk:ana', label: 'Ana Lopez, named by helpdesk' }];
  const other = await admin.runs.rerun({
    runId: first.runId,
    mode: 'same_plan',
    approvers: [{ ...others[0]!, product: 'helpdesk' }],
  });
  expect(await approversOf(other.runId)).toEqual(OTHERS);
  const { results } = await desk.api.runs.rerunMany({ runIds: [first.runId], mode: 'same_plan' });
  expect(await approversOf(results[0]!.run!.runId)).toEqual(APPROVERS());
  await admin.actions.keep({ key: 'pay', runId: first.runId });
  const acted = desk.api.actions.run({ key: 'pay', userId: 'u', approvers: others });
  const { problem } = (await acted.catch((error: unknown) => error)) as { problem: { code: string; runId: string } };
  expect(problem.code).toBe('action_waits');
  expect(await approversOf(problem.runId)).toEqual(OTHERS);
  const run = payments(office, [1], { approvers: others });
  const { scheduleId, run: stored } = await desk.api.schedules.create({ name: 'Pay', cron: '0 9 * * 1', run });
  expect(stored.approvers).toEqual([{ ...others[0], product: 'helpdesk' }]);
  expect(await approversOf((await admin.schedules.run({ scheduleId })).runId)).toEqual(OTHERS);
});

test('approvers who could never decide are refused', async () => {
  const viewer = await aMember(office.stack, 'Vic', 'viewer');
  const { workspaceId } = await anotherWorkspace(office.stack);
  const stranger = await aMember(office.stack, 'Sam', 'admin', workspaceId);
  const mute = await productKey(office.stack, 'mute', ['runs:write', 'persons:claim']);
  const refused = (pointer: string) => ({ status: 400, problem: { errors: [{ pointer }] } });
  for (const [api, approver] of [
    [desk.api, { type: 'person', id: randomUUID() }],
    [desk.api, { type: 'person', id: viewer.personId }],
    [desk.api, { type: 'person', id: stranger.personId }],
    [desk.api, { type: 'claimed', id: 'ben', product: 'nothing' }],
    [mute.api, { type: 'claimed', id: 'ben' }],
    [admin, { type: 'claimed', id: 'ben' }],
  ] as const) {
    const input = payments(office, [1], { approvers: [approver] });
    await expect(api.runs.create(input)).rejects.toMatchObject(refused('/approvers/0'));
  }
  const run = payments(office, [1], { approvers: [{ type: 'person', id: randomUUID() }] });
  const schedule = desk.api.schedules.create({ name: 'Pay', cron: '0 9 * * 1', run });
  await expect(schedule).rejects.toMatchObject(refused('/run/approvers/0'));
  const many = Array.from({ length: 21 }, (_, i) => ({ type: 'claimed' as const, id: `p${i}` }));
  await expect(desk.api.runs.create(payments(office, [1], { approvers: many }))).rejects.toMatchObject({ status: 400 });
});

test('an approver who left cannot decide, and the inbox says that no approver is left', async () => {
  const dora = await aMember(office.stack, 'Dora', 'decider');
  const { runId, approvalId } = await waiting({ approvers: [{ type: 'person', id: dora.personId }] });
  await endMembership(office.stack, dora);
  const { pending } = await admin.pending.list({ runId });
  expect(pending[0]!.approvers).toEqual([{ type: 'person', id: dora.personId, label: 'Dora', mayDecide: false }]);
  expect((await dora.ask('approvals.decide', { approvalId, decision: 'approve' })).status).toBe(404);
  await admin.runs.cancel({ runId });
});

test('under four eyes the requester alone as approver decides nothing, and the request expires as denied', async () => {
  const strict = await startOffice({ env: { ERRAND_FOUR_EYES: 'true', ERRAND_APPROVAL_HOURS: '0.0015' } });
  try {
    const key = await productKey(strict.stack, 'helpdesk');
    const input = payments(strict, [5], { onBehalfOf: ben, approvers: [{ type: 'claimed', ...ben }] });
    const { runId } = await key.api.runs.create(input);
    await expect.poll(async () => (await key.api.pending.list({ runId })).pending.length, { interval: 20 }).toBe(1);
    const [entry] = (await key.api.pending.list({ runId })).pending;
    expect(entry?.approvers).toMatchObject([{ id: 'helpdesk:ben', mayDecide: false }]);
    const decision = { approvalId: entry!.approvalId!, decision: 'approve' } as const;
    await expect(key.api.approvals.decide({ ...decision, onBehalfOf: ben })).rejects.toMatchObject({
      problem: { code: 'self_approval' },
    });
    await expect(key.api.approvals.decide({ ...decision, onBehalfOf: ana })).rejects.toMatchObject(not);
    const run = await ended(key.api, runId);
    expect([run.status, strict.stub.hits.length]).toEqual(['CANCELED', 0]);
    expect(run.events.find(({ type }) => type === 'run_action')).toMatchObject({ action: 'deny', reason: 'expired' });
  } finally {
    await strict.close();
  }
});
