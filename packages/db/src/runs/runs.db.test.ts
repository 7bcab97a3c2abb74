import type pg from 'pg';
import { beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { newId, type RunScope } from '../statements/scope.ts';
import { aCall, aNewRun, aStep } from '../testing/a-new-run.ts';
import { claimOne } from '../testing/claim-one.ts';
import { openTestPool } from '../testing/database.ts';
import { readCallTexts } from './calls.ts';
import { createRun, findOfOtherContexts, findRepeatable, type NewRun } from './create.ts';
import {
  readEvents,
  readEventsBackwards,
  readHeadAndEvents,
  readHeads,
  readNewestEvents,
  readReportedSteps,
} from './events.ts';
import { readLedger, readLedgerEntry, recordLateCall } from './ledger.ts';
import { countRuns, listRuns } from './list/list.ts';
import { readClaim } from './queue/claim.ts';
import { releaseRun } from './queue/queue.ts';
import { checkLeases, freeLeases } from './queue/workers.ts';
import { readHead, readPlan } from './read.ts';
import { readRunForResponse } from './run-for-response.ts';
import type { Transition } from './transitions/transition.ts';
import { applyTransition } from './transitions/transitions.ts';

let pool: pg.Pool;
let scope: RunScope;

beforeAll(async () => {
  const opened = await openTestPool(inject('postgres'), { max: 8 });
  ({ pool } = opened);
  return opened.close;
});
beforeEach(() => {
  scope = { pool, workspaceId: newId() };
});

const signature = Buffer.alloc(32, 1);
const apply = (runId: string, epoch: number | null, change: Transition) =>
  applyTransition(scope, { runId, epoch }, change);

async function aClaimed(changes: Partial<NewRun> = {}) {
  const { runId } = await createRun(scope, aNewRun(changes));
  const claim = await claimOne(scope, runId);
  return { runId, epoch: claim!.run.epoch };
}

const readRun = (runId: string) => readRunForResponse(scope, runId, { maxBytes: 10_000, requests: 0 });
const few = (limit: number) => ({ limit, bytes: 1_000_000 });

test('a created run is queued and due in turn, with its plan', async () => {
  const { row: run, claimed } = await createRun(
    scope,
    aNewRun({ metadata: { team: 'sales' }, outputSchema: { type: 'object' } }),
  );
  expect(claimed).toBeNull();
  expect(run).toMatchObject({
    status: 'QUEUED',
    seq: 0,
    metadata: { team: 'sales' },
    outputSchema: { type: 'object' },
  });
  expect(await readPlan(scope, run.executionPlanId)).toMatchObject({
    planType: 'text',
    plan: 'Planning has not finished.',
  });
  const { rows } = await pool.query('SELECT due, lease, not_before, epoch, deaths FROM run WHERE run_id = $1', [
    run.runId,
  ]);
  expect(rows).toEqual([{ due: 1, lease: null, not_before: null, epoch: 0, deaths: 0 }]);
});

test('the first claim starts the run, a second one finds nothing, and one after its release does not start it again', async () => {
  const { runId } = await createRun(scope, aNewRun());
  const first = await claimOne(scope, runId);
  expect(first).toMatchObject({
    run: { status: 'RUNNING', seq: 1, epoch: 1 },
    plan: { planType: 'text' },
  });
  expect(await claimOne(scope, runId, 'pool-b')).toBeNull();
  await releaseRun(scope, runId, 1, null);
  expect(await claimOne(scope, runId, 'pool-b')).toMatchObject({ run: { epoch: 2 }, plan: null });
  expect((await readEvents(scope, runId, 0, few(10))).rows.map((e) => [e.seq, e.type])).toEqual([[1, 'start']]);
});

test('what an activation needs is read after the claim: plan, ledger and reported steps', async () => {
  const { runId, epoch } = await aClaimed();
  await apply(runId, epoch, { to: 'RUNNING', events: [aStep(1)], ledger: [aCall()] });
  await releaseRun(scope, runId, epoch, null);
  const claimed = await claimOne(scope, runId);
  expect(await readClaim(scope, claimed!)).toMatchObject({
    run: { epoch: 2 },
    planType: 'text',
    planVersion: 1,
    reportedSteps: ['s1'],
    decisionRequests: [],
    ledger: [{ key: 'deals', state: 'DONE' }],
  });
});

test('a transition appends events without gaps and adds up usage', async () => {
  const { runId, epoch } = await aClaimed();
  await apply(runId, epoch, { to: 'RUNNING', events: [aStep(1), aStep(2)], usage: { steps: 2, activeMs: 1.6 } });
  const moved = await apply(runId, epoch, {
    to: 'SUCCESS',
    events: [{ type: 'end', data: '{"runStatus":"SUCCESS"}', toolCalls: null }],
    ledger: [aCall()],
    end: { result: null, error: null },
  });
  expect(moved?.seq).toBe(4);
  expect((await readEvents(scope, runId, 1, few(10))).rows.map((e) => e.seq)).toEqual([2, 3, 4]);
  const backwards = async (before: number, page: ReturnType<typeof few>) => {
    const { rows, hasMore } = await readEventsBackwards(scope, runId, { after: 1, before }, page);
    return [rows.map((e) => e.seq), hasMore];
  };
  expect(await backwards(9, few(10))).toEqual([[4, 3, 2], false]);
  expect(await backwards(4, few(1))).toEqual([[3], true]);
  // The first event is read regardless of its size.
  expect(await backwards(4, { limit: 10, bytes: 1 })).toEqual([[3], true]);
  expect(await readReportedSteps(scope, runId)).toEqual(['s1', 's2']);
  expect(await readRun(runId)).toMatchObject({ status: 'SUCCESS', steps: 2, activeMs: 2, result: 'null' });
  expect(await readHead(scope, runId)).toEqual({ status: 'SUCCESS', seq: 4 });
});

test('the status of a run and its events after a number are read together', async () => {
  const { runId, epoch } = await aClaimed();
  await apply(runId, epoch, { to: 'PAUSED', events: [aStep(1), aStep(2)], suspendUntil: new Date() });
  const head = { status: 'PAUSED', seq: 3 };
  const [whole, part, none] = await Promise.all(
    [0, 2, 3].map((after) => readHeadAndEvents(scope, runId, after, few(2))),
  );
  expect(whole).toEqual({ head, ...(await readEvents(scope, runId, 0, few(2))) });
  expect(part).toEqual({ head, ...(await readEvents(scope, runId, 2, few(2))) });
  expect(none).toEqual({ head, rows: [], hasMore: false });
  expect(await readHeadAndEvents(scope, newId(), 0, few(2))).toBeNull();
  expect(await readHeadAndEvents({ ...scope, workspaceId: newId() }, runId, 0, few(2))).toBeNull();
});

test('a writer with an old epoch writes nothing, and no one writes after the end', async () => {
  const { runId, epoch } = await aClaimed();
  await releaseRun(scope, runId, epoch, null);
  await claimOne(scope, runId);
  const late: Transition = { to: 'RUNNING', events: [aStep(1)], ledger: [aCall()] };
  expect(await apply(runId, epoch, late)).toBeNull();
  const canceled: Transition = { to: 'CANCELED', events: [aStep(2)], end: { result: undefined, error: null } };
  expect(await apply(runId, null, canceled)).toMatchObject({ seq: 2 });
  expect(await apply(runId, null, canceled)).toBeNull();
  expect(await readLedger(scope, runId)).toEqual([]);
});

test('a thousand appends from many connections leave no gap', async () => {
  const { runId, epoch } = await aClaimed();
  const transition = (i: number) => apply(runId, epoch, { to: 'RUNNING', events: [aStep(i)] });
  await Promise.all(Array.from({ length: 1000 }, (_, i) => transition(i)));
  const seqs = (await readEvents(scope, runId, 0, few(2000))).rows.map((e) => e.seq);
  expect(seqs).toEqual(Array.from({ length: 1001 }, (_, i) => i + 1));
});

test('the ledger has an intended call, then its outcome', async () => {
  const { runId, epoch } = await aClaimed();
  const write = aCall({ key: 'log', effect: 'write', state: 'INTENDED', output: undefined, idempotencyKey: 'k1' });
  await apply(runId, epoch, { to: 'RUNNING', events: [], ledger: [write, aCall()] });
  await apply(runId, epoch, { to: 'RUNNING', events: [], ledger: [{ ...write, state: 'DONE', output: '{"id":7}' }] });
  expect(await readLedger(scope, runId)).toMatchObject([
    { key: 'deals', state: 'DONE', outputBytes: 12, argsBytes: 21, refusal: null },
    { key: 'log', state: 'DONE', outputBytes: 8, idempotencyKey: 'k1' },
  ]);
  expect(await readLedgerEntry(scope, runId, 'log')).toEqual({ args: write.args, output: '{"id":7}' });
  expect(await readLedgerEntry(scope, runId, 'none')).toBeNull();
  const { rows } = await pool.query('SELECT DISTINCT epoch FROM ledger WHERE run_id = $1', [runId]);
  expect(rows).toEqual([{ epoch }]);
  expect(await readCallTexts(scope, [{ runId, key: 'log' }], new Map([[runId, 100]]))).toMatchObject([
    {
      tool: write.tool,
      args: '{"query":{"limit":5}}',
      output: '{"id":7}',
    },
  ]);
});

test('a late answer finishes an open entry and never a finished one', async () => {
  const { runId, epoch } = await aClaimed();
  const ledger = [aCall({ key: 'a', state: 'INTENDED', output: undefined }), aCall({ key: 'b' })];
  await apply(runId, epoch, { to: 'RUNNING', events: [], ledger });
  for (const key of ['a', 'b'])
    await recordLateCall(scope, runId, epoch, aCall({ key, state: 'FAILED', output: undefined }));
  expect((await readLedger(scope, runId)).map((l) => l.state)).toEqual(['FAILED', 'DONE']);
});

test('leases of dead pools are freed and their epochs end', async () => {
  const dead = newId();
  const { runId } = await createRun(scope, aNewRun());
  const claim = await claimOne(scope, runId, dead);
  const activations = [claim!];
  expect(await checkLeases(pool, activations)).toEqual({ lost: [], due: [] });
  expect(await freeLeases(pool, [dead])).toBe(1);
  expect(await checkLeases(pool, activations)).toEqual({ lost: activations, due: [] });
  expect(await claimOne(scope, runId, 'pool-b')).toMatchObject({ run: { epoch: 3, deaths: 1 } });
});

test('lists go newest first by page and by keyset, filtered, within the workspace', async () => {
  const ids: string[] = [];
  for (let i = 0; i < 5; i++) {
    const run = aNewRun({
      userId: `user-${i % 2}`,
      metadata: i === 3 ? { team: 'a' } : {},
      selected: i === 1 ? ['crm_00000000'] : ['*'],
    });
    ids.unshift((await createRun(scope, run)).runId);
  }
  const list = async (...args: Parameters<typeof listRuns> extends [unknown, ...infer R, unknown] ? R : never) =>
    (await listRuns(scope, ...args, { maxBytes: 100_000, requests: 10 })).map((row) => ids.indexOf(row.runId));
  expect(await list({}, { pageSize: 10 })).toEqual([0, 1, 2, 3, 4]);
  expect(await list({}, { offset: 2, pageSize: 1 })).toEqual([2, 3]);
  expect(await list({}, { after: { runId: ids[1]! }, pageSize: 1 })).toEqual([2, 3]);
  expect(await list({ userId: 'user-1' }, { pageSize: 10 })).toEqual([1, 3]);
  expect(await list({ metadata: { team: 'a' } }, { pageSize: 10 })).toEqual([1]);
  expect(
    await list({ customerIntegrationIds: ['crm_00000000'], status: ['QUEUED'], repeatKey: 'weekly' }, { pageSize: 10 }),
  ).toEqual([3]);
  expect(await countRuns(scope, { userId: 'user-0' })).toBe(3);
  expect(
    await listRuns({ ...scope, workspaceId: newId() }, {}, { pageSize: 10 }, { maxBytes: 100_000, requests: 10 }),
  ).toEqual([]);
});

test('a list by integration finds runs that selected it and runs of which a tool of it was called', async () => {
  const list = async (...customerIntegrationIds: string[]) =>
    (await listRuns(scope, { customerIntegrationIds }, { pageSize: 10 }, { maxBytes: 100_000, requests: 10 })).map(
      (row) => row.runId,
    );
  const plan = { planType: 'json', plan: {}, madeBy: 'caller', calls: ['crm_1a2b3c4d', 'mail_00000000'] } as const;
  const named = await createRun(scope, aNewRun({ selected: ['crm_1a2b3c4d'] }));
  const repeatable = await createRun(scope, aNewRun({ plan }));
  // A planned tool does not count as used before its call.
  expect(await list('crm_1a2b3c4d')).toEqual([named.runId]);

  const called = await aClaimed();
  const transition = { to: 'RUNNING', events: [] } as const;
  await apply(called.runId, 1, { ...transition, plan });
  // Another plan that calls nothing takes nothing back.
  await apply(called.runId, 1, { ...transition, plan: { ...plan, calls: [] }, ledger: [aCall()] });
  expect(await list('crm_1a2b3c4d')).toEqual([called.runId, named.runId]);
  expect(await list('mail_00000000', 'crm_1a2b3c4d')).toEqual([called.runId, named.runId]);
  expect([await list('mail_00000000'), await list('*')]).toEqual([[], []]);
  expect(await countRuns(scope, { customerIntegrationIds: ['crm_1a2b3c4d'] })).toBe(2);

  await claimOne(scope, repeatable.runId);
  await apply(repeatable.runId, 1, { ...transition, ledger: [aCall()] });
  expect(await list('crm_1a2b3c4d')).toEqual([called.runId, repeatable.runId, named.runId]);
  expect(
    await listRuns(
      { ...scope, workspaceId: newId() },
      { customerIntegrationIds: ['*'] },
      { pageSize: 10 },
      { maxBytes: 1000, requests: 10 },
    ),
  ).toEqual([]);
});

test('a run without a repeat key has its id for one: lists find it, and later runs of that key repeat it', async () => {
  const plan = { planType: 'json', plan: { plan: {}, pins: {} }, madeBy: 'caller', calls: [] } as const;
  const { runId, epoch } = await aClaimed({ repeatKey: null, plan });
  const another = await createRun(scope, aNewRun({ repeatKey: null }));
  expect(await readRun(runId)).toMatchObject({ repeatKey: runId });
  await apply(runId, epoch, { to: 'SUCCESS', events: [], end: { result: 1, error: null } });
  expect(await findRepeatable(scope, runId, signature, '')).toMatchObject({ runId });
  expect(await findOfOtherContexts(scope, runId, signature, 'another')).toMatchObject([{ runId }]);
  const repeat = await createRun(scope, aNewRun({ repeatKey: runId }));
  const of = async (repeatKey: string, workspaceId = scope.workspaceId) =>
    (
      await listRuns({ ...scope, workspaceId }, { repeatKey }, { pageSize: 10 }, { maxBytes: 100_000, requests: 10 })
    ).map((row) => row.runId);
  expect(await of(runId)).toEqual([repeat.runId, runId]);
  expect(await countRuns(scope, { repeatKey: runId })).toBe(2);
  expect([await of(another.runId), await of(repeat.runId), await of(runId, newId())]).toEqual([
    [another.runId],
    [],
    [],
  ]);
});

test('heads and newest events are read for many runs at once', async () => {
  const claim = await aClaimed();
  const two = await createRun(scope, aNewRun());
  const both = [claim.runId, two.runId];
  expect(
    await readHeads(
      pool,
      both.map((runId) => ({ workspaceId: scope.workspaceId, runId })),
    ),
  ).toEqual(
    expect.arrayContaining([
      { runId: claim.runId, seq: 1 },
      { runId: two.runId, seq: 0 },
    ]),
  );
  const newest = await readNewestEvents(
    scope,
    both.map((runId) => ({ runId, bytes: 1000 })),
    100,
  );
  expect([...newest.values()].map(({ rows }) => rows.length)).toEqual([1, 0]);
});

test('an equal run repeats the newest success with a plan', async () => {
  expect(await findRepeatable(scope, 'weekly', signature, '')).toBeNull();
  const { runId, epoch } = await aClaimed({
    plan: { planType: 'json', plan: { plan: {}, fingerprints: {} }, madeBy: 'caller', calls: [] },
  });
  await apply(runId, epoch, { to: 'SUCCESS', events: [], end: { result: 1, error: null } });
  expect(await findRepeatable(scope, 'weekly', signature, '')).toMatchObject({ runId });
  expect(await findRepeatable(scope, 'weekly', Buffer.alloc(32, 2), '')).toBeNull();
  expect(await findRepeatable(scope, 'weekly', signature, 'another context')).toBeNull();
});
