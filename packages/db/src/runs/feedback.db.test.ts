import { randomBytes } from 'node:crypto';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type Db, openDatabase, type WorkspaceDb } from '../database.ts';
import { createTestDatabase, masterKey, type TestDatabase } from '../testing/index.ts';

let database: TestDatabase;
let db: Db;
let workspaceId: string;
let here: WorkspaceDb;

beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  db = openDatabase({ ...database.logins, masterKeys: [masterKey()] });
  ({ workspaceId } = await db.workspaces.create('here'));
  here = db.forWorkspace(workspaceId);
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

async function aRun() {
  const [runId, planId] = [uuid(), uuid()];
  await db.pool.query(
    `INSERT INTO run (workspace_id, run_id, execution_plan_id, repeat_key, intent, user_id, selected, signature)
     VALUES ($1, $2, $3, 'k', 'i', 'ann', '{*}', $4)`,
    [workspaceId, runId, planId, randomBytes(32)],
  );
  return { runId, planId };
}

test('feedback is stored, then changed field by field', async () => {
  const { runId } = await aRun();
  expect(await here.feedback.get(runId)).toBeNull();
  const first = await here.feedback.put(runId, { rating: 'positive', comment: 'Well', source: { type: 'user' } });
  expect(first).toMatchObject({ runId, rating: 'positive', comment: 'Well', feedbackSource: { type: 'user' } });
  const second = await here.feedback.put(runId, { comment: 'Very well', metadata: { version: '2' } });
  expect(second).toMatchObject({ id: first?.id, rating: 'positive', comment: 'Very well', metadata: { version: '2' } });
  expect(await here.feedback.put(runId, { rating: 'negative' })).toMatchObject({
    rating: 'negative',
    comment: 'Very well',
  });
  expect(await here.feedback.get(runId)).toMatchObject({ rating: 'negative', feedbackSource: { type: 'user' } });
});

test('the first feedback needs a rating, and a run of this workspace', async () => {
  const { runId } = await aRun();
  await expect(here.feedback.put(runId, { comment: 'Hm' })).rejects.toMatchObject({ code: 'validation_failed' });
  expect(await here.feedback.put(uuid(), { comment: 'Hm' })).toBeNull();
  expect(await here.feedback.put(uuid(), { rating: 'positive' })).toBeNull();
  const elsewhere = db.forWorkspace((await db.workspaces.create('elsewhere')).workspaceId);
  expect(await elsewhere.feedback.put(runId, { rating: 'positive' })).toBeNull();
  expect(await here.feedback.get(runId)).toBeNull();
});

test('a plan is read by its id, only in its workspace', async () => {
  const { runId, planId } = await aRun();
  const plan = { goal: 'g', steps: [] };
  await db.pool.query(
    `INSERT INTO execution_plan (workspace_id, execution_plan_id, run_id, plan_type, plan, made_by)
     VALUES ($1, $2, $3, 'json', $4, 'builtin')`,
    [workspaceId, planId, runId, JSON.stringify(plan)],
  );
  expect(await here.executionPlans.get(planId)).toMatchObject({ planType: 'json', plan });
  const elsewhere = db.forWorkspace((await db.workspaces.create('elsewhere')).workspaceId);
  expect(await elsewhere.executionPlans.get(planId)).toBeNull();
});
