import pg from 'pg';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { newId } from '../../statements/scope.ts';
import { createTestDatabase, type TestDatabase } from '../../testing/database.ts';
import { seedRuns } from '../../testing/seed-runs.ts';
import { vacuumQueue } from './vacuum-queue.ts';

let database: TestDatabase;
let admin: pg.Client;
let pool: pg.Pool;

const open = async (url: string) => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
};
/** As the service connects: a login that owns nothing. */
const connect = async () => {
  const client = await open(database.logins.url);
  await client.query('SET ROLE errand_system');
  return client;
};
const vacuum = () => vacuumQueue(pool, connect, { minDeadRows: 100 });
const deadRows = async () =>
  (await admin.query(`SELECT n_dead_tup::int AS n FROM pg_stat_user_tables WHERE relname = 'run'`)).rows[0].n;

beforeEach(async () => {
  database = await createTestDatabase(inject('postgres'));
  admin = await open(database.url);
  pool = new pg.Pool({ connectionString: database.logins.url, max: 2, options: '-c role=errand_system' });
  await seedRuns(pool, newId(), 200, { whole: false });
  const writer = await open(database.url);
  // Updates of an indexed column, so that the rows stay until a vacuum.
  for (let n = 0; n < 3; n++) await writer.query(`UPDATE run SET user_id = 'user-' || $1`, [n]);
  await writer.query('SELECT pg_stat_force_next_flush()');
  await writer.end();
  await expect.poll(deadRows).toBeGreaterThan(500);
});
afterEach(async () => {
  await pool.end();
  await admin.end();
  await database.drop();
});

test('the queue is vacuumed when it has many dead rows, by a login that does not own it, and then not again', async () => {
  expect(await vacuum()).toEqual(['public.run']);
  await expect.poll(deadRows).toBe(0);
  expect(await vacuum()).toEqual([]);
});

test('few dead rows are left to autovacuum', async () => {
  expect(await vacuumQueue(pool, connect)).toEqual([]);
});

test('one process at a time vacuums, and a locked table is skipped', async () => {
  await admin.query(`SELECT pg_advisory_lock(hashtextextended('errand.vacuum', 0))`);
  expect(await vacuum()).toEqual([]);
  await admin.query('SELECT pg_advisory_unlock_all()');
  await admin.query('BEGIN; LOCK TABLE run IN SHARE UPDATE EXCLUSIVE MODE');
  await vacuum();
  expect(await deadRows()).toBeGreaterThan(500);
  await admin.query('COMMIT');
  expect(await vacuum()).toEqual(['public.run']);
});

test('a login that may not vacuum, as before Postgres 17, does not try', async () => {
  await admin.query('REVOKE MAINTAIN ON run FROM errand_system');
  expect(await vacuum()).toEqual([]);
  await admin.query('SET ROLE errand_owner');
  const owner = new pg.Pool({ connectionString: database.logins.ownerUrl, max: 1 });
  expect(await vacuumQueue(owner, () => open(database.logins.ownerUrl), { minDeadRows: 100 })).toEqual(['public.run']);
  await owner.end();
});
