// A statement that makes a run due may claim it too: the run is then the same as after a claim.
import type pg from 'pg';
import { beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { newId, type RunScope } from '../../statements/scope.ts';
import { anAnswer, aRunWithRequest } from '../../testing/a-decision-request.ts';
import { aNewRun, aStart, aStep } from '../../testing/a-new-run.ts';
import { claimOne } from '../../testing/claim-one.ts';
import { openTestPool } from '../../testing/database.ts';
import { createRun } from '../create.ts';
import { decideRequest } from '../decision-requests.ts';
import { readEvents } from '../events.ts';
import { applyTransition } from '../transitions/transitions.ts';
import { SUSPECT_DEATHS } from './claimed-run.ts';

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

const claimant = { worker: 'pool-a', slots: 60, startEvent: aStart };
const rowOf = async (runId: string) =>
  (await pool.query('SELECT status, due, lease, not_before, epoch, seq, deaths FROM run WHERE run_id = $1', [runId]))
    .rows[0];
const eventsOf = async (runId: string) =>
  (await readEvents(scope, runId, 0, { limit: 10, bytes: 10_000 })).rows.map(({ seq, type }) => [seq, type]);

/** A run with an open decision request; a worker executes it only if `isHeld`. */
async function waitingRun(isHeld: boolean) {
  const waiting = await aRunWithRequest(scope, aNewRun({ context: 'c', sealedPassThrough: Buffer.from('sealed') }));
  if (!isHeld) await applyTransition(scope, waiting, suspend());
  return waiting;
}
const suspend = () => ({ to: 'PAUSED' as const, events: [], suspendUntil: new Date(Date.now() + 60_000) });
const decide = (decisionRequestId: string, by = claimant) =>
  decideRequest(scope, decisionRequestId, { decision: anAnswer, events: [aStep(7)] }, by);
const times = { createdAt: expect.any(Date), updatedAt: expect.any(Date), startedAt: expect.any(Date) };

test('a run that is claimed when it is created equals one that is claimed later', async () => {
  const plan = { planType: 'json' as const, plan: { z: 1, a: [null] }, madeBy: 'caller', calls: ['crm'] };
  const expectedRow = (changes = {}) =>
    aNewRun({ plan, metadata: { b: '1' }, sealedPassThrough: Buffer.from('sealed'), ...changes });
  const usual = expectedRow();
  await createRun(scope, usual);
  const later = (await claimOne(scope, usual.runId))!;
  const { runId, executionPlanId } = expectedRow();
  const { claimed } = await createRun(scope, expectedRow({ runId, executionPlanId }), claimant);
  expect(claimed).toEqual({ ...later, run: { ...later.run, runId, executionPlanId, ...times } });
  expect(await rowOf(runId)).toEqual(await rowOf(usual.runId));
  expect(await eventsOf(runId)).toEqual([[1, 'start']]);
});

test('a run is not claimed when it is created if its workspace has no free slot', async () => {
  const two = { ...claimant, slots: 2 };
  const claims = [];
  for (let i = 0; i < 3; i++) claims.push(await createRun(scope, aNewRun(), two));
  expect(claims.map(({ claimed }) => claimed !== null)).toEqual([true, true, false]);
  expect(await rowOf(claims[2]!.runId)).toMatchObject({ status: 'QUEUED', due: 1, lease: null, epoch: 0, seq: 0 });
  expect(await eventsOf(claims[2]!.runId)).toEqual([]);
  scope = { pool, workspaceId: newId() };
  expect((await createRun(scope, aNewRun(), two)).claimed).not.toBeNull();
});

test('a decision claims an unclaimed run, with all data of an activation', async () => {
  const { runId, request } = await waitingRun(false);
  const { request: decided, seq, claimed } = (await decide(request.decisionRequestId))!;
  expect(await rowOf(runId)).toMatchObject({ status: 'RUNNING', due: 0, lease: 'pool-a', not_before: null, epoch: 2 });
  expect(claimed).toMatchObject({ run: { epoch: 2, deaths: 0 }, exceedsSlots: true, plan: null });
  expect(claimed!.run).toMatchObject({ runId, seq, userId: 'user-1', context: 'c', status: 'RUNNING', ...times });
  expect(claimed!.run.sealedPassThrough).toEqual(Buffer.from('sealed'));
  const { rows } = await pool.query('SELECT created_at FROM run WHERE run_id = $1', [runId]);
  expect(claimed!.run.createdAt).toEqual(rows[0].created_at);
  expect(decided).toMatchObject({
    decisionRequestId: request.decisionRequestId,
    text: request.text,
    decision: 'approve',
  });
});

test('a decision does not claim a claimed or suspect run: both are due at once', async () => {
  const waiting = await waitingRun(true);
  const decided = await decide(waiting.request.decisionRequestId, { ...claimant, worker: 'pool-b' });
  expect(decided!.claimed).toBeNull();
  expect(await rowOf(waiting.runId)).toMatchObject({ due: 2, lease: 'pool-a', epoch: 1 });
  const suspect = await waitingRun(true);
  const died = 'UPDATE run SET lease = NULL, due = 2, epoch = 2, deaths = $2 WHERE run_id = $1';
  await pool.query(died, [suspect.runId, SUSPECT_DEATHS]);
  expect((await decide(suspect.request.decisionRequestId))!.claimed).toBeNull();
  expect(await rowOf(suspect.runId)).toMatchObject({ due: 2, lease: null, epoch: 2 });
});

test('a concurrent decision and suspension leave one claim of the run, a hundred times', async () => {
  for (let i = 0; i < 100; i++) {
    const { runId, request } = await waitingRun(true);
    const [decided, suspended] = await Promise.all([
      decide(request.decisionRequestId, { ...claimant, worker: 'pool-b' }),
      applyTransition(scope, { runId, epoch: 1 }, suspend()),
    ]);
    // If the run was suspended first, the decision claimed it. If it was decided first, its holder could not suspend it.
    expect(decided!.claimed === null).toBe(suspended === null);
    const row = suspended ? { due: 0, lease: 'pool-b', epoch: 2 } : { due: 2, lease: 'pool-a', epoch: 1 };
    expect(await rowOf(runId)).toMatchObject({ status: 'RUNNING', not_before: null, ...row });
  }
});
