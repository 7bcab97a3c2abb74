// The inbox: the open requests with everything needed to decide them, and decisions about many at once.
import type { Json } from '@errand/contracts';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { aRun } from './fixtures/builders.ts';
import { ended, type Office, openOffice, payments, startWaiting } from './fixtures/office.ts';
import { request } from './fixtures/request.ts';
import { type Api, overRest, overTrpc } from './fixtures/transports.ts';

let office: Office;
let api: Api;
beforeAll(async () => {
  office = await openOffice();
  api = overTrpc(office.stack);
  return () => office.close();
});
beforeEach(() => {
  office.stub.hits.length = 0;
});

const refused = (status: number, code: string) =>
  expect.objectContaining({ status, problem: expect.objectContaining({ code }) });
const paid = () =>
  office.stub.hits.filter(({ operation }) => operation === 'pay').map(({ body }) => JSON.parse(body).amount);
/** A read, and a payment with its result. */
const foundStep = ({ id }: Office) => ({
  goal: 'Pay what was seen',
  steps: [
    { id: 'seen', tool: `${id}.look` },
    { id: 'pay', tool: `${id}.pay`, args: { body: { to: { $: 'steps.seen.output.word' }, amount: 700 } } },
  ],
});

const userId = `inbox-${crypto.randomUUID()}`;
test('an entry contains all that is needed to decide it', async () => {
  const run = await startWaiting(api, payments(office, [], { userId, intent: 'Pay 700', plan: foundStep(office) }));
  const { pending } = await api.pending.list({ userId });
  const { approvalId } = run.waitingOn[0]!;
  const host = new URL(office.stub.origin).host;
  expect(pending).toEqual([
    {
      kind: 'call',
      approvalId,
      runId: run.runId,
      userId,
      intent: 'Pay 700',
      customerIntegrationId: office.id,
      integrationName: 'Office',
      tool: `${office.id}.pay`,
      title: 'Pay',
      effect: 'write',
      text: 'Pay at Office with amount 700, to seen?',
      request: { method: 'POST', host, path: '/pay' },
      args: { body: { to: 'seen', amount: 700 } },
      argOrigins: {
        '/body/to': { from: 'step', stepId: 'seen', path: 'word', text: 'found by Look' },
        '/body/amount': { from: 'intent', text: 'from the intent' },
      },
      inputSchema: expect.objectContaining({ type: 'object' }),
      inWords: {
        sentence: 'Pay at Office with amount 700, to seen',
        args: [
          expect.objectContaining({ pointer: '/body/to', from: 'step', stepId: 'seen', text: 'seen' }),
          expect.objectContaining({ pointer: '/body/amount', from: 'intent', text: '700' }),
        ],
      },
      requestedBy: { type: 'api_key', id: expect.any(String), label: 'first key' },
      argsHash: expect.stringMatching(/^[0-9a-f]{64}$/),
      resolveWith: { method: 'POST', path: `/v1/approvals/${approvalId}`, body: { decision: 'approve' } },
      askedAt: expect.any(String),
      expiresAt: expect.any(String),
      onExpiry: 'deny',
      mayDecide: true,
    },
  ]);
  const { executionPlanId } = run;
  expect(await api.executionPlans.get({ executionPlanId })).toEqual({
    planType: 'json',
    plan: expect.objectContaining({ goal: 'Pay what was seen' }),
    madeBy: { kind: 'caller' },
    madeAt: run.createdAt,
    version: 1,
    versions: [{ version: 1, madeBy: { kind: 'caller' }, madeAt: run.createdAt }],
    steps: [
      { stepId: 'seen', title: 'Office: Look', effect: 'read', needs: [], argOrigins: {} },
      {
        stepId: 'pay',
        title: 'Office: Pay',
        effect: 'write',
        needs: ['seen'],
        argOrigins: pending[0]!.argOrigins,
      },
    ],
    words: ['1. Look', '2. Pay with amount 700, to as found in 1 (changes something)'],
  });
  const approval = await api.approvals.get({ approvalId: approvalId! });
  expect(approval).toEqual({ ...pending[0], state: 'pending' });

  const reader = overTrpc(await office.callerWith('runs:read'));
  expect((await reader.pending.list({ userId })).pending[0]!.mayDecide).toBe(false);
  await api.approvals.decide({
    approvalId: approvalId!,
    decision: 'approve',
    args: { body: { to: 'you', amount: 7 } },
  });
  await ended(api, run.runId);
  expect(await api.approvals.get({ approvalId: approvalId! })).toMatchObject({
    state: 'approved',
    decidedBy: 'first key',
    decidedAt: expect.any(String),
    args: { body: { to: 'you', amount: 7 } },
  });
  expect((await api.pending.list({ userId })).pending).toEqual([]);
});

test('a plan, a question and an uncertain effect each have their own form', async () => {
  const plan = await startWaiting(api, payments(office, [1], { userId, approvalStrategy: 'ON_START' }));
  const steps = [{ id: 'which', tool: 'errand.ask', args: { question: 'Which one?', choices: ['a', 'b'] } }];
  const question = await startWaiting(api, payments(office, [], { userId, plan: { goal: 'Ask', steps } }));
  const seenStep = { id: 'seen', tool: `${office.id}.look` };
  const gone = {
    id: 'gone',
    tool: `${office.id}.vanish`,
    args: { body: { name: { $: "steps.seen.output.word & ' Ana'" } } },
  };
  const lost = await startWaiting(api, aRun({ userId, plan: { goal: 'Vanish', steps: [seenStep, gone] } }));
  const { pending } = await api.pending.list({ userId });
  expect(pending.map(({ kind, runId, title, onExpiry }) => [kind, runId, title, onExpiry])).toEqual([
    ['effect', lost.runId, 'Vanish', 'skip'],
    ['question', question.runId, 'A question', 'no_answer'],
    ['plan', plan.runId, 'Pay the bills', 'deny'],
  ]);
  expect(pending[2]!.plan).toMatchObject({ goal: 'Pay the bills', steps: [{ id: 'p1' }] });
  expect(pending[1]!.choices).toHaveLength(2);
  expect(pending[0]).toMatchObject({
    args: { body: { name: 'seen Ana' } },
    argOrigins: { '/body/name': { from: 'step', stepId: 'seen', text: expect.stringContaining('found by Look') } },
    effect: 'write',
    request: { path: '/vanish' },
  });

  const kinds = async (more: object) => (await api.pending.list({ userId, ...more })).pending.map(({ kind }) => kind);
  expect(await kinds({ kind: ['plan', 'effect'] })).toEqual(['effect', 'plan']);
  expect(await kinds({ customerIntegrationId: office.id })).toEqual(['effect']);
  expect(await kinds({ customerIntegrationId: office.otherId })).toEqual([]);
  expect(await kinds({ runId: question.runId })).toEqual(['question']);
  await expect(kinds({ kind: ['wish'] })).rejects.toEqual(refused(400, 'validation_failed'));
  await expect(kinds({ color: 'red' })).rejects.toEqual(refused(400, 'validation_failed'));
  for (const { runId } of [plan, question, lost]) await api.runs.cancel({ runId });
  expect(await kinds({})).toEqual([]);
});

test('many are decided in one request, each independently', async () => {
  const run = await startWaiting(api, payments(office, [1, 2, 3, 4], { userId }), 4);
  const { pending } = await api.pending.list({ userId });
  const idOf = (amount: number) =>
    pending.find(({ args }) => (args as { body: { amount: Json } }).body.amount === amount)!.approvalId!;
  const nobodys = crypto.randomUUID();
  const { results } = await api.pending.decide({
    decisions: [
      { approvalId: idOf(1), decision: 'approve' },
      { approvalId: nobodys, decision: 'approve' },
      { approvalId: idOf(2), decision: 'approve', args: { body: { amount: 'all' } } },
      { approvalId: idOf(2), decision: 'deny', reason: 'not this one' },
      { approvalId: idOf(1), decision: 'approve' },
      { approvalId: idOf(1), decision: 'deny' },
      { approvalId: idOf(3), decision: 'approve', args: { body: { amount: 30 } } },
    ],
  });
  expect(results.map(({ approvalId, approval, error }) => [approvalId, approval?.decision ?? error?.code])).toEqual([
    [idOf(1), 'approve'],
    [nobodys, 'approval_not_found'],
    [idOf(2), 'validation_failed'],
    [idOf(2), 'deny'],
    [idOf(1), 'approve'],
    [idOf(1), 'approval_already_decided'],
    [idOf(3), 'approve'],
  ]);
  expect(results[2]!.error!.errors![0]!.pointer).toBe('/decisions/2/args/body/amount');
  expect(results[4]).toEqual(results[0]);
  await expect.poll(() => paid().sort()).toEqual([1, 30]);
  await api.approvals.decide({ approvalId: idOf(4), decision: 'deny' });
  const { events, status } = await ended(api, run.runId);
  expect(status).toBe('PARTIAL_SUCCESS');
  expect(events.filter(({ type }) => type === 'run_action')).toHaveLength(4);
  expect(paid().sort()).toEqual([1, 30]);
});

test('ids of another workspace get the answer for unknown ids', async () => {
  const run = await startWaiting(api, payments(office, [8], { userId }));
  const stranger = overTrpc(await office.stranger());
  const { approvalId } = run.waitingOn[0]!;
  const answer = async (id: string) =>
    (await stranger.pending.decide({ decisions: [{ approvalId: id, decision: 'approve' }] })).results[0]!.error;
  const always = { until: new Date(Date.now() + 1e6).toISOString() };
  const withRule = { approvalId: approvalId!, decision: 'approve', always } as const;
  expect(await answer(approvalId!)).toEqual(await answer(crypto.randomUUID()));
  expect((await stranger.pending.decide({ decisions: [withRule] })).results[0]!.error!.code).toBe('approval_not_found');
  await expect(stranger.approvals.get({ approvalId: approvalId! })).rejects.toEqual(refused(404, 'approval_not_found'));
  expect((await stranger.pending.list({})).pending).toEqual([]);
  expect((await api.runs.get({ runId: run.runId })).waitingOn).toHaveLength(1);
  await api.runs.cancel({ runId: run.runId });
});

test('a batch with an invalid decision is refused as a whole', async () => {
  const unknownDecision = { approvalId: crypto.randomUUID(), decision: 'approve' } as const;
  const decide = (decisions: unknown, more = {}) => api.pending.decide({ decisions, ...more } as never);
  const invalid = refused(400, 'validation_failed');
  await expect(decide([])).rejects.toEqual(invalid);
  await expect(decide(Array.from({ length: 101 }, () => unknownDecision))).rejects.toEqual(invalid);
  await expect(decide([{ ...unknownDecision, color: 'red' }])).rejects.toEqual(invalid);
  await expect(decide([{ ...unknownDecision, approvalId: 'x' }])).rejects.toEqual(invalid);
  await expect(decide([unknownDecision], { all: true })).rejects.toEqual(invalid);
  const reader = overTrpc(await office.callerWith('runs:read'));
  await expect(reader.pending.decide({ decisions: [unknownDecision] })).rejects.toEqual(
    refused(403, 'insufficient_scope'),
  );
});

test('"always" creates one rule, for exactly these arguments and this user', async () => {
  const to = 'always';
  const pay = (amount: number, more = {}) =>
    payments(office, [], {
      userId: to,
      plan: { goal: 'Pay', steps: [{ id: 'p', tool: `${office.id}.pay`, args: { body: { amount, to } } }] },
      ...more,
    });
  const { runId, waitingOn } = await startWaiting(api, pay(5));
  const approvalId = waitingOn[0]!.approvalId!;
  const decide = (more: object) => api.approvals.decide({ approvalId, decision: 'approve', ...more } as never);
  const invalid = refused(400, 'validation_failed');
  await expect(decide({ decision: 'deny', always: {} })).rejects.toEqual(invalid);
  await expect(decide({ always: { until: '2020-01-01T00:00:00Z' } })).rejects.toEqual(invalid);
  await expect(decide({ always: { until: '2999-01-01T00:00:00Z' } })).rejects.toEqual(invalid);
  await expect(decide({ always: { argsSchema: { type: 'nonsense' } } })).rejects.toMatchObject({ status: 400 });
  await expect(decide({ always: { forever: true } })).rejects.toEqual(invalid);
  expect(await api.approvals.get({ approvalId })).toMatchObject({ state: 'pending' });

  const first = await decide({ always: {}, reason: 'as ever' });
  expect(first.approvalRuleId).toBe(approvalId);
  expect(await decide({ always: {} })).toEqual(first);
  await ended(api, runId);
  const rules = (await api.approvalRules.list({ active: true })).approvalRules.filter((rule) => rule.userId === to);
  expect(rules).toMatchObject([
    { approvalRuleId: approvalId, tool: `${office.id}.pay`, reason: 'as ever', state: 'active' },
  ]);
  // Rules apply at once in the process that creates them.
  expect((await api.runs.create({ ...pay(5), prefer: 'wait=20' } as never)).status).toBe('SUCCESS');
  for (const input of [pay(6), pay(5, { userId: 'somebody else' })]) {
    const { runId } = await startWaiting(api, input);
    await api.runs.cancel({ runId });
  }
  expect(paid()).toEqual([5, 5]);
  await api.approvalRules.revoke({ approvalRuleId: approvalId });
});

test('large arguments are omitted from a list and complete in the single entry', async () => {
  const api = overRest(office.stack);
  const to = 'x'.repeat(150_000);
  const steps = [{ id: 'p', tool: `${office.id}.pay`, args: { body: { to } } }];
  const run = await startWaiting(api, payments(office, [], { userId: 'large', plan: { goal: 'Pay', steps } }));
  const { approvalId } = run.waitingOn[0]!;
  const [entry] = (await api.pending.list({ userId: 'large', pageSize: 20 })).pending;
  expect([entry!.args, entry!.leftOut]).toEqual([
    undefined,
    { fields: ['args', 'argOrigins', 'inWords', 'inputSchema'], path: `/v1/approvals/${approvalId}` },
  ]);
  expect((await api.approvals.get({ approvalId: approvalId! })).args).toEqual({ body: { to } });
  await api.runs.cancel({ runId: run.runId });
});

test('pages stay consistent while entries come and go', async () => {
  const api = overRest(office.stack);
  const amounts = Array.from({ length: 20 }, (_, i) => i + 1);
  const make = () => startWaiting(api, payments(office, amounts, { userId: 'paging' }), 20);
  const runs = [await make(), await make()];
  const before = new Set(runs.flatMap(({ waitingOn }) => waitingOn.map(({ approvalId }) => approvalId!)));
  const seenIds: string[] = [];
  let cursor: string | undefined;
  do {
    const { pending, nextCursor } = await api.pending.list({
      userId: 'paging',
      pageSize: 7,
      ...(cursor && { cursor }),
    });
    seenIds.push(...pending.map(({ approvalId }) => approvalId!));
    if (seenIds.length === 7) runs.push(await make());
    cursor = nextCursor;
  } while (cursor !== undefined);
  expect(new Set(seenIds).size).toBe(seenIds.length);
  expect(new Set(seenIds)).toEqual(before);
  const wrong = await request(office.stack, '/v1/pending?cursor=x');
  expect([wrong.status, wrong.problem.code]).toEqual([400, 'invalid_cursor']);
  for (const { runId } of runs) await api.runs.cancel({ runId });
});
