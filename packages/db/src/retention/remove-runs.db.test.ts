// The deletion of one run: complete by the catalog of tables, at once or in batches, and counted once.
import { system } from '@errand/contracts';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { newId } from '../statements/scope.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { addFullRun, dropChecks, rowsWith } from '../testing/fill-tables.ts';
import { rollUpUsage } from '../usage/roll-up.ts';
import { removeRun } from './remove-runs.ts';

let database: TestDatabase;
let owner: pg.Client;
let pool: pg.Pool;
const workspaceId = newId();
beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
  await dropChecks(owner);
  const { url } = database.logins;
  pool = new pg.Pool({ connectionString: url, options: '-c role=errand_system', max: 4 });
});
afterAll(async () => {
  await owner.end();
  await pool.end();
  await database.drop();
});

const aRun = (rows = 3) => addFullRun(owner, { workspaceId, userId: 'user-1', rows });
const by = { workspaceId, actor: { ...system, label: 'tester' } };
const audited = async (runId: string) => {
  const text = `SELECT actor_label AS by, details FROM audit WHERE action = 'run.deleted' AND target = $1`;
  return (await owner.query(text, [runId])).rows;
};

test.each([
  ['a small run in one transaction', 3, {}],
  ['a large run in batches', 70, { rowsAtOnce: 20, smallRun: 10 }],
])('%s goes with everything of it, and others stay', async (_, rows, pace) => {
  const [gone, stays] = [await aRun(rows), await aRun(rows)];
  const before = await rowsWith(owner, stays);
  await removeRun(pool, by, gone, pace);
  // An action outlives the run from which it was saved; the audit log names the run as target and in the details.
  expect(await rowsWith(owner, gone)).toEqual({ action: rows, audit: 1 });
  expect(await rowsWith(owner, stays)).toEqual(before);
  expect(await audited(gone)).toEqual([{ by: 'tester', details: { runId: gone, status: 'SUCCESS' } }]);
  await expect(removeRun(pool, by, gone, pace)).rejects.toMatchObject({ code: 'not_found' });
});

test('an open run and a run of another workspace are refused', async () => {
  const runId = await aRun();
  await owner.query(`UPDATE run SET ended_at = NULL, status = 'PAUSED' WHERE run_id = $1`, [runId]);
  await expect(removeRun(pool, by, runId)).rejects.toMatchObject({ code: 'run_unfinished' });
  const foreign = { ...by, workspaceId: newId() };
  await expect(removeRun(pool, foreign, runId)).rejects.toMatchObject({ code: 'not_found' });
  expect((await rowsWith(owner, runId)).run).toBe(1);
});

test('of several requests at once one deletes the run, and the audit log has one entry', async () => {
  for (const smallRun of [500, 1]) {
    const runId = await aRun();
    const results = await Promise.allSettled([1, 2, 3].map(() => removeRun(pool, by, runId, { smallRun })));
    const codes = results.flatMap((result) => (result.status === 'rejected' ? [result.reason.code] : []));
    expect(codes.filter((code) => code !== 'not_found')).toEqual([]);
    expect(await audited(runId)).toHaveLength(1);
    expect((await rowsWith(owner, runId)).run).toBeUndefined();
  }
});

test('a run that is deleted before the periodic count counts once, even if the large one is deleted in two attempts', async () => {
  const { signal } = new AbortController();
  const countAll = () => rollUpUsage(pool, signal, { through: new Date(Date.now() + 1000) });
  await countAll();
  const runs = async () => {
    const text = `SELECT coalesce(sum(runs), 0)::int AS n FROM usage_day WHERE kind = 'user' AND key = 'user-1'`;
    return (await owner.query<{ n: number }>(text)).rows[0]!.n;
  };
  const before = await runs();
  const [small, large] = [await aRun(), await aRun(40)];
  await removeRun(pool, by, small);
  expect(await runs()).toBe(before + 1);
  await owner.query(`CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN RAISE 'It fails.'; END $$;
    CREATE TRIGGER fails BEFORE DELETE ON run_text FOR EACH STATEMENT EXECUTE FUNCTION fail()`);
  await expect(removeRun(pool, by, large, { smallRun: 1 })).rejects.toThrow('It fails.');
  await owner.query('DROP TRIGGER fails ON run_text');
  await countAll();
  expect(await runs()).toBe(before + 2);
  await removeRun(pool, by, large, { smallRun: 1 });
  await countAll();
  expect(await runs()).toBe(before + 2);
});
