import type pg from 'pg';
import { v7 as uuid } from 'uuid';
import { beforeAll, expect, inject, test } from 'vitest';
import { openTestPool } from '../testing/database.ts';

let pool: pg.Pool;
const workspaceId = uuid();

beforeAll(async () => {
  const opened = await openTestPool(inject('postgres'));
  ({ pool } = opened);
  return opened.close;
});

async function append(at: string) {
  const runId = uuid({ msecs: Date.parse(at) });
  await pool.query(
    `INSERT INTO run_event (workspace_id, run_id, seq, type, data) VALUES ($1, $2, 1, 'start', '{ "a":1 }')`,
    [workspaceId, runId],
  );
  return runId;
}
const partitionOf = async (runId: string) =>
  (await pool.query('SELECT tableoid::regclass::text AS place FROM run_event WHERE run_id = $1', [runId])).rows[0]
    .place;
const ensure = async (at: string) =>
  (await pool.query('SELECT errand_partitions.ensure_run_event($1) AS made', [at])).rows[0].made;

test('an event of now lies in the partition of its month', async () => {
  const now = new Date().toISOString();
  const month = now.slice(0, 7).replace('-', '');
  expect(await partitionOf(await append(now))).toBe(`errand_partitions.run_event_${month}`);
});

test('the first and the last millisecond of a month belong to it', async () => {
  expect(await ensure('2031-02-10T00:00:00Z')).toBe(2);
  expect(await partitionOf(await append('2031-02-01T00:00:00.000Z'))).toBe('errand_partitions.run_event_203102');
  expect(await partitionOf(await append('2031-02-28T23:59:59.999Z'))).toBe('errand_partitions.run_event_203102');
  expect(await partitionOf(await append('2031-03-01T00:00:00.000Z'))).toBe('errand_partitions.run_event_203103');
});

test('events without a partition are kept, and moved into theirs once it exists', async () => {
  const early = await append('2040-12-31T23:00:00Z');
  expect(await partitionOf(early)).toBe('errand_partitions.run_event_default');
  const partitions = await Promise.all([ensure('2040-12-01T00:00:00Z'), ensure('2040-12-01T00:00:00Z')]);
  expect(partitions.sort()).toEqual([0, 2]);
  expect(await partitionOf(early)).toBe('errand_partitions.run_event_204012');
  expect(await ensure('2041-01-15T00:00:00Z')).toBe(1);
  const { rows } = await pool.query('SELECT data::text AS data FROM run_event WHERE run_id = $1', [early]);
  expect(rows[0].data).toBe('{ "a":1 }'); // the bytes as they were written
});

test('reading one run reads one partition', async () => {
  const runId = await append(new Date().toISOString());
  const { rows } = await pool.query(
    `EXPLAIN (COSTS off) SELECT * FROM run_event WHERE workspace_id = '${workspaceId}' AND run_id = '${runId}' AND seq > 0 ORDER BY seq`,
  );
  const plan = rows.map((row) => row['QUERY PLAN']).join('\n');
  expect(plan.match(/run_event_\d{6}/g)?.length).toBeGreaterThan(0);
  expect(plan).not.toMatch(/Append|run_event_default/);
});
