import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { approvalsOf, by, startApprovals } from '../../testing/approvals.ts';
import { aPlan, aRun, follow, startEngines, untilWaiting } from '../../testing/engine.ts';

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

/** A plan that writes once for each number from 1. */
const writes = (n: number) =>
  aPlan([
    ['a', 'look'],
    ['each', 'make', { n: { $: 'item' } }, { dependsOn: ['a'], forEach: { $: `[1..${n}]` } }],
  ]);
const asking = (n: number) => aRun({ approvalStrategy: 'ON_WRITE', plan: writes(n) });
const madeCalls = () =>
  service.seen.flatMap(({ args }) => ('n' in (args as object) ? [(args as { n: number }).n] : []));
const sorted = (numbers: readonly number[]) => [...numbers].sort((a, b) => a - b);
const upTo = (n: number) => Array.from({ length: n }, (_, i) => i + 1);

test('a step with forty writes asks once, with the list, and one approval makes exactly these', async () => {
  const run = await untilWaiting(engine, asking(40));
  expect(run.waitingOn).toHaveLength(1);
  const [first, second, ...lines] = run.waitingOn[0]!.text.split('\n');
  expect([first, second, lines.at(-1)]).toEqual([
    'Make at Service, 40 times?',
    '1. Make at Service with n 1',
    '40. Make at Service with n 40',
  ]);
  expect(madeCalls()).toEqual([]);
  const [approvalId] = approvalsOf(run);
  await decide(run, approvalId!, 'approve');
  const events = await follow(engine, run.workspaceId, run.runId);
  expect(events.at(-1)).toMatchObject({ runStatus: 'SUCCESS' });
  expect(sorted(madeCalls())).toEqual(upTo(40));
  expect(events.filter((e) => e.type === 'run_action')).toHaveLength(1);
  expect(events.findLast((e) => e.type === 'step')).toMatchObject({ step: { approval: 'APPROVED', approvalId } });
});

test('five writes of a step are asked about one by one', async () => {
  const run = await untilWaiting(engine, asking(5));
  expect(run.waitingOn).toHaveLength(5);
  await engine.cancel(run.workspaceId, run.runId);
});

test('denying the shared request denies all of its calls', async () => {
  const run = await untilWaiting(engine, asking(6));
  await decide(run, approvalsOf(run)[0]!, 'deny', { reason: 'too many' });
  const end = (await follow(engine, run.workspaceId, run.runId)).at(-1);
  expect(end).toMatchObject({ error: { code: 'approval_denied' } });
  expect(madeCalls()).toEqual([]);
});

test('a list that was changed after it was asked about is not approved', async () => {
  const run = await untilWaiting(engine, asking(6));
  await engines.query(
    `UPDATE decision_request SET args = (SELECT json_agg(CASE WHEN c->>'toolCallId' = 'each.5' THEN '{"toolCallId":"each.5","args":{"n":6,"x":1}}' ELSE c END)
      FROM json_array_elements(args) AS c) WHERE run_id = $1`,
    [run.runId],
  );
  await decide(run, approvalsOf(run)[0]!, 'approve');
  const end = (await follow(engine, run.workspaceId, run.runId)).at(-1);
  expect(end).toMatchObject({ error: { code: 'approval_mismatch' } });
  expect(madeCalls()).toEqual([]);
});

test('calls that share a request cannot be edited', async () => {
  const run = await untilWaiting(engine, asking(6));
  const [approvalId] = approvalsOf(run);
  await expect(decide(run, approvalId!, 'approve', { args: { n: 9 } })).rejects.toMatchObject({
    code: 'validation_failed',
  });
  await decide(run, approvalId!, 'approve');
  await follow(engine, run.workspaceId, run.runId);
  expect(sorted(madeCalls())).toEqual(upTo(6));
});

test('more than fifty writes: the text lists fifty and counts the others, the request has all of them', async () => {
  const run = await untilWaiting(engine, asking(120));
  expect(run.waitingOn).toHaveLength(1);
  const { text } = run.waitingOn[0]!;
  expect(text.split('\n').slice(-2)).toEqual(['50. Make at Service with n 50', 'and 70 more']);
  const rows = await engines.query('SELECT args, words FROM decision_request WHERE run_id = $1', [run.runId]);
  expect((rows[0]!.args as { args: { n: number } }[]).map(({ args }) => args.n)).toEqual(upTo(120));
  expect((rows[0]!.words as { calls: unknown[] }).calls).toHaveLength(50);
  await engine.cancel(run.workspaceId, run.runId);
});

test('arguments of more than 1 MiB together get further requests, and each call is in one of them', async () => {
  const text = { $: "$pad('', 300000, 'x')" };
  const plan = aPlan([['each', 'make', { n: { $: 'item' }, text }, { forEach: { $: '[1..8]' } }]]);
  const run = await untilWaiting(engine, aRun({ approvalStrategy: 'ON_WRITE', plan }));
  expect(run.waitingOn.map(({ text }) => text.split('\n')[0])).toEqual([
    'Make at Service, 3 times?',
    'Make at Service, 3 times?',
    'Make at Service, 2 times?',
  ]);
  for (const approvalId of approvalsOf(run)) await decide(run, approvalId, 'approve');
  await follow(engine, run.workspaceId, run.runId);
  expect(sorted(madeCalls())).toEqual(upTo(8));
});

test('a decision about another step that arrives meanwhile makes no second request', async () => {
  const plan = aPlan([
    ['first', 'make', { n: 100 }],
    ['each', 'make', { n: { $: 'item' } }, { forEach: { $: '[1..40]' } }],
    ['look', 'look'],
    ['later', 'make', { n: { $: 'item' } }, { dependsOn: ['look'], forEach: { $: '[201..240]' } }],
  ]);
  const run = await untilWaiting(engine, aRun({ approvalStrategy: 'ON_WRITE', plan }));
  const requests = () =>
    engines.query('SELECT decision_request_id AS id FROM decision_request WHERE run_id = $1 ORDER BY 1', [run.runId]);
  for (const approvalId of approvalsOf(run)) await decide(run, approvalId, 'approve');
  await follow(engine, run.workspaceId, run.runId);
  expect(await requests()).toHaveLength(3);
  expect(sorted(madeCalls())).toEqual([...upTo(40), 100, ...upTo(40).map((n) => n + 200)]);
});

test('another process makes the calls that one approval covers, each once', async () => {
  const freshEngines = await startEngines(inject('postgres'));
  const first = await freshEngines.engine(service.toolbox);
  const run = await untilWaiting(first, asking(40));
  await first.stop();
  const second = await freshEngines.engine(service.toolbox);
  const approvalId = approvalsOf(run)[0]!;
  await second.decideApproval(run.workspaceId, { approvalId, decision: 'approve' }, by);
  expect((await follow(second, run.workspaceId, run.runId)).at(-1)).toMatchObject({ runStatus: 'SUCCESS' });
  expect(sorted(madeCalls())).toEqual(upTo(40));
  await freshEngines.close();
});
