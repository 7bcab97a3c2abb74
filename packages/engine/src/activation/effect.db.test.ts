import { newId } from '@errand/db';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import type { Engine } from '../engine.ts';
import { by } from '../testing/approvals.ts';
import { aPlan, aRun, finish, follow, startEngines, untilWaiting } from '../testing/engine.ts';
import { INTEGRATION, startService } from '../testing/service.ts';

let engines: Awaited<ReturnType<typeof startEngines>>;
let service: Awaited<ReturnType<typeof startService>>;
let engine: Engine;
let admin: pg.Pool;

beforeAll(async () => {
  engines = await startEngines(inject('postgres'));
  service = await startService();
  engine = await engines.engine(service.toolbox, { workers: { watchMs: 50 } });
  admin = new pg.Pool({ connectionString: engines.url, max: 2 });
});
afterAll(async () => {
  await admin.end();
  await engines.close();
  await service.close();
});
beforeEach(() => {
  service.seen.length = 0;
  service.behaviours.make = lostOnce();
});

/** The service acts, and its first answer is lost. */
function lostOnce() {
  let answers = 0;
  return (_: unknown, request: { socket: { destroy(): void } }) => {
    if (answers++ > 0) return { id: 7 };
    request.socket.destroy();
    return undefined;
  };
}

const after = { dependsOn: ['a'] };
const uncertain = aPlan([
  ['a', 'make', { n: 1 }],
  ['b', 'look', { id: { $: 'steps.a.output.id' } }, after],
  ['c', 'find'],
]);
const effectOf = (run: { waitingOn: { effectId?: string }[] }) => run.waitingOn[0]!.effectId!;

test('a write whose answer was lost is put to a human, while steps that do not need it go on', async () => {
  const run = await untilWaiting(engine, aRun({ plan: uncertain }));
  expect(run.status).toBe('PAUSED');
  expect([service.calls('make'), service.calls('look'), service.calls('find')]).toEqual([1, 0, 1]);
  const effectId = effectOf(run);
  expect(run.waitingOn).toEqual([
    expect.objectContaining({
      kind: 'effect',
      effectId,
      customerIntegrationId: INTEGRATION,
      resolveWith: { method: 'POST', path: `/v1/effects/${effectId}`, body: { decision: 'retry' } },
    }),
  ]);
  expect(run.events.map((e) => e.type)).toEqual(['start', 'step', 'step', 'status']);
  expect(run.events.find((e) => e.type === 'step' && e.step.stepId === 'a')).toMatchObject({ step: { effectId } });
  expect(run.events.at(-1)).toMatchObject({ runStatus: 'PAUSED', reason: 'Waits for a human: 1 uncertain effect.' });
  const { rows } = await admin.query('SELECT lease FROM run WHERE run_id = $1', [run.runId]);
  expect(rows).toEqual([{ lease: null }]);
});

test('retry makes the same call again under the same key', async () => {
  const run = await untilWaiting(engine, aRun({ plan: uncertain }));
  await engine.resolveEffect(run.workspaceId, { effectId: effectOf(run), decision: 'retry' }, by);
  const events = await follow(engine, run.workspaceId, run.runId);
  expect(events.at(-1)).toMatchObject({ type: 'end', runStatus: 'SUCCESS' });
  const [first, second, ...more] = service.seen.filter((call) => call.operation === 'make');
  expect([second, more]).toEqual([first, []]);
  expect(events.map((e) => e.seq)).toEqual(events.map((_, i) => i + 1));
  expect(events.find((e) => e.type === 'status' && e.runStatus === 'RUNNING')).toMatchObject({
    reason: `${by.label} decided about ${INTEGRATION}.make: retry.`,
  });
});

test('a retry that the service refuses ends the run as its ledger has it: nothing was written', async () => {
  let answers = 0;
  service.behaviours.make = (_, { socket }, response) => {
    if (answers++ === 0) socket.destroy();
    else response.writeHead(409).end('{}');
    return undefined;
  };
  const plan = aPlan([['a', 'make', { n: 1 }]]);
  const run = await untilWaiting(engine, aRun({ plan }));
  await engine.resolveEffect(run.workspaceId, { effectId: effectOf(run), decision: 'retry' }, by);
  const events = await follow(engine, run.workspaceId, run.runId);
  const { rows } = await admin.query('SELECT state FROM ledger WHERE run_id = $1', [run.runId]);
  expect([rows, events.at(-1)]).toEqual([[{ state: 'FAILED' }], expect.objectContaining({ runStatus: 'FAILED' })]);
});

test('happened continues with the output of the decision', async () => {
  const run = await untilWaiting(engine, aRun({ plan: uncertain }));
  const input = { effectId: effectOf(run), decision: 'happened' as const, output: { id: 'given' } };
  await engine.resolveEffect(run.workspaceId, input, by);
  const events = await follow(engine, run.workspaceId, run.runId);
  expect(events.at(-1)).toMatchObject({ runStatus: 'SUCCESS' });
  expect(service.calls('make')).toBe(1);
  expect(service.seen.find((call) => call.operation === 'look')!.args).toEqual({ id: 'given' });
});

test('happened without an output fails only what reads it', async () => {
  const reads = await untilWaiting(engine, aRun({ plan: uncertain }));
  await engine.resolveEffect(reads.workspaceId, { effectId: effectOf(reads), decision: 'happened' }, by);
  const end = (await follow(engine, reads.workspaceId, reads.runId)).at(-1);
  expect(end).toMatchObject({ runStatus: 'PARTIAL_SUCCESS', error: { code: 'output_unknown' } });
  expect(service.calls('look')).toBe(0);

  service.behaviours.make = lostOnce();
  const plan = aPlan(
    [
      ['a', 'make'],
      ['b', 'look', {}, after],
    ],
    { $: 'steps.b.output' },
  );
  const reaches = await untilWaiting(engine, aRun({ plan }));
  await engine.resolveEffect(reaches.workspaceId, { effectId: effectOf(reaches), decision: 'happened' }, by);
  expect((await follow(engine, reaches.workspaceId, reaches.runId)).at(-1)).toMatchObject({ runStatus: 'SUCCESS' });
});

test('skip continues without it, and the end says so', async () => {
  const run = await untilWaiting(engine, aRun({ plan: uncertain }));
  await engine.resolveEffect(run.workspaceId, { effectId: effectOf(run), decision: 'skip', reason: 'late' }, by);
  const events = await follow(engine, run.workspaceId, run.runId);
  expect(events.at(-1)).toMatchObject({ runStatus: 'PARTIAL_SUCCESS', error: { code: 'effect_skipped' } });
  expect([service.calls('make'), service.calls('look')]).toEqual([1, 0]);
});

test('a retry that is lost again is asked about again', async () => {
  const run = await untilWaiting(engine, aRun({ plan: aPlan([['a', 'make']]) }));
  service.behaviours.make = lostOnce();
  await engine.resolveEffect(run.workspaceId, { effectId: effectOf(run), decision: 'retry' }, by);
  const again = async () => {
    const now = (
      await engine.getRun(run.workspaceId, { runId: run.runId, includeEvents: false, includeToolCalls: false })
    ).value();
    return now.status === 'PAUSED' && effectOf(now) !== effectOf(run);
  };
  await expect.poll(again, { timeout: 10_000 }).toBe(true);
  expect(service.calls('make')).toBe(2);
});

test('of many concurrent decisions one counts; the same decision again is accepted, another is refused', async () => {
  const run = await untilWaiting(engine, aRun({ plan: aPlan([['a', 'make']]) }));
  const decisions = Array.from({ length: 20 }, (_, i) => (['retry', 'happened', 'skip'] as const)[i % 3]!);
  const answers = await Promise.allSettled(
    decisions.map((decision) => engine.resolveEffect(run.workspaceId, { effectId: effectOf(run), decision }, by)),
  );
  const counted = answers.flatMap((answer) => (answer.status === 'fulfilled' ? [answer.value.decision] : []));
  expect(new Set(counted).size).toBe(1);
  expect(counted).toHaveLength(decisions.filter((decision) => decision === counted[0]).length);
  for (const answer of answers)
    if (answer.status === 'rejected') expect(answer.reason.code).toBe('effect_already_resolved');
  const events = await follow(engine, run.workspaceId, run.runId);
  expect(events.filter((e) => e.type === 'status' && e.runStatus === 'RUNNING')).toHaveLength(1);
  expect(service.calls('make')).toBe(counted[0] === 'retry' ? 2 : 1);
});

test('what waits is listed by user, page by page, and to its own workspace alone', async () => {
  const workspaceId = newId();
  const waits = [];
  for (const userId of ['u1', 'u2', 'u1']) {
    service.behaviours.make = lostOnce();
    waits.push(await untilWaiting(engine, aRun({ userId, plan: aPlan([['a', 'make']]) }), workspaceId));
  }
  const ids = waits.map(effectOf).reverse();
  const all = await engine.listPending(workspaceId, { reader: by, pageSize: 2 });
  expect(all.pending.map((item) => item.effectId)).toEqual(ids.slice(0, 2));
  const rest = await engine.listPending(workspaceId, { reader: by, pageSize: 2, cursor: all.nextCursor });
  expect([rest.pending.map((item) => item.effectId), rest.nextCursor]).toEqual([ids.slice(2), undefined]);
  const ofUser = await engine.listPending(workspaceId, { reader: by, pageSize: 20, userId: 'u1' });
  expect(ofUser.pending.map((item) => [item.effectId, item.userId])).toEqual([ids[0], ids[2]].map((id) => [id, 'u1']));
  expect((await engine.listPending(newId(), { reader: by, pageSize: 20 })).pending).toEqual([]);
  const stranger = engine.resolveEffect(newId(), { effectId: ids[0]!, decision: 'skip' }, by);
  await expect(stranger).rejects.toMatchObject({ code: 'not_found' });
});

test('cancelling voids the decision request; a later decision changes nothing', async () => {
  const run = await untilWaiting(engine, aRun({ plan: aPlan([['a', 'make']]) }));
  const canceled = await engine.cancel(run.workspaceId, run.runId);
  expect([canceled.status, canceled.waitingOn]).toEqual(['CANCELED', []]);
  const late = engine.resolveEffect(run.workspaceId, { effectId: effectOf(run), decision: 'retry' }, by);
  await expect(late).rejects.toMatchObject({ code: 'approval_gone' });
  expect((await engine.listPending(run.workspaceId, { reader: by, pageSize: 20 })).pending).toEqual([]);
  expect(service.calls('make')).toBe(1);
});

test('a decision request that expires is decided with skip', async () => {
  const freshEngines = await startEngines(inject('postgres'));
  const hasty = await freshEngines.engine(service.toolbox, {
    requestLifetimes: { effectMs: 150 },
    workers: { watchMs: 50 },
  });
  const { run, events } = await finish(hasty, aRun({ plan: aPlan([['a', 'make']]) }));
  expect(run).toMatchObject({ error: { code: 'effect_skipped' } });
  expect(events.filter((e) => e.type === 'status').map((e) => e.reason)).toEqual([
    'Waits for a human: 1 uncertain effect.',
    `Nobody decided about ${INTEGRATION}.make in time: skip.`,
  ]);
  const effectId = events.flatMap((e) => (e.type === 'step' && e.step.effectId) || [])[0];
  const expired = { type: 'effect', effectId, stepId: 'a', decision: 'skip', reason: 'expired' };
  const decision = events.find(({ type }) => type === 'effect');
  expect(decision).toMatchObject(expired);
  expect(decision).not.toHaveProperty('decidedBy');
  await freshEngines.close();
});

test('an output is held to the output schema of the tool, and goes with happened alone', async () => {
  const run = await untilWaiting(engine, aRun({ plan: aPlan([['a', 'make']]) }));
  const { listing } = service.toolbox;
  const before = listing.tools;
  listing.tools = before.map((tool) => ({ ...tool, outputSchema: { type: 'object', required: ['id'] } }));
  const resolve = (input: { decision: 'happened' | 'skip'; output: unknown }) =>
    engine.resolveEffect(run.workspaceId, { effectId: effectOf(run), ...input } as never, by);
  await expect(resolve({ decision: 'happened', output: {} })).rejects.toMatchObject({ code: 'validation_failed' });
  await expect(resolve({ decision: 'skip', output: { id: 1 } })).rejects.toMatchObject({ code: 'validation_failed' });
  listing.tools = before;
});
