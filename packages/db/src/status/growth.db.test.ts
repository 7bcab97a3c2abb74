import type pg from 'pg';
import { beforeAll, expect, inject, test } from 'vitest';
import { newId } from '../statements/scope.ts';
import { openTestPool } from '../testing/database.ts';
import { seedRuns } from '../testing/seed-runs.ts';
import { readGrowth } from './growth.ts';

let pool: pg.Pool;

beforeAll(async () => {
  const opened = await openTestPool(inject('postgres'), { options: '-c role=errand_system' });
  ({ pool } = opened);
  return opened.close;
});

test('the growth is that of the counted runs of the last days, and of the sizes of their tables', async () => {
  expect(await readGrowth(pool)).toBeUndefined();
  await seedRuns(pool, newId(), 2000, { whole: true });
  expect(await readGrowth(pool)).toBeUndefined();
  for (const [age, runs] of [
    [0, 300],
    [1, 100],
    [40, 9000],
  ])
    await pool.query(
      `INSERT INTO usage_day (workspace_id, day, kind, key, runs, succeeded, failed, calls, call_errors, tokens, cost, times)
       VALUES (gen_random_uuid(), (now() AT TIME ZONE 'UTC')::date - $1::int, 'status', 'SUCCESS', $2, $2, 0, 0, 0, 0, 0, '{}')`,
      [age, runs],
    );
  const growth = await readGrowth(pool);
  expect(growth?.runsPerDay).toBe(200);
  // 5.7 KB of a seeded run, and the empty pages of small tables.
  expect(growth?.bytesPerRun).toBeGreaterThan(4500);
  expect(growth?.bytesPerRun).toBeLessThan(9000);
  expect(growth?.eventBytesPerRun).toBeGreaterThan(1000);
  expect(growth?.eventBytesPerRun).toBeLessThan(growth!.bytesPerRun / 2);
  expect(growth?.databaseBytes).toBeGreaterThan(growth!.bytesPerRun * 2000);
});
