import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { aNewRun } from '../testing/aNewRun.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { admitWaiting, countOpenRuns } from './admit.ts';
import { claimRun } from './claim.ts';
import { createRun } from './create.ts';
import { type Move, moveRun } from './move.ts';
import { newId, type RunScope } from './scope.ts';
import { sweepRuns } from './sweep.ts';

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
  await pool.query('TRUNCATE run CASCADE');
  await pool.query('DELETE FROM graphile_worker._private_jobs');
  scope = { pool, workspaceId: newId(), places: 2 };
});

const create = async (over: { priority?: number; in?: RunScope } = {}) => {
  const { row, ...place } = await createRun(over.in ?? scope, aNewRun({ priority: over.priority ?? 0 }), true);
  return { runId: row.runId, ...place };
};
const open: Move['from'] = ['QUEUED', 'RUNNING', 'PAUSED'];
const bare = { epoch: null, from: open, events: [] };
const finish = (runId: string, to: 'SUCCESS' | 'CANCELED' = 'SUCCESS') =>
  moveRun(scope, { ...bare, runId, to, end: { result: undefined, error: null } });
/** Runs that the queue has, in the order in which they came there. */
const queued = async () => {
  const { rows } = await pool.query(`SELECT payload->>'runId' AS run FROM graphile_worker._private_jobs ORDER BY id`);
  return rows.map(({ run }) => run as string);
};

test('a run takes a place while there is one; later ones wait without a job, each for its turn', async () => {
  const made = [await create(), await create(), await create(), await create()];
  expect(made.map(({ admitted, held }) => [admitted, held])).toEqual([
    [true, 0],
    [true, 1],
    [false, 2],
    [false, null],
  ]);
  const ids = made.map(({ runId }) => runId);
  expect(await queued()).toEqual(ids.slice(0, 2));

  await finish(ids[0]!);
  expect(await queued()).toEqual(ids.slice(0, 3));
  await finish(ids[1]!);
  expect(await queued()).toEqual(ids);
});

test('the highest priority goes first, then the oldest; other workspaces are not asked', async () => {
  const other = { ...scope, workspaceId: newId() };
  const [first] = [await create(), await create()];
  const low = await create({ priority: -10 });
  const older = await create({ priority: 3 });
  const newer = await create({ priority: 3 });
  const theirs = [await create({ in: other }), await create({ in: other }), await create({ in: other, priority: 10 })];
  expect(theirs.map(({ admitted }) => admitted)).toEqual([true, true, false]);

  await pool.query('DELETE FROM graphile_worker._private_jobs');
  for (const { runId } of [first!, older, newer]) await finish(runId);
  expect(await queued()).toEqual([older, newer, low].map(({ runId }) => runId));
});

test('jobs are equal whatever the priority', async () => {
  await create({ priority: 10 });
  await create({ priority: -10 });
  const { rows } = await pool.query('SELECT DISTINCT priority FROM graphile_worker._private_jobs');
  expect(rows).toEqual([{ priority: 0 }]);
});

test('a run that waits for a human gives up its place, and one that was cancelled before its turn gives up none', async () => {
  const [first, , third, fourth, fifth] = [
    await create(),
    await create(),
    await create(),
    await create(),
    await create(),
  ];
  const claim = await claimRun(scope, first!.runId, 'pool-a', true, { type: 'start', data: '{}', toolCalls: null });
  const rest = { ...bare, epoch: claim!.epoch, runId: first!.runId, to: 'PAUSED' as const, release: true };
  expect(await moveRun(scope, rest)).not.toBeNull();
  expect(await queued()).toContain(third!.runId);

  expect(await finish(fourth!.runId, 'CANCELED')).not.toBeNull();
  expect(await queued()).not.toContain(fifth!.runId);
  await finish(third!.runId);
  expect(await queued()).toContain(fifth!.runId);
  expect(await queued()).not.toContain(fourth!.runId);
});

test('above the limit an end admits nobody, until that is made up', async () => {
  const made = await Promise.all(Array.from({ length: 4 }, () => create({ in: { ...scope, places: 9 } })));
  const waiting = await create();
  expect([made.every(({ admitted }) => admitted), waiting.admitted]).toEqual([true, false]);
  for (const [n, { runId }] of made.entries()) {
    await finish(runId);
    expect((await queued()).includes(waiting.runId), `after ${n + 1} ends`).toBe(n >= 2);
  }
});

test('ends at the same time admit as many as ended, each once', async () => {
  const wide = { ...scope, places: 8 };
  const made = [];
  for (let i = 0; i < 24; i++) made.push(await create({ in: wide }));
  scope = wide;
  await Promise.all(made.slice(0, 8).map(({ runId }) => finish(runId)));
  const ids = await queued();
  expect([ids.length, new Set(ids).size]).toEqual([16, 16]);
});

test('an end that finds its run moved on admits nobody', async () => {
  const [first, , third] = [await create(), await create(), await create()];
  const end = { result: undefined, error: null };
  expect(await moveRun(scope, { ...bare, epoch: 7, runId: first!.runId, to: 'FAILED', end })).toBeNull();
  const { rows } = await pool.query('SELECT admitted FROM run WHERE run_id = $1', [third!.runId]);
  expect(rows).toEqual([{ admitted: false }]);
});

test('the top-up gives free places of every workspace to those that wait, and the sweep leaves them alone', async () => {
  const others = Array.from({ length: 3 }, () => ({ ...scope, workspaceId: newId() }));
  for (const one of others) for (let i = 0; i < 5; i++) await create({ in: one });
  expect(await admitWaiting(pool, 2)).toBe(0);
  await pool.query(`UPDATE run SET updated_at = now() - interval '1 hour' WHERE NOT admitted`);
  expect(await sweepRuns(pool, 1000)).toBe(0);

  // As when all that was admitted ended while nobody saw those that wait.
  await pool.query(`UPDATE run SET status = 'FAILED' WHERE admitted`);
  expect(await Promise.all([1, 2, 3].map(() => admitWaiting(pool, 2))).then((all) => Math.max(...all))).toBe(6);
  expect(await admitWaiting(pool, 2)).toBe(0);
  expect(await admitWaiting(pool, 9)).toBe(3);
  expect(await admitWaiting(pool, 9)).toBe(0);
});

test('open runs are counted by workspace, ended ones and those that wait for humans not', async () => {
  const other = { ...scope, workspaceId: newId() };
  const [first, second] = [await create(), await create(), await create(), await create()];
  await create({ in: other });
  await finish(first!.runId);
  await moveRun(scope, { ...bare, runId: second!.runId, to: 'PAUSED' });
  expect(Object.fromEntries(await countOpenRuns(pool))).toEqual({ [scope.workspaceId]: 2, [other.workspaceId]: 1 });
});

test('the plan of an end stands when thousands come to wait: it looks at no more rows than hold places', async () => {
  const client = await pool.connect();
  try {
    const end = (runId: string) =>
      moveRun(scope, { ...bare, runId, to: 'SUCCESS', end: { result: undefined, error: null } }, client);
    // Statements are prepared, and their plans made, while there is next to nothing.
    for (let i = 0; i < 8; i++) await end((await create()).runId);
    const [first] = [await create(), await create()];
    await pool.query(
      `INSERT INTO run (workspace_id, run_id, execution_plan_id, repeat_key, status, intent, user_id, selected, signature, admitted)
       SELECT $1, gen_random_uuid(), gen_random_uuid(), 'k', CASE WHEN n <= 2000 THEN 'QUEUED' ELSE 'SUCCESS' END, 'i', 'u', ARRAY['*'], '\\x00', n > 2000
       FROM generate_series(1, 4000) n`,
      [scope.workspaceId],
    );
    const seen: string[] = [];
    client.on('notice', ({ message }) => seen.push(message ?? ''));
    await client.query(`LOAD 'auto_explain'; SET auto_explain.log_min_duration = 0; SET auto_explain.log_analyze = on;
      SET client_min_messages = log`);
    await end(first!.runId);
    const plan = seen.find((text) => text.includes('WITH moved'))!;
    expect(plan).toMatch(/Index (Only )?Scan using run_unadmitted_idx/);
    expect(plan).toMatch(/Index (Only )?Scan using run_place_idx/);
    const rows = [...plan.matchAll(/actual time=\S+ rows=([\d.]+)/g)].map(([, n]) => Number(n));
    expect(rows.length).toBeGreaterThan(5);
    expect(Math.max(...rows)).toBeLessThan(50);
  } finally {
    client.release(true);
  }
});
