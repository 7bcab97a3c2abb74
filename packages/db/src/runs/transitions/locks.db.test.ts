// Decision requests are locked before their run, in the order of their ids: an end and a decision never deadlock.
import type pg from 'pg';
import { beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { newId, type RunScope, withTransaction } from '../../statements/scope.ts';
import { aDecisionRequest, anAnswer } from '../../testing/a-decision-request.ts';
import { aStart, aStep } from '../../testing/a-new-run.ts';
import { aClaim } from '../../testing/claim-one.ts';
import { openTestPool } from '../../testing/database.ts';
import { seedDueRuns } from '../../testing/seed-due-runs.ts';
import {
  decideRequest,
  type NewDecisionRequest,
  readDecisionRequests,
  voidDecisionRequests,
} from '../decision-requests.ts';
import { claimRuns } from '../queue/claim.ts';
import type { Transition } from './transition.ts';
import { applyTransition } from './transitions.ts';

const PAIRS = 200;

let pool: pg.Pool;
let scope: RunScope;

beforeAll(async () => {
  const opened = await openTestPool(inject('postgres'), { max: 16 });
  ({ pool } = opened);
  return opened.close;
});
beforeEach(async () => {
  await pool.query('TRUNCATE run, decision_request CASCADE');
  scope = { pool, workspaceId: newId() };
});

type WaitingRun = { runId: string; epoch: number; requests: NewDecisionRequest[] };

/** Claimed runs with open requests, stored in the reverse order of their ids. */
async function waitingRuns(runs: number, requests: number): Promise<WaitingRun[]> {
  await seedDueRuns(pool, [scope.workspaceId], runs);
  const waitingRuns: WaitingRun[] = [];
  while (waitingRuns.length < runs) {
    for (const { run } of (await claimRuns(pool, aClaim(), aStart)).claimed) {
      const waiting = Array.from({ length: requests }, () => aDecisionRequest());
      waitingRuns.push({ runId: run.runId, epoch: run.epoch, requests: waiting });
    }
  }
  await Promise.all(
    waitingRuns.map((run) => apply(run, { to: 'RUNNING', events: [], decisionRequests: [...run.requests].reverse() })),
  );
  return waitingRuns;
}
const apply = (run: { runId: string; epoch: number | null }, change: Transition, within = scope) =>
  applyTransition(within, run, change);
const end = (run: WaitingRun) =>
  apply(run, { to: 'SUCCESS', events: [], end: { result: 1, error: null }, voidRequests: true });
const answer = ({ decisionRequestId }: NewDecisionRequest) =>
  decideRequest(scope, decisionRequestId, { decision: anAnswer, events: [aStep(1)] });
/** As the engine cancels. */
const cancel = ({ runId }: WaitingRun) =>
  withTransaction(pool, async (client) => {
    const within = { ...scope, pool: client as unknown as pg.Pool };
    await voidDecisionRequests(within, runId);
    await client.query('SELECT FROM run WHERE workspace_id = $1 AND run_id = $2 FOR UPDATE', [
      scope.workspaceId,
      runId,
    ]);
    return apply(
      { runId, epoch: null },
      { to: 'CANCELED', events: [], end: { result: undefined, error: null } },
      within,
    );
  });
const blocked = async () =>
  (await pool.query(`SELECT FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`))
    .rowCount;
const decisionsOf = async ({ runId }: WaitingRun) =>
  (await readDecisionRequests(scope, runId)).map(({ decision }) => decision);
const statuses = async () => (await pool.query('SELECT DISTINCT status, due, lease, not_before FROM run')).rows;

test('an end and an answer that wait for the same request both take place, the answer first', async () => {
  const [run] = (await waitingRuns(1, 2)) as [WaitingRun];
  const session = await pool.connect();
  await session.query('BEGIN');
  await session.query('SELECT FROM decision_request WHERE decision_request_id = $1 FOR UPDATE', [
    run.requests[0]!.decisionRequestId,
  ]);
  const answered = answer(run.requests[0]!);
  await expect.poll(blocked).toBe(1);
  const ended = end(run);
  await expect.poll(blocked).toBe(2);
  await session.query('COMMIT');
  session.release();
  const [row, applied] = await Promise.all([answered, ended]);
  expect([row?.seq, applied?.seq]).toEqual([2, 2]);
  expect(await decisionsOf(run)).toEqual(['approve', 'void']);
  expect(await statuses()).toEqual([{ status: 'SUCCESS', due: 0, lease: null, not_before: null }]);
});

test('an end and a cancellation that void the same requests take them in the same order', async () => {
  const [run] = (await waitingRuns(1, 3)) as [WaitingRun];
  const session = await pool.connect();
  await session.query('BEGIN');
  await session.query('SELECT FROM decision_request WHERE decision_request_id = $1 FOR UPDATE', [
    run.requests[1]!.decisionRequestId,
  ]);
  const canceled = cancel(run);
  await expect.poll(blocked).toBe(1);
  const ended = end(run);
  await expect.poll(blocked).toBe(2);
  await session.query('COMMIT');
  session.release();
  expect(await Promise.all([canceled, ended])).toEqual([expect.objectContaining({ seq: 1 }), null]);
  expect(await decisionsOf(run)).toEqual(['void', 'void', 'void']);
});

test(`${PAIRS} ends that void requests, each with an answer to one of them at the same time: none fails, all end`, async () => {
  const runs = await waitingRuns(PAIRS, 2);
  const outcomes = await Promise.all(
    runs.flatMap((run, i) => [end(run), answer(run.requests[i % 2]!)].sort(() => (i % 3 ? 1 : -1))),
  );
  expect(outcomes).toHaveLength(2 * PAIRS);
  expect(await statuses()).toEqual([{ status: 'SUCCESS', due: 0, lease: null, not_before: null }]);
  const open = await pool.query('SELECT FROM decision_request WHERE decided_at IS NULL');
  expect(open.rowCount).toBe(0);
}, 60_000);

test(`${PAIRS} ends, each with a cancellation and an answer at the same time: none fails, each run ends once`, async () => {
  const runs = await waitingRuns(PAIRS, 3);
  const outcomes = await Promise.all(
    runs.map((run, i) => Promise.all([cancel(run), end(run), answer(run.requests[i % 3]!)])),
  );
  for (const [canceled, ended] of outcomes)
    expect([canceled, ended].filter((outcome) => outcome !== null)).toHaveLength(1);
  const { rows } = await pool.query('SELECT FROM run WHERE ended_at IS NOT NULL AND due = 0 AND lease IS NULL');
  expect(rows).toHaveLength(PAIRS);
}, 60_000);
