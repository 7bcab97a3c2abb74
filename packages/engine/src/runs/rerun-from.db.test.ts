// A rerun from a step: the steps it takes over, the steps it runs again, and its refusals.
import { type Json, RerunInput } from '@errand/contracts';
import { afterAll, afterEach, beforeAll, expect, inject, test } from 'vitest';
import type { Engine } from '../engine.ts';
import { by } from '../testing/approvals.ts';
import { aPlan, aRun, finish, follow, startEngines, untilWaiting } from '../testing/engine.ts';
import { startService } from '../testing/service.ts';

let engines: Awaited<ReturnType<typeof startEngines>>;
let service: Awaited<ReturnType<typeof startService>>;
let engine: Engine;
const listing = [] as Awaited<ReturnType<typeof startService>>['toolbox']['listing']['tools'];

beforeAll(async () => {
  engines = await startEngines(inject('postgres'));
  service = await startService();
  listing.push(...service.toolbox.listing.tools);
  engine = await engines.engine(service.toolbox, { callPolicy: { backoffMs: 5, timeoutMs: 10_000 } });
});
afterAll(async () => {
  await engines.close();
  await service.close();
});
afterEach(() => {
  service.seen.length = 0;
  service.toolbox.listing.tools = [...listing];
  for (const name of Object.keys(service.behaviours)) delete service.behaviours[name];
});

type Ref = { workspaceId: string; runId: string };
const ref = ({ workspaceId, run }: { workspaceId: string; run: { runId: string } }): Ref => ({
  workspaceId,
  runId: run.runId,
});

async function startRerun({ workspaceId, runId }: Ref, from: string, more: object = {}): Promise<Ref> {
  const request = RerunInput.parse({ runId, mode: 'same_plan', from, ...more });
  const { input, ...origin } = await engine.prepareRerun(workspaceId, request);
  const created = await engine.create(workspaceId, input, { ...origin, rerunOf: runId });
  return { workspaceId, runId: created.runId };
}
async function rerun(earlier: Ref, from: string, more: object = {}) {
  service.seen.length = 0;
  const { workspaceId, runId } = await startRerun(earlier, from, more);
  const events = await follow(engine, workspaceId, runId);
  const run = (await engine.getRun(workspaceId, { runId, includeEvents: false, includeToolCalls: false })).value();
  return { events, run, workspaceId, steps: stepsOf(events) };
}
type Events = Awaited<ReturnType<typeof follow>>;
const stepsOf = (events: Events) =>
  new Map(events.flatMap((event) => (event.type === 'step' ? [[event.step.stepId, event.step] as const] : [])));
const ops = () => service.seen.map(({ operation }) => operation).sort();
const numbers = () => service.seen.map(({ args }) => (args as { n: number }).n).sort();
const preview = async ({ workspaceId, runId }: Ref, from: string) => {
  const { takenOver, runsAgain } = await engine.previewRerun(workspaceId, { runId, from });
  return {
    takenOver: takenOver.map(({ stepId }) => stepId),
    runsAgain: runsAgain.map(({ stepId, effect, reason, callsKept }) => `${stepId} ${effect} ${reason} ${callsKept}`),
  };
};
const refused = (code: string, pointer?: string) => ({
  code,
  ...(pointer !== undefined && { options: { errors: [{ pointer, message: expect.any(String) }] } }),
});
const item = (path: string): Json => ({ $: path });

/** look → pay (a write) → bill (a write), beside a note (a write) that needs none of them. */
const bills = aPlan(
  [
    ['look', 'look', { n: 1 }],
    ['pay', 'make', { n: item('steps.look.output.n + 1') }],
    ['bill', 'make', { n: item('steps.pay.output.n + 1') }],
    ['note', 'put', { n: 9 }],
  ],
  { bill: { $: 'steps.bill.output.n' }, note: { $: 'steps.note.output.n' } },
);
const echo = ({ args }: { args: Json }): Json => args;
const echoAll = () => {
  for (const operation of ['look', 'find', 'make', 'put']) service.behaviours[operation] = echo;
};

test('steps that do not need the step keep their outputs, and the others write again under new keys', async () => {
  echoAll();
  const before = await finish(engine, aRun({ plan: bills }));
  const keys = service.seen.map(({ idempotencyKey }) => idempotencyKey);
  expect(await preview(ref(before), 'bill')).toEqual({
    takenOver: ['look', 'pay', 'note'],
    runsAgain: ['bill write from 0'],
  });
  const { run, steps, events } = await rerun(ref(before), 'bill');
  expect(run).toMatchObject({
    status: 'SUCCESS',
    rerunOf: before.run.runId,
    result: { bill: 3, note: 9 },
    usage: { steps: 1, toolCalls: 1 },
  });
  expect(service.seen).toMatchObject([{ operation: 'make', args: { n: 3 } }]);
  expect(keys).not.toContain(service.seen[0]!.idempotencyKey);
  const takenFrom = before.run.runId;
  for (const id of ['look', 'pay', 'note'])
    expect(steps.get(id)).toMatchObject({
      takenFrom,
      state: 'done',
      approval: 'NOT_REQUIRED',
      text: expect.stringMatching(/^Taken over from the earlier run: /),
      toolCalls: [{ toolCallId: id, takenFrom, state: 'done' }],
    });
  expect(steps.get('bill')).not.toHaveProperty('takenFrom');
  expect(steps.get('bill')!.toolCalls![0]).not.toHaveProperty('takenFrom');
  const original = stepsOf(before.events).get('pay')!;
  expect(steps.get('pay')).toMatchObject({ startedAt: original.startedAt });
  expect(steps.get('pay')!.endedAt).toBe(original.toolCalls![0]!.endedAt);
  expect(events.filter(({ type }) => type === 'step')).toHaveLength(4);
});

test('all steps that need the step run again, through expressions and dependsOn', async () => {
  const plan = aPlan([
    ['a', 'look'],
    ['b', 'find', { x: item('steps.a.output') }],
    ['c', 'make', {}, { dependsOn: ['b'] }],
    ['d', 'find', {}, { when: { $: '$exists(steps.c.output)' } }],
    ['e', 'find', { x: item('steps.a.output') }],
  ]);
  const before = await finish(engine, aRun({ plan }));
  const { run } = await rerun(ref(before), 'b');
  expect([run.status, ops()]).toEqual(['SUCCESS', ['find', 'find', 'make']]);
  expect((await preview(ref(before), 'b')).takenOver).toEqual(['a', 'e']);
  expect((await preview(ref(before), 'a')).takenOver).toEqual([]);
  expect((await rerun(ref(before), 'a')).run.status).toBe('SUCCESS');
  expect(service.seen).toHaveLength(5);
});

test('a rerun of a rerun names the run that made each call, and survives the removal of both', async () => {
  echoAll();
  const first = await finish(engine, aRun({ plan: bills }));
  const second = await rerun(ref(first), 'pay');
  const third = await rerun(ref(second), 'bill');
  const from = (id: string) => third.steps.get(id)!.takenFrom;
  expect([from('look'), from('pay'), from('note'), from('bill')]).toEqual([
    first.run.runId,
    second.run.runId,
    first.run.runId,
    undefined,
  ]);
  expect(ops()).toEqual(['make']);
  for (const { run } of [first, second]) {
    await engines.query('DELETE FROM ledger WHERE run_id = $1', [run.runId]);
    await engines.query('DELETE FROM run WHERE run_id = $1', [run.runId]);
  }
  const fourth = await rerun(ref(third), 'note');
  expect([fourth.run.status, fourth.run.result, ops()]).toEqual(['SUCCESS', { bill: 3, note: 9 }, ['put']]);
});

test('a step that failed and does not need the step runs again, and is listed', async () => {
  let isBroken = true;
  service.behaviours.put = (_, __, response) => {
    if (isBroken) response.statusCode = 400;
    return { n: 9 };
  };
  service.behaviours.look = echo;
  service.behaviours.make = echo;
  const before = await finish(engine, aRun({ plan: bills }));
  expect(before.run.status).toBe('PARTIAL_SUCCESS');
  isBroken = false;
  expect(await preview(ref(before), 'bill')).toEqual({
    takenOver: ['look', 'pay'],
    runsAgain: ['bill write from 0', 'note write unfinished 0'],
  });
  const { run, steps } = await rerun(ref(before), 'bill');
  expect([run.status, ops()]).toEqual(['SUCCESS', ['make', 'put']]);
  expect(steps.get('note')).not.toHaveProperty('takenFrom');
});

/** A list of four writes of which one fails at first, and a step that needs neither. */
const list = aPlan([
  ['items', 'look'],
  ['each', 'make', { n: item('item') }, { forEach: { $: 'steps.items.output.all' } }],
  ['after', 'find', {}, { dependsOn: ['each'] }],
  ['last', 'find', { n: 5 }],
]);

test('of a list that failed in part, only the calls that did not succeed are made', async () => {
  let isBroken = true;
  service.behaviours.look = () => ({ all: [0, 1, 2, 3] });
  service.behaviours.make = ({ args }, __, response) => {
    if (isBroken && (args as { n: number }).n === 2) response.statusCode = 400;
    return args;
  };
  const before = await finish(engine, aRun({ plan: list }));
  isBroken = false;
  expect(await preview(ref(before), 'last')).toEqual({
    takenOver: ['items'],
    runsAgain: ['each write unfinished 3', 'after read unfinished 0', 'last read from 0'],
  });
  const { run } = await rerun(ref(before), 'last');
  expect([run.status, ops()]).toEqual(['SUCCESS', ['find', 'find', 'make']]);
  expect(service.seen.find(({ operation }) => operation === 'make')!.args).toEqual({ n: 2 });
  // From the list itself, all are made again.
  const all = await rerun(ref(before), 'each');
  expect([all.run.status, numbers().slice(0, 4)]).toEqual(['SUCCESS', [0, 1, 2, 3]]);
});

test('a condition, a list and arguments of a taken-over step are not decided again by the new moment', async () => {
  const plan = aPlan([
    ['skipped', 'make', { n: 1 }, { when: { $: `now > "2999-01-01"` } }],
    ['timed', 'make', { at: item('now') }],
    ['again', 'make', { at: item('now') }],
  ]);
  const before = await finish(engine, aRun({ plan }));
  const [at] = service.seen.map(({ args }) => (args as { at: string }).at);
  const { run, steps } = await rerun(ref(before), 'again');
  expect(run.status).toBe('SUCCESS');
  expect(steps.get('skipped')).toMatchObject({ state: 'skipped', takenFrom: before.run.runId });
  expect(service.seen).toHaveLength(1);
  expect((service.seen[0]!.args as { at: string }).at > at!).toBe(true);
});

test('pages that were read are taken over with the link to the next page', async () => {
  const pages = { into: 'p', next: { $: 'page.next' }, items: { $: 'page.items' }, max: 9 };
  service.behaviours.look = ({ args }) => {
    const p = (args as { p?: number }).p ?? 1;
    return { items: [p], ...(p < 3 && { next: p + 1 }) };
  };
  const plan = aPlan([
    ['all', 'look', {}, { pages }],
    ['each', 'make', { n: item('item') }, { forEach: { $: 'steps.all.output' } }],
    ['last', 'find', { n: item('$count(steps.all.output)') }],
  ]);
  const before = await finish(engine, aRun({ plan }));
  expect([before.run.error, ops()]).toEqual([undefined, ['find', 'look', 'look', 'look', 'make', 'make', 'make']]);
  // Also when the events of the run were removed: a step that others with calls need has ended.
  await engines.query('DELETE FROM run_event WHERE run_id = $1', [before.run.runId]);
  expect(await preview(ref(before), 'last')).toEqual({
    takenOver: ['all'],
    runsAgain: ['each write unfinished 3', 'last read from 0'],
  });
  const { run } = await rerun(ref(before), 'last');
  expect([run.status, service.seen.map(({ args }) => args)]).toEqual(['SUCCESS', [{ n: 3 }]]);
});

test('an empty list that was done has no calls, and is taken over', async () => {
  service.behaviours.look = () => ({ all: [] });
  const before = await finish(engine, aRun({ plan: list }));
  const { run, steps } = await rerun(ref(before), 'last');
  expect([run.status, ops(), steps.get('each')!.takenFrom]).toEqual(['SUCCESS', ['find'], before.run.runId]);
});

test('what runs again is approved again, and what is taken over needs no approval', async () => {
  echoAll();
  const before = await finish(engine, aRun({ plan: bills }));
  const started = await startRerun(ref(before), 'pay', { approvalStrategy: 'ON_WRITE' });
  const waiting = await untilWaiting(engine, aRun(), started.workspaceId, started.runId);
  expect(waiting.waitingOn).toHaveLength(1);
  const { approvalId } = waiting.waitingOn[0] as { approvalId: string };
  await engine.decideApproval(started.workspaceId, { approvalId, decision: 'approve' }, by);
  const second = await untilWaiting(engine, aRun(), started.workspaceId, started.runId);
  const next = second.waitingOn[0] as { approvalId: string };
  await engine.decideApproval(started.workspaceId, { approvalId: next.approvalId, decision: 'deny' }, by);
  const events = await follow(engine, started.workspaceId, started.runId);
  expect(stepsOf(events).get('pay')).toMatchObject({ approval: 'APPROVED' });
  // An approved call of an earlier run is not approved again, and a denied one is.
  const again = await startRerun(started, 'note');
  const asked = await untilWaiting(engine, aRun(), again.workspaceId, again.runId);
  expect(asked.waitingOn.map(({ text }) => text).sort()).toEqual([
    'Make at Service with n 3?',
    'Put at Service with n 9?',
  ]);
  await engine.cancel(again.workspaceId, again.runId);
});

test('the approval of a plan names the steps that do not run again', async () => {
  echoAll();
  const before = await finish(engine, aRun({ plan: bills }));
  const { workspaceId, runId } = await startRerun(ref(before), 'bill', { approvalStrategy: 'ON_START' });
  const waiting = await untilWaiting(engine, aRun(), workspaceId, runId);
  expect(waiting.waitingOn[0]!.text).toContain('An earlier run has run its steps 1, 2, 4: they do not run again.');
  await engine.cancel(workspaceId, runId);
});

test('copied outputs count against the byte budget, and copied writes are no effects of the new run', async () => {
  service.behaviours.look = () => ({ all: ['x'.repeat(3000)] });
  const plan = aPlan([
    ['big', 'look'],
    ['write', 'put', { n: 1 }],
    ['last', 'find', {}],
    ['after', 'find', {}, { dependsOn: ['last'] }],
  ]);
  const before = await finish(engine, aRun({ plan, budget: { maxOutputBytes: 3100 } }));
  expect(before.run.status).toBe('SUCCESS');
  service.behaviours.find = () => ({ all: 'x'.repeat(200) });
  const { run } = await rerun(ref(before), 'last');
  // Not PARTIAL_SUCCESS: the run itself has changed nothing.
  expect([run.status, run.error]).toMatchObject(['NO_SUCCESS', { code: 'budget_exhausted' }]);
});

test('the tool of a taken-over step may have changed or gone, that of a step that runs again may not', async () => {
  echoAll();
  const before = await finish(engine, aRun({ plan: bills }));
  const without = (operation: string) => listing.filter((tool) => tool.operation !== operation);
  service.toolbox.listing.tools = without('look');
  const gone = await rerun(ref(before), 'bill');
  expect([gone.run.status, ops(), gone.run.result]).toEqual(['SUCCESS', ['make'], { bill: 3, note: 9 }]);
  service.toolbox.listing.tools = listing.map((tool) =>
    tool.operation === 'look'
      ? { ...tool, fingerprint: 'new', inputSchema: { type: 'object', required: ['q'] } }
      : tool,
  );
  expect((await rerun(ref(before), 'bill')).run.status).toBe('SUCCESS');
  await expect(startRerun(ref(before), 'look')).rejects.toMatchObject(refused('tools_changed', '/steps/0/tool'));
  service.toolbox.listing.tools = without('make');
  await expect(startRerun(ref(before), 'bill')).rejects.toMatchObject(refused('tools_changed'));
  await expect(preview(ref(before), 'bill')).rejects.toMatchObject(refused('tools_changed'));
});

test('a run that goes on, an unknown step, another plan and another context are refused', async () => {
  const before = await finish(engine, aRun({ plan: bills, context: 'to=Ana' }));
  const start = (from: string, more: object = {}) => startRerun(ref(before), from, more);
  await expect(start('nothing')).rejects.toMatchObject({
    ...refused('validation_failed', '/from'),
    message: expect.stringContaining('look, pay, bill, note'),
  });
  await expect(start('bill', { mode: 'new_plan' })).rejects.toMatchObject(refused('validation_failed', '/from'));
  await expect(start('bill', { context: 'to=Bo' })).rejects.toMatchObject(refused('validation_failed', '/context'));
  await expect(start('bill', { intent: 'Else' })).rejects.toMatchObject(refused('validation_failed', '/intent'));
  const waiting = await untilWaiting(engine, aRun({ plan: bills, approvalStrategy: 'ON_WRITE' }));
  await expect(startRerun(waiting, 'bill')).rejects.toMatchObject(refused('run_unfinished'));
  await engine.cancel(waiting.workspaceId, waiting.runId);
  expect((await preview(waiting, 'bill')).runsAgain).toEqual([
    'pay write unfinished 0',
    'bill write from 0',
    'note write unfinished 0',
  ]);
});

test('a write of which the effect is not known must run again by name', async () => {
  service.behaviours.look = echo;
  service.behaviours.make = (_, __, response) => void response.destroy();
  const waiting = await untilWaiting(engine, aRun({ plan: bills }));
  await engine.cancel(waiting.workspaceId, waiting.runId);
  await expect(startRerun(waiting, 'note')).rejects.toMatchObject(refused('effect_unresolved', '/steps/1'));
  await expect(startRerun(waiting, 'bill')).rejects.toMatchObject(refused('effect_unresolved', '/steps/1'));
  service.behaviours.make = echo;
  const { run } = await rerun(waiting, 'pay');
  expect([run.status, ops()]).toEqual(['SUCCESS', ['make', 'make']]);
});

test('outputs that are gone are not taken over, and nothing is created', async () => {
  const before = await finish(engine, aRun({ plan: bills }));
  await engines.query('UPDATE run SET outputs_removed_at = now() WHERE run_id = $1', [before.run.runId]);
  await expect(startRerun(ref(before), 'bill')).rejects.toMatchObject(refused('outputs_gone'));
  // Between the check and the creation.
  const other = await finish(engine, aRun({ plan: bills }));
  const request = RerunInput.parse({ runId: other.run.runId, mode: 'same_plan', from: 'bill' });
  const { input, ...origin } = await engine.prepareRerun(other.workspaceId, request);
  await engines.query('UPDATE ledger SET args = NULL, output = NULL WHERE run_id = $1', [other.run.runId]);
  await expect(engine.create(other.workspaceId, input, origin)).rejects.toMatchObject(refused('outputs_gone'));
  const runs = await engines.query('SELECT run_id FROM run WHERE workspace_id = $1', [other.workspaceId]);
  expect(runs).toHaveLength(1);
});

test('a repeat of a rerun makes all calls', async () => {
  echoAll();
  const before = await finish(engine, aRun({ plan: bills }));
  const { run, workspaceId } = await rerun(ref(before), 'bill');
  service.seen.length = 0;
  const repeat = await finish(engine, aRun({ repeatKey: run.runId }), workspaceId);
  expect([repeat.run.repeatRunId, repeat.run.status, ops()]).toEqual([
    run.runId,
    'SUCCESS',
    ['look', 'make', 'make', 'put'],
  ]);
  // And so does a rerun without a step.
  service.seen.length = 0;
  const request = RerunInput.parse({ runId: run.runId, mode: 'same_plan' });
  const { input, ...origin } = await engine.prepareRerun(workspaceId, request);
  const whole = await engine.create(workspaceId, input, { ...origin, rerunOf: run.runId });
  const events = await follow(engine, workspaceId, whole.runId);
  expect([...stepsOf(events).values()].some(({ takenFrom }) => takenFrom !== undefined)).toBe(false);
  expect(ops()).toEqual(['look', 'make', 'make', 'put']);
});

test('nobody of another workspace reruns or previews a run', async () => {
  const before = await finish(engine, aRun({ plan: bills }));
  const foreign = {
    workspaceId: before.workspaceId.replace(/^./, (c) => (c === '0' ? '1' : '0')),
    runId: before.run.runId,
  };
  await expect(startRerun(foreign, 'bill')).rejects.toMatchObject(refused('not_found'));
  await expect(preview(foreign, 'bill')).rejects.toMatchObject(refused('not_found'));
});
