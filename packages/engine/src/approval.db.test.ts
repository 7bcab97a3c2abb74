import { newId } from '@errand/db';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import type { Engine } from './engine.ts';
import { aPlan, aRun, finish, follow, startEngines, untilWaiting } from './testing/engine.ts';
import { integration, startService } from './testing/service.ts';

let engines: Awaited<ReturnType<typeof startEngines>>;
let service: Awaited<ReturnType<typeof startService>>;
let engine: Engine;

beforeAll(async () => {
  engines = await startEngines(inject('postgres'));
  service = await startService();
  engine = await engines.engine(service.toolbox, { workers: { watchMs: 50 } });
});
afterAll(async () => {
  await engines.close();
  await service.close();
});
beforeEach(() => {
  service.seen.length = 0;
});

const by = { label: 'er_test_…abcd', apiKeyId: newId() };
type Waits = { workspaceId: string; runId: string; waitingOn: { approvalId?: string; text: string }[] };
const approvalsOf = (run: Waits) => run.waitingOn.map((one) => one.approvalId!);
const decide = (run: Waits, approvalId: string, decision: 'approve' | 'deny', more: object = {}) =>
  engine.decideApproval(run.workspaceId, { approvalId, decision, ...more }, by);
const parallel = (n: number) =>
  aPlan(
    Array.from({ length: n }, (_, i) => [`s${i}`, 'make', { n: i }] as [string, string, Record<string, unknown>]),
    'done',
  );

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
  const asked = async () => {
    const now = await engine.get(run.workspaceId, { runId: run.runId, includeEvents: false, includeToolCalls: false });
    return now.waitingOn.map((one) => one.text);
  };
  await expect.poll(asked, { timeout: 10_000 }).toEqual([`Approve ${integration}.find? Call ${integration}.find`]);
  expect([service.calls('look'), service.calls('find')]).toEqual([1, 0]);
  await engine.cancel(run.workspaceId, run.runId);
});

test('ON_START shows the plan and calls nothing before it is approved', async () => {
  const plan = aPlan([['a', 'make']]);
  const run = await untilWaiting(engine, aRun({ approvalStrategy: 'ON_START', plan }));
  expect(run.events[1]).toMatchObject({ type: 'run_approval', runStatus: 'RUNNING', plan: { planType: 'json' } });
  expect([run.waitingOn[0]?.text, service.seen]).toEqual(['Approve the plan? Test', []]);
  await decide(run, approvalsOf(run)[0]!, 'approve');
  expect((await follow(engine, run.workspaceId, run.runId)).at(-1)).toMatchObject({ runStatus: 'SUCCESS' });
  expect(service.calls('make')).toBe(1);
});

test('denying the plan cancels the run', async () => {
  const run = await untilWaiting(engine, aRun({ approvalStrategy: 'ON_START', plan: aPlan([['a', 'make']]) }));
  await decide(run, approvalsOf(run)[0]!, 'deny', { reason: 'no' });
  const end = (await follow(engine, run.workspaceId, run.runId)).at(-1);
  expect(end).toMatchObject({ runStatus: 'CANCELED', error: { code: 'approval_denied' } });
  expect(service.seen).toEqual([]);
});

test('denying all that was left cancels; denying a part leaves the rest', async () => {
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

test('edited arguments are made as edited, checked against the tool, and told as a diff', async () => {
  const run = await untilWaiting(
    engine,
    aRun({ approvalStrategy: 'ON_WRITE', plan: aPlan([['a', 'make', { n: 1 }]]) }),
  );
  const [approvalId] = approvalsOf(run);
  const { catalog } = service.toolbox;
  const before = catalog.tools;
  const inputSchema = { type: 'object', properties: { n: { type: 'integer' } } };
  catalog.tools = before.map((tool) => ({ ...tool, inputSchema }));
  await expect(decide(run, approvalId!, 'approve', { args: { n: 'x' } })).rejects.toMatchObject({
    code: 'validation_failed',
  });
  await expect(decide(run, approvalId!, 'approve', { args: { other: 1 } })).rejects.toMatchObject({
    code: 'validation_failed',
  });
  const edits = [{ op: 'replace', path: '/n', value: 5 }];
  expect(await decide(run, approvalId!, 'approve', { args: { n: 5 } })).toMatchObject({ edits });
  catalog.tools = before;
  const events = await follow(engine, run.workspaceId, run.runId);
  expect(events.find((e) => e.type === 'run_action')).toMatchObject({ edits });
  expect(service.seen.map((call) => call.args)).toEqual([{ n: 5 }]);
});

test('a decision holds for what was asked: other arguments are not made', async () => {
  const plan = aPlan([
    ['a', 'look'],
    ['b', 'make', { id: { $: 'steps.a.output.echo' } }],
  ]);
  const run = await untilWaiting(engine, aRun({ approvalStrategy: 'ON_WRITE', plan }));
  await engines.query("UPDATE waiting SET sha256 = 'other' WHERE run_id = $1", [run.runId]);
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
    const wanted = new Map(order.map((n, i) => [n, mixes[(round + i * (1 + (round % 3))) % 3]!]));
    const numberOf = new Map(
      (await engines.query('SELECT waiting_id, args FROM waiting WHERE run_id = $1', [run.runId])).map((row) => [
        row.waiting_id as string,
        (row.args as { n: number }).n,
      ]),
    );
    const said = new Map<number, string>();
    for (const n of order) {
      const approvalId = ids.find((id) => numberOf.get(id) === n)!;
      const what = wanted.get(n)!;
      const attempts = Array.from({ length: 20 }, (_, i) => {
        const mine = i % 4 === 0 ? mixes[(mixes.indexOf(what) + 1) % 3]! : what;
        const edit = mine === 'edit' ? { args: { n: 100 + n } } : {};
        return decide(run, approvalId, mine === 'deny' ? 'deny' : 'approve', edit).then(
          (approval) => ({ mine, approval }),
          (error: { code: string }) => ({ mine, code: error.code }),
        );
      });
      const answers = await Promise.all(attempts);
      const heard = answers.filter((answer) => 'approval' in answer);
      expect(heard.length).toBeGreaterThan(0);
      for (const answer of answers) if ('code' in answer) expect(answer.code).toBe('approval_already_decided');
      const [row] = await engines.query('SELECT decision, decided_args FROM waiting WHERE waiting_id = $1', [
        approvalId,
      ]);
      said.set(n, row!.decision === 'deny' ? 'deny' : row!.decided_args ? 'edit' : 'approve');
    }
    const events = await follow(engine, run.workspaceId, run.runId);
    expect(events.filter((e) => e.type === 'run_action')).toHaveLength(4);
    expect(events.map((e) => e.seq)).toEqual(events.map((_, i) => i + 1));
    const made = service.seen.map((call) => (call.args as { n: number }).n).sort((a, b) => a - b);
    const expected = [0, 1, 2, 3].flatMap((n) =>
      said.get(n) === 'deny' ? [] : [said.get(n) === 'edit' ? 100 + n : n],
    );
    expect(made).toEqual(expected.sort((a, b) => a - b));
  }
}, 120_000);

test('an expired approval is a denial; a decision that comes later changes nothing', async () => {
  const own = await startEngines(inject('postgres'));
  const hasty = await own.engine(service.toolbox, { asking: { approvalMs: 150 }, workers: { watchMs: 50 } });
  const { events, run, workspaceId } = await finish(
    hasty,
    aRun({ approvalStrategy: 'ON_WRITE', plan: aPlan([['a', 'make']]) }),
  );
  expect(run.status).toBe('CANCELED');
  const action = events.find((e) => e.type === 'run_action');
  expect(action).toMatchObject({ action: 'deny', reason: 'expired' });
  const late = hasty.decideApproval(workspaceId, { approvalId: action!.approvalId, decision: 'approve' }, by);
  await expect(late).rejects.toMatchObject({ code: 'approval_gone' });
  expect(service.calls('make')).toBe(0);
  await own.close();
});

test('a budget that runs out and a cancelled run void what is open', async () => {
  const run = await untilWaiting(engine, aRun({ approvalStrategy: 'ON_WRITE', plan: parallel(2) }));
  await engine.cancel(run.workspaceId, run.runId);
  for (const id of approvalsOf(run)) {
    await expect(decide(run, id, 'approve')).rejects.toMatchObject({ code: 'approval_gone' });
  }
  const poor = await untilWaiting(
    engine,
    aRun({
      approvalStrategy: 'ON_WRITE',
      budget: { maxToolCalls: 1 },
      plan: aPlan([
        ['a', 'make'],
        ['b', 'make', { n: 2 }],
        ['c', 'look', {}, { dependsOn: ['a'] }],
      ]),
    }),
  );
  await decide(poor, approvalsOf(poor)[0]!, 'approve');
  const end = (await follow(engine, poor.workspaceId, poor.runId)).at(-1);
  expect(end).toMatchObject({ runStatus: 'PARTIAL_SUCCESS', error: { code: 'budget_exhausted' } });
  await expect(decide(poor, approvalsOf(poor)[1]!, 'approve')).rejects.toMatchObject({ code: 'approval_gone' });
});

test('the key that asked may not approve where that is the rule', async () => {
  const own = await startEngines(inject('postgres'));
  const strict = await own.engine(service.toolbox, { fourEyes: true });
  const workspaceId = newId();
  const input = aRun({ approvalStrategy: 'ON_WRITE', plan: aPlan([['a', 'make']]) });
  const { runId } = await strict.create(workspaceId, input, undefined, by.apiKeyId);
  const run = await untilWaiting(strict, input, workspaceId, runId);
  const approvalId = approvalsOf(run)[0]!;
  const own1 = strict.decideApproval(workspaceId, { approvalId, decision: 'approve' }, by);
  await expect(own1).rejects.toMatchObject({ code: 'self_approval' });
  const other = { label: 'er_test_…zzzz', apiKeyId: newId() };
  await strict.decideApproval(workspaceId, { approvalId, decision: 'approve' }, other);
  expect((await follow(strict, workspaceId, runId)).at(-1)).toMatchObject({ runStatus: 'SUCCESS' });
  await own.close();
});

test('links to decisions are made when an event is read, for those who may decide', async () => {
  const own = await startEngines(inject('postgres'));
  const links = {
    approval: (_: string, id: string) => [{ action: 'approve' as const, url: `https://errand.test/${id}` }],
    consent: () => '',
  };
  const linked = await own.engine(service.toolbox, { links });
  const run = await untilWaiting(linked, aRun({ approvalStrategy: 'ON_WRITE', plan: aPlan([['a', 'make']]) }));
  const view = { runId: run.runId, after: 0, limit: 100, includeToolCalls: false };
  const [seen, hidden] = await Promise.all([
    linked.events(run.workspaceId, { ...view, mayDecide: true }),
    linked.events(run.workspaceId, view),
  ]);
  const url = `https://errand.test/${approvalsOf(run)[0]}`;
  expect(seen[1]).toMatchObject({ step: { approvalActions: [{ action: 'approve', url }] } });
  expect(JSON.stringify(hidden)).not.toContain('errand.test');
  expect(JSON.stringify(await own.query('SELECT data FROM run_event', []))).not.toContain('errand.test');
  await own.close();
});

test('a write after reading elsewhere needs approval where taint is watched', async () => {
  const own = await startEngines(inject('postgres'));
  const wary = await own.engine(service.toolbox, { approving: { taint: true } });
  const { catalog } = service.toolbox;
  const before = catalog.tools;
  const other = 'other_0000000b';
  const post = {
    ...before.find((tool) => tool.operation === 'make')!,
    customerIntegrationId: other,
    name: `${other}.make`,
  };
  catalog.tools = [...before, post];
  const plan = aPlan([
    ['a', 'look'],
    ['b', 'make', { x: { $: 'steps.a.output.echo' } }],
  ]);
  expect((await finish(wary, aRun({ plan }))).run.status).toBe('SUCCESS');
  const foreign = { ...plan, steps: [plan.steps[0]!, { ...plan.steps[1]!, tool: `${other}.make` }] };
  const run = await untilWaiting(wary, aRun({ plan: foreign }));
  expect(run.waitingOn[0]?.text).toContain(`Approve ${other}.make?`);
  catalog.tools = before;
  await own.close();
});

test('a missing consent holds the steps that need it; given it goes on, refused it denies them', async () => {
  const { toolbox } = service;
  const lacks = toolbox.lacks;
  let lacking = true;
  toolbox.lacks = async () => (lacking ? [{ customerIntegrationId: integration, integrationName: 'Service' }] : []);
  const input = aRun({ userId: 'ann', plan: aPlan([['a', 'make']]) });
  const runs = [await untilWaiting(engine, input), await untilWaiting(engine, input)];
  expect(runs.map((run) => run.status)).toEqual(['AUTH_REQUIRED', 'AUTH_REQUIRED']);
  expect(runs[0]!.events[1]).toMatchObject({ type: 'authentication', auth: { status: 'required' } });
  const given = { customerIntegrationId: integration, userId: 'ann' };
  expect(await engine.consented(newId(), { ...given, success: true })).toBe(0);
  expect(await engine.consented(runs[1]!.workspaceId, { ...given, success: false })).toBe(1);
  const refused = (await follow(engine, runs[1]!.workspaceId, runs[1]!.runId)).at(-1);
  expect(refused).toMatchObject({ runStatus: 'FAILED', error: { code: 'consent_denied' } });
  lacking = false;
  await engine.consented(runs[0]!.workspaceId, { ...given, success: true });
  const events = await follow(engine, runs[0]!.workspaceId, runs[0]!.runId);
  expect(events.at(-1)).toMatchObject({ runStatus: 'SUCCESS' });
  expect(events.filter((e) => e.type === 'authentication').map((e) => e.auth.status)).toEqual(['required', 'success']);
  toolbox.lacks = lacks;
});

function permutations(items: number[]): number[][] {
  if (items.length < 2) return [items];
  return items.flatMap((item) => permutations(items.filter((one) => one !== item)).map((rest) => [item, ...rest]));
}
