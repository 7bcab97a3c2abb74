// Runs between claims: none is stranded, none is due after its end, and no decision is lost.
import type pg from 'pg';
import { beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { newId, type RunScope } from '../../statements/scope.ts';
import { aDecisionRequest, anAnswer, aRunWithRequest } from '../../testing/a-decision-request.ts';
import { aCall, aNewRun, aStep } from '../../testing/a-new-run.ts';
import { claimOne } from '../../testing/claim-one.ts';
import { openTestPool } from '../../testing/database.ts';
import { seedDueRuns } from '../../testing/seed-due-runs.ts';
import { createRun } from '../create.ts';
import {
  decideRequest,
  type NewDecisionRequest,
  postponeToNextExpiry,
  readExpiringRuns,
} from '../decision-requests.ts';
import type { Transition } from '../transitions/transition.ts';
import { applyTransition } from '../transitions/transitions.ts';
import { clearDue, countOpenRuns, makeRetriesDue, releaseRun } from './queue.ts';
import { checkLeases, freeLeases, reclaimOrphans, undoDeaths } from './workers.ts';

let pool: pg.Pool;
let scope: RunScope;

beforeAll(async () => {
  const opened = await openTestPool(inject('postgres'), { max: 8 });
  ({ pool } = opened);
  return opened.close;
});
beforeEach(async () => {
  await pool.query('TRUNCATE run, decision_request CASCADE');
  scope = { pool, workspaceId: newId() };
});

type ClaimedRef = { workspaceId: string; runId: string; epoch: number };

async function aClaimed(worker = 'pool-a'): Promise<ClaimedRef> {
  const { runId } = await createRun(scope, aNewRun());
  const { epoch } = (await claimOne(scope, runId, worker))!.run;
  return { workspaceId: scope.workspaceId, runId, epoch };
}
const aWaitingRun = (changes: Partial<NewDecisionRequest> = {}) => aRunWithRequest(scope, aNewRun(), changes);
const apply = (run: ClaimedRef, change: Transition) => applyTransition(scope, run, change);
const answer = ({ decisionRequestId }: NewDecisionRequest) =>
  decideRequest(scope, decisionRequestId, { decision: anAnswer, events: [aStep(7)] });
const soon = () => new Date(Date.now() + 60_000);
const suspend = (): Transition & { suspendUntil: Date } => ({ to: 'PAUSED', events: [], suspendUntil: soon() });
const end: Transition = { to: 'SUCCESS', events: [aStep(9)], end: { result: 1, error: null } };
const rowOf = async ({ runId }: { runId: string }) =>
  (await pool.query('SELECT status, due, lease, not_before, epoch, deaths FROM run WHERE run_id = $1', [runId]))
    .rows[0];
const rowsOf = (ids: readonly string[]) => Promise.all(ids.map((runId) => rowOf({ runId })));
const endedState = { due: 0, lease: null, not_before: null, deaths: 0 };

const ended = ['SUCCESS', 'PARTIAL_SUCCESS', 'NO_SUCCESS', 'FAILED', 'CANCELED'];
const waiting = ['PAUSED', 'AUTH_REQUIRED'];
/** The set fields among due, lease and not_before. */
const states = ['', 'd', 'l', 'n', 'dl', 'dn', 'ln', 'dln'];

test.each([...ended, ...waiting, 'QUEUED', 'RUNNING'])(
  'Postgres stores no %s run that nobody would take up, or that would come back',
  async (status) => {
    const { runId } = await createRun(scope, aNewRun());
    const stored: string[] = [];
    for (const state of states) {
      const { rowCount } = await pool
        .query('UPDATE run SET status = $2, due = $3, lease = $4, not_before = $5 WHERE run_id = $1', [
          runId,
          status,
          state.includes('d') ? 2 : 0,
          state.includes('l') ? 'pool-a' : null,
          state.includes('n') ? soon() : null,
        ])
        .catch((error) => {
          expect(error).toMatchObject({ code: '23514', constraint: 'run_due_check' });
          return { rowCount: 0 };
        });
      if (rowCount === 1) stored.push(state);
    }
    expect(stored).toEqual(ended.includes(status) ? [''] : waiting.includes(status) ? ['n'] : states.slice(1));
  },
);

test('a decision between claim and suspension is not lost: the run is not suspended before its worker has read it', async () => {
  const run = await aWaitingRun();
  expect(await checkLeases(pool, [{ run }])).toEqual({ lost: [], due: [] });
  expect(await answer(run.request)).not.toBeNull();
  expect(await rowOf(run)).toMatchObject({ status: 'RUNNING', due: 2, lease: 'pool-a' });
  expect(await checkLeases(pool, [{ run }])).toEqual({ lost: [], due: [{ run }] });
  expect(await apply(run, suspend())).toBeNull();
  expect(await rowOf(run)).toMatchObject({ status: 'RUNNING', due: 2, lease: 'pool-a', epoch: run.epoch });
  expect(await clearDue(scope, run.runId, run.epoch)).toBe(true);
  expect(await apply(run, suspend())).not.toBeNull();
  expect(await rowOf(run)).toMatchObject({ status: 'PAUSED', due: 0, lease: null, not_before: expect.any(Date) });
});

test('neither a decision nor a concurrent suspension is lost, a hundred times', async () => {
  for (let i = 0; i < 100; i++) {
    scope = { pool, workspaceId: newId() };
    const run = await aWaitingRun();
    const [decided, suspended] = await Promise.all([answer(run.request), apply(run, suspend())]);
    expect(decided).not.toBeNull();
    // In either order the run is due, and claimed only if it could not be suspended.
    expect(await rowOf(run)).toMatchObject({
      status: 'RUNNING',
      due: 2,
      not_before: null,
      lease: suspended ? null : 'pool-a',
    });
  }
});

test('a decision makes a suspended run due at once, and the worker that claims it sees the decision', async () => {
  const run = await aWaitingRun();
  await pool.query('UPDATE run SET deaths = 1 WHERE run_id = $1', [run.runId]);
  await apply(run, suspend());
  expect(await rowOf(run)).toMatchObject({ status: 'PAUSED', deaths: 0 });
  expect(await claimOne(scope, run.runId)).toBeNull();
  await answer(run.request);
  expect(await rowOf(run)).toMatchObject({ status: 'RUNNING', due: 2, lease: null, not_before: null });
  expect(await claimOne(scope, run.runId)).toMatchObject({ run: { epoch: 2 }, plan: null });
});

test('a request is decided once, and an earlier epoch can neither suspend the run nor read the decision', async () => {
  const run = await aWaitingRun();
  const answers = await Promise.all(Array.from({ length: 8 }, () => answer(run.request)));
  expect(answers.filter((decided) => decided !== null)).toHaveLength(1);
  await releaseRun(scope, run.runId, run.epoch, null);
  await claimOne(scope, run.runId, 'pool-b');
  const before = await rowOf(run);
  expect([await apply(run, suspend()), await clearDue(scope, run.runId, run.epoch)]).toEqual([null, false]);
  expect(await rowOf(run)).toEqual(before);
});

test.each([true, false])(
  'an end clears all that would make a run due again, and so does no decision (requests void: %s)',
  async (voidRequests) => {
    const run = await aWaitingRun();
    const second = aDecisionRequest();
    await apply(run, { to: 'RUNNING', events: [], decisionRequests: [second] });
    await answer(run.request);
    await pool.query(`UPDATE run SET deaths = 3, not_before = now() WHERE run_id = $1`, [run.runId]);
    expect(await apply(run, { ...end, voidRequests })).not.toBeNull();
    expect(await rowOf(run)).toMatchObject({ status: 'SUCCESS', ...endedState });
    expect(await answer(second)).toBeNull();
    await releaseRun(scope, run.runId, run.epoch, null);
    expect(await clearDue(scope, run.runId, run.epoch)).toBe(false);
    expect([await makeRetriesDue(pool), await freeLeases(pool, ['pool-a'])]).toEqual([0, 0]);
    expect(await rowOf(run)).toMatchObject({ status: 'SUCCESS', ...endedState });
  },
);

test('a cancellation ends a claimed run, and its worker writes nothing more', async () => {
  const run = await aClaimed();
  const cancel: Transition = { to: 'CANCELED', events: [aStep(1)], end: { result: undefined, error: null } };
  expect(await applyTransition(scope, { runId: run.runId, epoch: null }, cancel)).not.toBeNull();
  expect(await rowOf(run)).toMatchObject({ status: 'CANCELED', epoch: run.epoch + 1, ...endedState });
  expect(await apply(run, { to: 'RUNNING', events: [aStep(2)] })).toBeNull();
  expect(await checkLeases(pool, [{ run }])).toEqual({ lost: [{ run }], due: [] });
});

test('a released run is due at once, or after a delay; a decision meanwhile is not delayed', async () => {
  const [now, later, answered] = [await aClaimed(), await aClaimed(), await aWaitingRun()];
  await releaseRun(scope, now.runId, now.epoch, null);
  expect(await rowOf(now)).toMatchObject({ status: 'RUNNING', due: 2, lease: null, not_before: null });
  const before = Date.now();
  await releaseRun(scope, later.runId, later.epoch, 5000);
  const row = await rowOf(later);
  expect(row).toMatchObject({ status: 'RUNNING', due: 0, lease: null });
  expect(Math.abs(row.not_before.getTime() - before - 5000)).toBeLessThan(2000);
  await answer(answered.request);
  await releaseRun(scope, answered.runId, answered.epoch, 5000);
  expect(await rowOf(answered)).toMatchObject({ due: 2, lease: null, not_before: null });
});

test('only the holder of a run releases it', async () => {
  const run = await aClaimed();
  const before = await rowOf(run);
  await releaseRun(scope, run.runId, run.epoch - 1, null);
  await releaseRun({ ...scope, workspaceId: newId() }, run.runId, run.epoch, null);
  expect(await rowOf(run)).toEqual(before);
  await apply(run, { to: 'PAUSED', events: [], suspendUntil: soon() });
  await releaseRun(scope, run.runId, run.epoch, null);
  expect(await rowOf(run)).toMatchObject({ status: 'PAUSED', due: 0 });
});

test('a tick makes runs due at their time, in batches, but not those that wait for humans', async () => {
  const ids = await seedDueRuns(pool, [scope.workspaceId], 704);
  const set = (sets: string, some: readonly string[]) =>
    pool.query(`UPDATE run SET due = 0, ${sets} WHERE run_id = ANY($1)`, [some]);
  await set(`not_before = now() - interval '1 second'`, ids);
  await set(`not_before = now() + interval '1 hour'`, ids.slice(0, 1));
  await set(`not_before = now() - interval '1 hour', status = 'PAUSED'`, ids.slice(1, 3));
  await set(`not_before = now() - interval '1 hour', status = 'AUTH_REQUIRED'`, ids.slice(3, 4));
  expect([await makeRetriesDue(pool), await makeRetriesDue(pool), await makeRetriesDue(pool)]).toEqual([500, 200, 0]);
  const rows = await rowsOf(ids);
  expect(rows.slice(0, 4).map(({ due, status }) => [due, status])).toEqual([
    [0, 'QUEUED'],
    [0, 'PAUSED'],
    [0, 'PAUSED'],
    [0, 'AUTH_REQUIRED'],
  ]);
  expect(rows.slice(4).filter(({ due, not_before }) => due !== 1 || not_before !== null)).toEqual([]);
});

test('a tick skips locked runs, and keeps runs that were due at once', async () => {
  const ids = await seedDueRuns(pool, [scope.workspaceId], 3);
  await pool.query(`UPDATE run SET due = 0, not_before = now() WHERE run_id = ANY($1)`, [ids.slice(0, 2)]);
  await pool.query(`UPDATE run SET due = 2, not_before = now() WHERE run_id = $1`, [ids[2]]);
  const session = await pool.connect();
  await session.query('BEGIN');
  await session.query('SELECT FROM run WHERE run_id = $1 FOR UPDATE', [ids[0]]);
  expect(await makeRetriesDue(pool)).toBe(2);
  await session.query('COMMIT');
  session.release();
  expect(await makeRetriesDue(pool)).toBe(1);
  expect((await rowsOf(ids)).map(({ due }) => due)).toEqual([1, 1, 2]);
});

test('a run whose decision request may have expired is found, and waits for the next one when it has not', async () => {
  const [first, two] = [await aWaitingRun({ expiresAt: soon() }), await aWaitingRun({ expiresAt: null })];
  for (const run of [first, two])
    await apply(run, { to: 'PAUSED', events: [], suspendUntil: new Date(Date.now() - 1000) });
  expect((await readExpiringRuns(pool, 10)).map(({ runId }) => runId)).toEqual(
    expect.arrayContaining([first.runId, two.runId]),
  );
  for (const { runId } of [first, two]) await postponeToNextExpiry(scope, runId);
  expect(await readExpiringRuns(pool, 10)).toEqual([]);
  expect((await rowOf(first)).not_before).toEqual(first.request.expiresAt);
  expect(await rowOf(two)).toMatchObject({ status: 'PAUSED', not_before: expect.any(Date) });
});

test('a run that a worker holds without knowing it is due again; one that it executes, or has just claimed, is not', async () => {
  const [lost, busy, fresh, others] = [await aClaimed(), await aClaimed(), await aClaimed(), await aClaimed('pool-b')];
  const old = [lost, busy, others].map(({ runId }) => runId);
  await pool.query(`UPDATE run SET updated_at = now() - interval '2 seconds' WHERE run_id = ANY($1)`, [old]);
  const at = (await pool.query('SELECT clock_timestamp() AS at')).rows[0].at;
  expect(await reclaimOrphans(pool, 'pool-a', [busy.runId], at)).toBe(1);
  expect(await rowOf(lost)).toMatchObject({ due: 2, lease: null, epoch: lost.epoch + 1, deaths: 0 });
  expect((await rowsOf([busy, fresh, others].map(({ runId }) => runId))).map(({ lease }) => lease)).toEqual([
    ...['pool-a', 'pool-a', 'pool-b'],
  ]);
  expect(await claimOne(scope, lost.runId)).toMatchObject({ run: { epoch: lost.epoch + 2 }, plan: null });
});

test('runs of dead workers are due at once and count a death; later writes of these workers are rejected', async () => {
  const runs = [await aClaimed('pool-x'), await aClaimed('pool-y'), await aClaimed('pool-z')];
  expect(await freeLeases(pool, ['pool-x', 'pool-y'])).toBe(2);
  expect(await rowsOf(runs.map(({ runId }) => runId))).toMatchObject([
    { status: 'RUNNING', due: 2, lease: null, epoch: 2, deaths: 1 },
    { status: 'RUNNING', due: 2, lease: null, epoch: 2, deaths: 1 },
    { lease: 'pool-z', epoch: 1, deaths: 0 },
  ]);
  expect(await apply(runs[0]!, { to: 'RUNNING', events: [aStep(1)], ledger: [aCall()] })).toBeNull();
  const activations = runs.map((run) => ({ run }));
  expect(await checkLeases(pool, activations)).toEqual({ lost: activations.slice(0, 2), due: [] });
});

test('a worker that counted as dead undoes its deaths, once, and only for runs that it lost', async () => {
  const [lost, alive] = [await aClaimed('pool-x'), await aClaimed('pool-z')];
  await freeLeases(pool, ['pool-x']);
  await undoDeaths(pool, [{ run: lost }, { run: alive }]);
  expect(await rowsOf([lost.runId, alive.runId])).toMatchObject([{ deaths: 0 }, { deaths: 0 }]);
  await undoDeaths(pool, [{ run: lost }, { run: alive }]);
  expect((await rowOf(lost)).deaths).toBe(0);
});

test('deaths last through activations, until the run waits or ends', async () => {
  let run = await aWaitingRun();
  for (let deaths = 1; deaths <= 3; deaths++) {
    await freeLeases(pool, ['pool-a']);
    const claim = await claimOne(scope, run.runId);
    expect(claim).toMatchObject({ run: { deaths } });
    run = { ...run, epoch: claim!.run.epoch };
    await apply(run, { to: 'RUNNING', events: [aStep(deaths)] });
  }
  await apply(run, suspend());
  expect((await rowOf(run)).deaths).toBe(0);
});

test('open runs are counted by workspace: due and held ones, not those that wait for a time or a human, nor ended ones', async () => {
  const [running, paused, ended, later] = [await aClaimed(), await aClaimed(), await aClaimed(), await aClaimed()];
  expect(running).toBeDefined();
  await apply(paused, suspend());
  await apply(ended, end);
  await releaseRun(scope, later.runId, later.epoch, 60_000);
  const otherPool = newId();
  await seedDueRuns(pool, [otherPool], 3);
  await createRun(scope, aNewRun());
  expect(Object.fromEntries(await countOpenRuns(pool))).toEqual({ [scope.workspaceId]: 2, [otherPool]: 3 });
});
