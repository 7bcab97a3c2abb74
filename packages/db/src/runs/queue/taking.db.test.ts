// What is promised of statements that make a run due and take it, too: it is the same as when a claim took it.
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { aNewRun, aStart, aStep } from '../../testing/a-new-run.ts';
import { aDecisionRequest, anAnswer } from '../../testing/a-question.ts';
import { claimOne } from '../../testing/claim-one.ts';
import { createTestDatabase, type TestDatabase } from '../../testing/database.ts';
import { createRun } from '../create.ts';
import { decideRequest } from '../decision-requests.ts';
import { readEvents } from '../events.ts';
import { newId, type RunScope } from '../scope.ts';
import { applyTransition } from '../transitions/transition.ts';
import { SUSPECT_DEATHS } from './taking.ts';

let database: TestDatabase;
let pool: pg.Pool;
let scope: RunScope;

beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  pool = new pg.Pool({ connectionString: database.url, max: 8 });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});
beforeEach(async () => {
  await pool.query('TRUNCATE run, decision_request CASCADE');
  scope = { pool, workspaceId: newId() };
});

const taker = { worker: 'pool-a', slots: 60, start: aStart };
const rowOf = async (runId: string) =>
  (await pool.query('SELECT status, due, lease, not_before, epoch, seq, deaths FROM run WHERE run_id = $1', [runId]))
    .rows[0];
const eventsOf = async (runId: string) =>
  (await readEvents(scope, runId, 0, { limit: 10, bytes: 10_000 })).rows.map(({ seq, type }) => [seq, type]);

/** A run that asks one question; no worker holds it, unless `held`. */
async function anAsking(held: boolean) {
  const { runId } = await createRun(scope, aNewRun({ context: 'c', sealedPassThrough: Buffer.from('sealed') }));
  const { epoch } = (await claimOne(scope, runId))!;
  const question = aDecisionRequest();
  await applyTransition(scope, { runId, epoch }, { to: 'RUNNING', events: [aStep(1)], decisionRequests: [question] });
  const rest = new Date(Date.now() + 60_000);
  if (!held) await applyTransition(scope, { runId, epoch }, { to: 'PAUSED', events: [], suspend: rest });
  return { runId, question };
}
const times = { createdAt: expect.any(Date), updatedAt: expect.any(Date), startedAt: expect.any(Date) };

test('a run that is taken as it is made is what a claim would have given, and is told as it was accepted', async () => {
  const plan = { planType: 'json' as const, plan: { z: 1, a: [null] }, madeBy: 'caller', calls: ['crm'] };
  const wanted = (over = {}) =>
    aNewRun({ plan, metadata: { b: '1' }, sealedPassThrough: Buffer.from('sealed'), ...over });
  const usual = wanted();
  await createRun(scope, usual);
  const claimed = (await claimOne(scope, usual.runId))!;
  const { runId, executionPlanId } = wanted();
  const { taken, ...row } = await createRun(scope, wanted({ runId, executionPlanId }), taker);
  expect(taken).toEqual({ ...claimed, run: { ...claimed.run, runId, executionPlanId, ...times } });
  expect(row).toMatchObject({ status: 'QUEUED', seq: 0, startedAt: null, waitsFor: 'slot' });
  expect(await rowOf(runId)).toEqual(await rowOf(usual.runId));
  expect(await eventsOf(runId)).toEqual([[1, 'start']]);
});

test('a run is not taken as it is made when its workspace has no slot left', async () => {
  const two = { ...taker, slots: 2 };
  const made = [];
  for (let i = 0; i < 3; i++) made.push(await createRun(scope, aNewRun(), two));
  expect(made.map(({ taken }) => taken !== null)).toEqual([true, true, false]);
  expect(await rowOf(made[2]!.runId)).toMatchObject({ status: 'QUEUED', due: 1, lease: null, epoch: 0, seq: 0 });
  expect(await eventsOf(made[2]!.runId)).toEqual([]);
  scope = { pool, workspaceId: newId() };
  expect((await createRun(scope, aNewRun(), two)).taken).not.toBeNull();
});

test('an answer takes the run that nobody holds, with all that an activation starts from', async () => {
  const { runId, question } = await anAsking(false);
  const { row, seq, taken } = (await decideRequest(
    scope,
    question.decisionRequestId,
    { decision: anAnswer, event: aStep(7) },
    taker,
  ))!;
  expect(await rowOf(runId)).toMatchObject({ status: 'RUNNING', due: 0, lease: 'pool-a', not_before: null, epoch: 2 });
  expect(taken).toMatchObject({ epoch: 2, first: false, deaths: 0, beyond: true, plan: null });
  expect(taken!.run).toMatchObject({ runId, seq, userId: 'user-1', context: 'c', status: 'RUNNING', ...times });
  expect(taken!.sealedPassThrough).toEqual(Buffer.from('sealed'));
  const { rows } = await pool.query('SELECT created_at FROM run WHERE run_id = $1', [runId]);
  expect(taken!.run.createdAt).toEqual(rows[0].created_at);
  expect(row).toMatchObject({
    decisionRequestId: question.decisionRequestId,
    text: question.text,
    decision: 'approve',
  });
});

test('an answer leaves a run that is held to who holds it, and a suspect to a claim: both are due at once', async () => {
  const held = await anAsking(true);
  const answered = await decideRequest(
    scope,
    held.question.decisionRequestId,
    { decision: anAnswer, event: aStep(7) },
    {
      ...taker,
      worker: 'pool-b',
    },
  );
  expect(answered!.taken).toBeNull();
  expect(await rowOf(held.runId)).toMatchObject({ due: 2, lease: 'pool-a', epoch: 1 });
  const suspect = await anAsking(true);
  const died = 'UPDATE run SET lease = NULL, due = 2, epoch = 2, deaths = $2 WHERE run_id = $1';
  await pool.query(died, [suspect.runId, SUSPECT_DEATHS]);
  expect(
    (await decideRequest(scope, suspect.question.decisionRequestId, { decision: anAnswer, event: aStep(7) }, taker))!
      .taken,
  ).toBeNull();
  expect(await rowOf(suspect.runId)).toMatchObject({ due: 2, lease: null, epoch: 2 });
});

test('of an answer that takes and a rest at the same time one holds the run, a hundred times', async () => {
  for (let i = 0; i < 100; i++) {
    const { runId, question } = await anAsking(true);
    const rest = { to: 'PAUSED' as const, events: [], suspend: new Date(Date.now() + 60_000) };
    const [decided, rested] = await Promise.all([
      decideRequest(
        scope,
        question.decisionRequestId,
        { decision: anAnswer, event: aStep(7) },
        { ...taker, worker: 'pool-b' },
      ),
      applyTransition(scope, { runId, epoch: 1 }, rest),
    ]);
    // The rest came first: the answer took the run. Or the answer did: who holds the run could not rest.
    expect(decided!.taken === null).toBe(rested === null);
    const row = rested ? { due: 0, lease: 'pool-b', epoch: 2 } : { due: 2, lease: 'pool-a', epoch: 1 };
    expect(await rowOf(runId)).toMatchObject({ status: 'RUNNING', not_before: null, ...row });
  }
});
