import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { approvalsOf, by, parallel, startApprovals } from '../../testing/approvals.ts';
import { aPlan, aRun, follow, untilWaiting } from '../../testing/engine.ts';

let fixture: Awaited<ReturnType<typeof startApprovals>>;
let { engines, service, engine, decide } = {} as typeof fixture;

beforeAll(async () => {
  fixture = await startApprovals(inject('postgres'));
  ({ engines, service, engine, decide } = fixture);
});
afterAll(() => fixture.close());
beforeEach(() => {
  service.seen.length = 0;
});

test('ON_WRITE asks about writes alone; approving makes the call, and events tell who', async () => {
  const plan = aPlan([
    ['a', 'look'],
    ['b', 'make', { id: { $: 'steps.a.output.echo' } }],
  ]);
  const run = await untilWaiting(engine, aRun({ approvalStrategy: 'ON_WRITE', plan }));
  expect([run.status, service.calls('look'), service.calls('make')]).toEqual(['PAUSED', 1, 0]);
  const [approvalId] = approvalsOf(run);
  expect(run.events.find((e) => e.type === 'step' && e.step.stepId === 'b')).toMatchObject({
    step: { approvalId, approval: 'PENDING', toolCalls: [{ toolCallId: 'b', toolParameters: { id: {} } }] },
  });
  expect(await decide(run, approvalId!, 'approve')).toMatchObject({ decision: 'approve', decidedBy: by.label });
  const events = await follow(engine, run.workspaceId, run.runId);
  expect(events.map((e) => e.type)).toEqual(['start', 'step', 'step', 'status', 'run_action', 'step', 'end']);
  expect(events.at(-2)).toMatchObject({
    step: {
      approval: 'APPROVED',
      approvalId,
      toolCalls: [{ toolResult: { approvalResult: { status: 'APPROVED', text: `Approved by ${by.label}.` } } }],
    },
  });
  expect(events.at(-1)).toMatchObject({ runStatus: 'SUCCESS' });
  expect(service.calls('make')).toBe(1);
});

test('ON_TOOL_CALL asks about reads too, one after the other', async () => {
  const plan = aPlan([
    ['a', 'look'],
    ['b', 'find', {}, { dependsOn: ['a'] }],
  ]);
  const run = await untilWaiting(engine, aRun({ approvalStrategy: 'ON_TOOL_CALL', plan }));
  expect(service.seen).toEqual([]);
  await decide(run, approvalsOf(run)[0]!, 'approve');
  const requestTexts = async () => {
    const now = (
      await engine.getRun(run.workspaceId, { runId: run.runId, includeEvents: false, includeToolCalls: false })
    ).value();
    return now.waitingOn.map((request) => request.text);
  };
  await expect.poll(requestTexts, { timeout: 10_000 }).toEqual(['Find at Service?']);
  expect([service.calls('look'), service.calls('find')]).toEqual([1, 0]);
  await engine.cancel(run.workspaceId, run.runId);
});

test('ON_START shows the plan and calls nothing before it is approved', async () => {
  const plan = aPlan([['a', 'make']]);
  const run = await untilWaiting(engine, aRun({ approvalStrategy: 'ON_START', plan }));
  expect(run.events[1]).toMatchObject({ type: 'run_approval', runStatus: 'PAUSED', plan: { planType: 'json' } });
  expect([run.waitingOn[0]?.text, service.seen]).toEqual([
    'Approve this plan? Test\n\n1. Make (changes something)',
    [],
  ]);
  expect(run.events[1]).toMatchObject({ text: 'Test\n\n1. Make (changes something)' });
  await decide(run, approvalsOf(run)[0]!, 'approve');
  expect((await follow(engine, run.workspaceId, run.runId)).at(-1)).toMatchObject({ runStatus: 'SUCCESS' });
  expect(service.calls('make')).toBe(1);
});

test('ON_START tells the times that a plan computes from now, as they will be sent', async () => {
  const at = { $: 'now ~> $startOf("day") ~> $dateAdd(1, "day") ~> $dateAdd(10, "hour")' };
  const plan = aPlan([['a', 'make', { at, account: { $: 'pairs.account' } }]]);
  const fields = { context: 'account=Northwind', approvalStrategy: 'ON_START' as const };
  const run = await untilWaiting(engine, aRun({ ...fields, plan }));
  const tomorrow = new Date(Math.floor(Date.parse(run.createdAt) / 86_400_000 + 1) * 86_400_000 + 36_000_000);
  const time = tomorrow.toISOString().replace('.000', '');
  const [, day, month, year] = tomorrow.toUTCString().split(' ');
  const on = `${Number(day)} ${month} ${year}`;
  expect(run.waitingOn[0]?.text.split('\n').slice(2)).toEqual([
    `1. Make with account Northwind, at ${on}, 10:00 UTC (changes something)`,
    '   at: computed from now; account: from the context',
  ]);
  await decide(run, approvalsOf(run)[0]!, 'approve');
  expect((await follow(engine, run.workspaceId, run.runId)).at(-1)).toMatchObject({ runStatus: 'SUCCESS' });
  expect(service.seen).toMatchObject([{ args: { at: time, account: 'Northwind' } }]);
});

test('denying the plan cancels the run', async () => {
  const run = await untilWaiting(engine, aRun({ approvalStrategy: 'ON_START', plan: aPlan([['a', 'make']]) }));
  await decide(run, approvalsOf(run)[0]!, 'deny', { reason: 'no' });
  const end = (await follow(engine, run.workspaceId, run.runId)).at(-1);
  expect(end).toMatchObject({ runStatus: 'CANCELED', error: { code: 'approval_denied' } });
  expect(service.seen).toEqual([]);
});

test('denying all remaining calls cancels the run; denying some leaves the others', async () => {
  const all = await untilWaiting(engine, aRun({ approvalStrategy: 'ON_WRITE', plan: aPlan([['a', 'make']]) }));
  await decide(all, approvalsOf(all)[0]!, 'deny');
  expect((await follow(engine, all.workspaceId, all.runId)).at(-1)).toMatchObject({ runStatus: 'CANCELED' });

  const two = await untilWaiting(engine, aRun({ approvalStrategy: 'ON_WRITE', plan: parallel(2) }));
  const [first, second] = approvalsOf(two);
  await decide(two, first!, 'deny', { reason: 'not this' });
  await decide(two, second!, 'approve');
  const events = await follow(engine, two.workspaceId, two.runId);
  expect(events.at(-1)).toMatchObject({ runStatus: 'PARTIAL_SUCCESS', error: { code: 'approval_denied' } });
  expect(events.find((e) => e.type === 'step' && e.step.approval === 'DENIED')).toBeDefined();
  expect(service.calls('make')).toBe(1);
});

test('calls use edited arguments, which are checked against the tool and reported as a diff', async () => {
  const { listing } = service.toolbox;
  const before = listing.tools;
  const inputSchema = { type: 'object', properties: { n: { type: 'integer' } } };
  listing.tools = before.map((tool) => ({ ...tool, inputSchema }));
  const run = await untilWaiting(
    engine,
    aRun({ approvalStrategy: 'ON_WRITE', plan: aPlan([['a', 'make', { n: 1 }]]) }),
  );
  const [approvalId] = approvalsOf(run);
  await expect(decide(run, approvalId!, 'approve', { args: { n: 'x' } })).rejects.toMatchObject({
    code: 'validation_failed',
  });
  await expect(decide(run, approvalId!, 'approve', { args: { other: 1 } })).rejects.toMatchObject({
    code: 'validation_failed',
  });
  const edits = [{ op: 'replace', path: '/n', value: 5 }];
  expect(await decide(run, approvalId!, 'approve', { args: { n: 5 } })).toMatchObject({ edits });
  const events = await follow(engine, run.workspaceId, run.runId);
  expect(events.find((e) => e.type === 'run_action')).toMatchObject({ edits, stepId: 'a' });
  expect(service.seen.map((call) => call.args)).toEqual([{ n: 5 }]);
  listing.tools = before;
});

test('a decision holds for what was asked: other arguments are not made', async () => {
  const plan = aPlan([
    ['a', 'look'],
    ['b', 'make', { id: { $: 'steps.a.output.echo' } }],
  ]);
  const run = await untilWaiting(engine, aRun({ approvalStrategy: 'ON_WRITE', plan }));
  await engines.query("UPDATE decision_request SET sha256 = 'other' WHERE run_id = $1", [run.runId]);
  await decide(run, approvalsOf(run)[0]!, 'approve');
  const end = (await follow(engine, run.workspaceId, run.runId)).at(-1);
  expect(end).toMatchObject({ runStatus: 'FAILED', error: { code: 'approval_mismatch' } });
  expect(service.calls('make')).toBe(0);
});

test('four at once, answered in every order and mix and raced by twenty: each is made exactly as decided, once', async () => {
  const orders = permutations([0, 1, 2, 3]);
  const mixes = ['approve', 'deny', 'edit'] as const;
  for (const [round, order] of orders.entries()) {
    service.seen.length = 0;
    const run = await untilWaiting(engine, aRun({ approvalStrategy: 'ON_WRITE', plan: parallel(4) }));
    const ids = approvalsOf(run);
    expect(ids).toHaveLength(4);
    const decisions = new Map(order.map((n, i) => [n, mixes[(round + i * (1 + (round % 3))) % 3]!]));
    const numberOf = new Map(
      (
        await engines.query('SELECT decision_request_id, args FROM decision_request WHERE run_id = $1', [run.runId])
      ).map((row) => [row.decision_request_id as string, (row.args as { n: number }).n]),
    );
    const outcomes = new Map<number, string>();
    for (const n of order) {
      const approvalId = ids.find((id) => numberOf.get(id) === n)!;
      const decision = decisions.get(n)!;
      const attempts = Array.from({ length: 20 }, (_, i) => {
        const mine = i % 4 === 0 ? mixes[(mixes.indexOf(decision) + 1) % 3]! : decision;
        return attempt(run, approvalId, mine, n);
      });
      const answers = await Promise.all(attempts);
      expect(answers.filter((answer) => 'approval' in answer).length).toBeGreaterThan(0);
      const codes = answers.flatMap((answer) => ('code' in answer ? [answer.code] : []));
      expect(codes.filter((code) => code !== 'approval_already_decided')).toEqual([]);
      const [row] = await engines.query(
        'SELECT decision, decided_args FROM decision_request WHERE decision_request_id = $1',
        [approvalId],
      );
      outcomes.set(n, row!.decision === 'deny' ? 'deny' : row!.decided_args ? 'edit' : 'approve');
    }
    const events = await follow(engine, run.workspaceId, run.runId);
    expect(events.filter((e) => e.type === 'run_action')).toHaveLength(4);
    expect(events.map((e) => e.seq)).toEqual(events.map((_, i) => i + 1));
    const madeCalls = service.seen.map((call) => (call.args as { n: number }).n).sort((a, b) => a - b);
    const expected = [0, 1, 2, 3].flatMap((n) => argumentAs(n, outcomes.get(n)));
    expect(madeCalls).toEqual(expected.sort((a, b) => a - b));
  }
});

const argumentAs = (n: number, decision: string | undefined): number[] =>
  decision === 'deny' ? [] : [decision === 'edit' ? 100 + n : n];

function attempt(
  run: Awaited<ReturnType<typeof untilWaiting>>,
  approvalId: string,
  mine: 'approve' | 'deny' | 'edit',
  n: number,
) {
  const edit = mine === 'edit' ? { args: { n: 100 + n } } : {};
  return decide(run, approvalId, mine === 'deny' ? 'deny' : 'approve', edit).then(
    (approval) => ({ mine, approval }),
    (error: { code: string }) => ({ mine, code: error.code }),
  );
}

function permutations(items: number[]): number[][] {
  if (items.length < 2) return [items];
  return items.flatMap((item) =>
    permutations(items.filter((candidate) => candidate !== item)).map((rest) => [item, ...rest]),
  );
}
