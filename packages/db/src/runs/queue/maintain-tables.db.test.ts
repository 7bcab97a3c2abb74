import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { newId } from '../../statements/scope.ts';
import { createTestDatabase, type TestDatabase } from '../../testing/database.ts';
import { seedRuns } from '../../testing/seed-runs.ts';
import { maintainTables } from './maintain-tables.ts';

let database: TestDatabase;
let pool: pg.Pool;
const connect = async () => {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  return client;
};

const maintain = () => maintainTables(pool, connect);

beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  pool = new pg.Pool({ connectionString: database.url, max: 1 });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

// Sessions report their changes after a while, or at their end.
const flushed = async (work: (client: pg.Client) => Promise<unknown>) => {
  const client = await connect();
  await work(client);
  await client.query('SELECT pg_stat_force_next_flush()');
  await client.end();
};

test('a table that has changed much since its last analysis is analyzed once', async () => {
  await seedRuns(pool, newId(), 100, { whole: true });
  const counted = async () =>
    (await pool.query(`SELECT analyze_count::int AS n FROM pg_stat_user_tables WHERE relname = 'run'`)).rows[0]!.n;
  const before = await counted();
  await flushed((client) => client.query('UPDATE run SET seq = seq'));
  expect(await maintain()).toEqual([]);
  await flushed((client) => client.query('UPDATE run SET seq = seq; '.repeat(8)));
  await expect.poll(maintain).toEqual(['public.run']);
  await expect.poll(counted).toBe(before + 1);
  expect(await maintain()).toEqual([]);
});

test('the table of runs is vacuumed early and without pauses: it is the queue, and its rows are written often', async () => {
  const { rows } = await pool.query(`SELECT unnest(reloptions) AS option FROM pg_class WHERE oid = 'run'::regclass`);
  expect(rows.map(({ option }) => option)).toEqual(
    expect.arrayContaining(['autovacuum_vacuum_scale_factor=0.01', 'autovacuum_vacuum_cost_delay=0']),
  );
});

test('one process at a time analyzes tables', async () => {
  await flushed((client) => client.query('UPDATE run SET seq = seq; '.repeat(8)));
  const second = await connect();
  await second.query(`SELECT pg_advisory_lock(hashtextextended('errand.upkeep', 0))`);
  expect(await maintain()).toEqual([]);
  await second.end();
  await expect.poll(maintain).toContain('public.run');
});

test('a locked table is skipped, and analyzed later', async () => {
  await flushed((client) => client.query('UPDATE run SET seq = seq; '.repeat(8)));
  const second = await connect();
  await second.query('BEGIN; LOCK TABLE run IN SHARE UPDATE EXCLUSIVE MODE');
  await expect.poll(maintain).toEqual(['public.run']);
  expect(await maintain()).toEqual(['public.run']);
  await second.query('COMMIT');
  await second.end();
  await expect.poll(maintain).toEqual(['public.run']);
  expect(await maintain()).toEqual([]);
});
