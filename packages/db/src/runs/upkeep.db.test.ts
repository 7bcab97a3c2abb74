import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { seedRuns } from '../testing/seedRuns.ts';
import { newId } from './scope.ts';
import { keepUp } from './upkeep.ts';

let database: TestDatabase;
let pool: pg.Pool;
const connect = async () => {
  const client = new pg.Client({ connectionString: database.url });
  await client.connect();
  return client;
};

const look = async () => (await keepUp(pool, connect)).tables;

beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  pool = new pg.Pool({ connectionString: database.url, max: 1 });
});
afterAll(async () => {
  await pool.end();
  await database.drop();
});

// Sessions report what they changed after a while, or when they end.
const told = async (work: (client: pg.Client) => Promise<unknown>) => {
  const client = await connect();
  await work(client);
  await client.query('SELECT pg_stat_force_next_flush()');
  await client.end();
};

test('a table that has changed much since it was looked through is looked through, and then is left alone', async () => {
  await seedRuns(pool, newId(), 100, true);
  const counted = async () =>
    (await pool.query(`SELECT analyze_count::int AS n FROM pg_stat_user_tables WHERE relname = 'run'`)).rows[0]!.n;
  const before = await counted();
  await told((client) => client.query('UPDATE run SET wake = NOT wake'));
  expect(await look()).toEqual([]);
  await told((client) => client.query('UPDATE run SET wake = NOT wake; '.repeat(8)));
  await expect.poll(look).toEqual(['public.run']);
  await expect.poll(counted).toBe(before + 1);
  expect(await look()).toEqual([]);
});

test('the queue is cleaned of what done jobs leave', async () => {
  await told(async (client) => {
    await client.query(`SELECT errand_queue.advance($1, gen_random_uuid(), 25, 0) FROM generate_series(1, 1500)`, [
      newId(),
    ]);
    await client.query('DELETE FROM graphile_worker._private_jobs');
  });
  await expect.poll(look).toContain('graphile_worker._private_jobs');
  const left = `SELECT n_dead_tup::int AS n FROM pg_stat_user_tables WHERE relname = '_private_jobs'`;
  await expect.poll(async () => (await pool.query(left)).rows).toEqual([{ n: 0 }]);
});

test('one process at a time is at it', async () => {
  await told((client) => client.query('UPDATE run SET wake = NOT wake; '.repeat(8)));
  const other = await connect();
  await other.query(`SELECT pg_advisory_lock(hashtextextended('errand.upkeep', 0))`);
  expect(await look()).toEqual([]);
  await other.end();
  await expect.poll(look).toContain('public.run');
});

test('what was in vain is told: an old snapshot keeps what done jobs leave', async () => {
  const old = await connect();
  await old.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1');
  await told(async (client) => {
    await client.query(`SELECT errand_queue.advance($1, gen_random_uuid(), 25, 0) FROM generate_series(1, 1500)`, [
      newId(),
    ]);
    await client.query('DELETE FROM graphile_worker._private_jobs');
  });
  const queue = 'graphile_worker._private_jobs';
  await expect.poll(() => keepUp(pool, connect)).toEqual({ tables: [queue], vain: [queue] });
  await old.query('COMMIT');
  await old.end();
  await expect.poll(() => keepUp(pool, connect)).toEqual({ tables: [queue], vain: [] });
});
