import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { type Db, openDatabase } from './database.ts';
import { isDatabaseTrouble } from './database-errors.ts';
import { createTestDatabase, masterKey, type TestDatabase } from './testing/index.ts';

let database: TestDatabase;
let db: Db;

beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  const url = `${database.logins.url}?options=${encodeURIComponent('-c work_mem=5MB')}`;
  db = openDatabase({
    ...database.logins,
    url,
    masterKeys: [masterKey()],
    poolSize: 2,
    statementTimeoutMs: 1500,
    connectTimeoutMs: 500,
  });
});
afterAll(async () => {
  await db.close();
  await database.drop();
});

const setting = async (name: string) => (await db.pool.query(`SHOW ${name}`)).rows[0][name];

test('a session ends soon after its machine is lost, and the options of the URL stay', async () => {
  expect(await setting('tcp_keepalives_idle')).toBe('5');
  expect(await setting('tcp_user_timeout')).toBe('9000');
  expect(await setting('idle_in_transaction_session_timeout')).toBe('10s');
  expect(await setting('work_mem')).toBe('5MB');
});

test('no session compiles statements, even if the database does', async () => {
  const owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
  await owner.query(`ALTER DATABASE ${new URL(database.url).pathname.slice(1)} SET jit = on`);
  await owner.end();
  const other = openDatabase({ ...database.logins, masterKeys: [masterKey()] });
  const pools = [other.pool, other.batchPool, other.clock];
  const settings = await Promise.all(pools.map(async (pool) => (await pool.query('SHOW jit')).rows[0].jit));
  await other.close();
  expect(settings).toEqual(['off', 'off', 'off']);
});

test('a slow statement is a database error, and the connection can be used again', async () => {
  const error = await db.pool.query('SELECT pg_sleep(10)').catch((e: unknown) => e);
  expect(error).toMatchObject({ code: '57014' });
  expect(isDatabaseTrouble(error)).toBe(true);
  expect(await setting('work_mem')).toBe('5MB');
});

test('waiting for a connection ends, as trouble', async () => {
  const clients = await Promise.all([db.pool.connect(), db.pool.connect()]);
  const error = await db.pool.query('SELECT 1').catch((e: unknown) => e);
  expect(isDatabaseTrouble(error)).toBe(true);
  const prismas = await db.workspaces.first().catch((e: unknown) => e);
  expect(isDatabaseTrouble(prismas)).toBe(true);
  for (const client of clients) client.release();
});

test('a terminated session is trouble, also for Prisma', async () => {
  const client = await db.pool.connect();
  const { rows } = await client.query('SELECT pg_backend_pid() AS pid');
  const broken = client.query('SELECT pg_sleep(5)').catch((e: unknown) => e);
  await sleep(50);
  const observer = new pg.Client({ connectionString: database.url });
  await observer.connect();
  await observer.query('SELECT pg_terminate_backend($1)', [rows[0].pid]);
  await observer.end();
  expect(isDatabaseTrouble(await broken)).toBe(true);
  client.release();
  const gone = openDatabase({ url: 'postgres://u:p@127.0.0.1:1/x', masterKeys: [masterKey()] });
  expect(isDatabaseTrouble(await gone.workspaces.first().catch((e: unknown) => e))).toBe(true);
  expect(isDatabaseTrouble(await gone.pool.query('SELECT 1').catch((e: unknown) => e))).toBe(true);
  await gone.close();
});

test('a faulty statement and rejected data are not trouble', async () => {
  for (const text of ['SELEKT', `SELECT 'x'::int`, 'SELECT * FROM no_such_table']) {
    expect(isDatabaseTrouble(await db.pool.query(text).catch((e: unknown) => e))).toBe(false);
  }
  expect(isDatabaseTrouble(new Error('No such thing.'))).toBe(false);
});
