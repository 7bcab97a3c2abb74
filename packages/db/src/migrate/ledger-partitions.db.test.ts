// The ledger of an existing installation becomes a partition as it is, while the release before goes on writing.
import { cp, mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { createTestDatabase } from '../testing/database.ts';
import { migrate, migrationNames, migrationsDir } from './migrate.ts';

const FIRST = '20261130220000_bound_of_the_ledger';
const workspaceId = uuid();
const DAY = 86_400_000;
let before: string;

beforeAll(async () => {
  before = await mkdtemp(join(tmpdir(), 'errand-migrations-'));
  for (const name of await migrationNames())
    if (name < FIRST) await cp(join(migrationsDir, name), join(before, name), { recursive: true });
});
afterAll(() => rm(before, { recursive: true, force: true }));

/** A database of the release before. */
async function openEarlier() {
  const database = await createTestDatabase(inject('postgres'), { empty: true });
  const pool = new pg.Pool({ connectionString: database.url, max: 3 });
  onTestFinished(async () => {
    await pool.end();
    await database.drop();
  });
  await migrate(database.logins.ownerUrl, { dir: before });
  return { url: database.logins.ownerUrl, pool };
}

/** The statement of the release before. */
const write = async (runner: pg.Pool | pg.PoolClient, at: number, key = 'a'): Promise<string> => {
  const runId = uuid({ msecs: at });
  await runner.query(
    `INSERT INTO ledger AS l (workspace_id, run_id, key, kind, state, args, output) VALUES ($1, $2, $3, 'tool', 'DONE', '{"n": 1}', '2')
     ON CONFLICT (workspace_id, run_id, key) DO UPDATE SET state = excluded.state`,
    [workspaceId, runId, key],
  );
  return runId;
};
const rowsOf = async (pool: pg.Pool, runId: string) =>
  (
    await pool.query(
      `SELECT tableoid::regclass::text AS partition, output_bytes AS bytes FROM ledger WHERE run_id = $1`,
      [runId],
    )
  ).rows;
const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10).replaceAll('-', '');
const filenode = async (pool: pg.Pool, table: string) =>
  (await pool.query(`SELECT pg_relation_filenode($1) AS node`, [table])).rows[0].node;

test('the rows stay in their file, new ones get days from the bound on, and no rows are lost', async () => {
  const { url, pool } = await openEarlier();
  const old = [await write(pool, Date.now() - 900 * DAY), await write(pool, Date.now())];
  const future = await write(pool, Date.now() + 3 * DAY);
  const file = await filenode(pool, 'ledger');
  await migrate(url);
  expect(await filenode(pool, 'errand_partitions.ledger_earlier')).toBe(file);
  for (const runId of old)
    expect(await rowsOf(pool, runId)).toEqual([{ partition: 'errand_partitions.ledger_earlier', bytes: 1 }]);
  expect(await rowsOf(pool, future)).toEqual([{ partition: 'errand_partitions.ledger_default', bytes: 1 }]);
  const tomorrow = await write(pool, Date.now() + DAY);
  expect((await rowsOf(pool, tomorrow))[0].partition).toBe(`errand_partitions.ledger_${dayOf(Date.now() + DAY)}`);
  expect((await pool.query('SELECT FROM ledger')).rowCount).toBe(4);
});

test('a large ledger is bounded by a checked constraint a week before, which is gone afterwards', async () => {
  const { url, pool } = await openEarlier();
  const bound = `errand_partitions.uuid_floor(date_trunc('day', now() + interval '5 days'))`;
  await write(pool, Date.now());
  await pool.query(
    `DO $$ BEGIN EXECUTE format('ALTER TABLE ledger ADD CONSTRAINT ledger_bound CHECK (run_id < %L::uuid) NOT VALID', ${bound}); END $$`,
  );
  await migrate(url);
  const { rows } = await pool.query(
    `SELECT high = ${bound} AS same FROM errand_partitions.bounds('ledger') WHERE name = 'ledger_earlier'`,
  );
  expect(rows).toEqual([{ same: true }]);
  expect((await pool.query(`SELECT FROM pg_constraint WHERE conname = 'ledger_bound'`)).rowCount).toBe(0);
});

test('a ledger with rows of the far future is migrated without its constraint', async () => {
  const { url, pool } = await openEarlier();
  const early = await write(pool, Date.now() + 400 * DAY);
  await pool.query(`DO $$ BEGIN EXECUTE format('ALTER TABLE ledger ADD CONSTRAINT ledger_bound CHECK (run_id < %L::uuid) NOT VALID',
    errand_partitions.uuid_floor(now() + interval '5 days')); END $$`);
  await migrate(url);
  expect((await rowsOf(pool, early))[0].partition).toBe('errand_partitions.ledger_default');
});

test('a migration that does not get its locks lets others go on, and is tried again', async () => {
  const { url, pool } = await openEarlier();
  await write(pool, Date.now());
  const writer = await pool.connect();
  await writer.query('BEGIN');
  const open = await write(writer, Date.now());
  const migrating = migrate(url);
  const isWaiting = async () =>
    (await pool.query(`SELECT FROM pg_locks WHERE NOT granted AND mode = 'AccessExclusiveLock'`)).rowCount;
  // It waits, gives up, and waits again.
  await expect.poll(isWaiting, { timeout: 20_000, interval: 10 }).toBe(1);
  await expect.poll(isWaiting, { timeout: 20_000, interval: 10 }).toBe(0);
  await expect.poll(isWaiting, { timeout: 20_000, interval: 10 }).toBe(1);
  await writer.query('COMMIT');
  writer.release();
  expect(await migrating).toContain('20261130220200_partitions_by_day');
  expect((await rowsOf(pool, open))[0].partition).toBe('errand_partitions.ledger_earlier');
});

test('prepared statements and logins of the release before work unchanged', async () => {
  const { url, pool } = await openEarlier();
  const session = await pool.connect();
  await session.query(`SET ROLE errand_app; SET errand.workspace = '${workspaceId}'`);
  const insert = {
    name: 'insert',
    text: `INSERT INTO ledger (workspace_id, run_id, key, kind, state) VALUES ($1, $2, 'a', 'tool', 'INTENDED') ON CONFLICT (workspace_id, run_id, key) DO UPDATE SET state = 'DONE'`,
  };
  const read = { name: 'read', text: 'SELECT state FROM ledger WHERE workspace_id = $1 AND run_id = $2' };
  const runId = uuid();
  await session.query({ ...insert, values: [workspaceId, runId] });
  await session.query({ ...read, values: [workspaceId, runId] });
  await migrate(url);
  await session.query({ ...insert, values: [workspaceId, runId] });
  expect((await session.query({ ...read, values: [workspaceId, runId] })).rows).toEqual([{ state: 'DONE' }]);
  await expect(session.query({ ...insert, values: [uuid(), runId] })).rejects.toMatchObject({ code: '42501' });
  await expect(session.query('SELECT FROM errand_partitions.ledger_earlier')).rejects.toMatchObject({ code: '42501' });
  await session.query('RESET ROLE; RESET errand.workspace');
  session.release();
});
