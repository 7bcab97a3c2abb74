// Servers that accept no writes: which connections are closed, which are refused, and how often new ones are tried.
import { once } from 'node:events';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { type Db, openDatabase } from '../database.ts';
import { isDatabaseTrouble } from '../database-errors.ts';
import type { NewSchedule } from '../schedules/schedules.ts';
import { withTransaction } from '../statements/scope.ts';
import {
  createTestDatabase,
  masterKey,
  startStandby,
  startWithAdministrator,
  type TestDatabase,
} from '../testing/index.ts';
import { ReadOnlyServerError } from './read-only-server.ts';

let database: TestDatabase;
let admin: pg.Pool;
let workspaceId: string;
const masterKeys = [masterKey()];

beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  admin = new pg.Pool({ connectionString: database.url, max: 1 });
  const db = openDatabase({ ...database.logins, masterKeys });
  workspaceId = (await db.workspaces.create('mine')).workspaceId;
  await db.close();
});
afterAll(async () => {
  await admin.end();
  await database.drop();
});

function opened(more: Partial<Parameters<typeof openDatabase>[0]> = {}): Db {
  const db = openDatabase({ ...database.logins, masterKeys, poolSize: 4, ...more });
  onTestFinished(() => db.close());
  return db;
}

type Session = Pick<pg.ClientBase, 'query'>;
const pidOf = async (session: Session) =>
  (await session.query<{ pid: number }>('SELECT pg_backend_pid() AS pid')).rows[0]!.pid;
const makeReadOnly = (session: Session) => session.query('SET SESSION CHARACTERISTICS AS TRANSACTION READ ONLY');
const isOpen = async (pid: number) =>
  (await admin.query('SELECT FROM pg_stat_activity WHERE pid = $1', [pid])).rowCount === 1;
const codeOf = (failing: Promise<unknown>) =>
  failing.then(
    () => 'none',
    (error) => (error as { code?: string }).code,
  );

const WRITE = 'UPDATE integration SET name = name';

describe('a connection to a server that refuses a write as read-only', () => {
  test.each<[string, (db: Db) => pg.Pool, (db: Db) => Promise<unknown>]>([
    ['the pool of the service', (db) => db.pool, (db) => db.pool.query(WRITE)],
    ['a transaction', (db) => db.pool, (db) => withTransaction(db.pool, (client) => client.query(WRITE))],
    ['the pool of a workspace', (db) => db.poolOf(workspaceId), (db) => db.poolOf(workspaceId).query(WRITE)],
    [
      'a transaction of a workspace',
      (db) => db.poolOf(workspaceId),
      (db) => withTransaction(db.poolOf(workspaceId), (client) => client.query(WRITE)),
    ],
    ['the batch pool', (db) => db.batchPool, (db) => withTransaction(db.batchPool, (client) => client.query(WRITE))],
    [
      'the pool of periodic tasks',
      (db) => db.clock,
      (db) => withTransaction(db.clock, (client) => client.query(WRITE)),
    ],
    ['Prisma', (db) => db.pool, (db) => db.workspaces.create('another')],
    [
      'a transaction of Prisma',
      (db) => db.poolOf(workspaceId),
      (db) => db.forWorkspace(workspaceId).schedules.create({ name: 'daily' } as NewSchedule),
    ],
  ])('is closed: %s', async (_, poolOf, write) => {
    const db = opened();
    const pool = poolOf(db);
    const pid = await pidOf(pool);
    await makeReadOnly(pool);
    expect(isDatabaseTrouble(await write(db).catch((error: unknown) => error))).toBe(true);
    expect(await pidOf(pool)).not.toBe(pid);
    await expect.poll(() => isOpen(pid)).toBe(false);
    expect(await codeOf(pool.query(WRITE))).toBe('none');
  });

  test('takes the idle connections of its pools along, and those in use when they are free', async () => {
    const db = opened();
    const [used, idle] = await Promise.all([db.pool.connect(), db.pool.connect()]);
    const [usedPid, idlePid] = [await pidOf(used), await pidOf(idle)];
    idle.release();
    const second = await db.batchPool.connect();
    await makeReadOnly(second);
    expect(await codeOf(second.query(WRITE))).toBe('25006');
    second.release();
    await expect.poll(() => isOpen(idlePid)).toBe(false);
    expect(await isOpen(usedPid)).toBe(true);
    used.release();
    await expect.poll(() => isOpen(usedPid)).toBe(false);
    expect((await db.pool.query('SELECT 1 AS one')).rows).toEqual([{ one: 1 }]);
  });

  test('takes the connection for LISTEN along, although that writes nothing', async () => {
    const db = opened();
    const listener = await db.connect();
    await listener.query('LISTEN things');
    const ended = once(listener, 'end');
    const used = await db.pool.connect();
    await makeReadOnly(used);
    expect(await codeOf(used.query(WRITE))).toBe('25006');
    used.release();
    await ended;
    const next = await db.connect();
    expect(await codeOf(next.query(WRITE))).toBe('none');
    await next.end();
  });

  test('ends outside the pools', async () => {
    const client = await opened().connect();
    await makeReadOnly(client);
    const ended = once(client, 'end');
    expect(await codeOf(client.query(WRITE))).toBe('25006');
    await ended;
  });
});

describe('a server that accepts no writes', () => {
  const readOnly = (url: string) => `${url}?options=${encodeURIComponent('-c default_transaction_read_only=on')}`;

  test('gets no connection of any pool, and the one for LISTEN neither, when it is a standby', async () => {
    const dirs = await Promise.all([1, 2].map(() => mkdtemp(join(tmpdir(), 'errand-db-standby-'))));
    onTestFinished(() => Promise.all(dirs.map((dir) => rm(dir, { recursive: true, force: true }))).then(() => {}));
    const [primaryDir, standbyDir] = dirs as [string, string];
    await (await startWithAdministrator({ dir: primaryDir, settings: { fsync: 'off' } })).stop();
    const standby = await startStandby(primaryDir, standbyDir);
    onTestFinished(() => standby.stop());
    const db = opened({ url: standby.url, tenantUrl: standby.tenantUrl });
    const pools = [db.pool, db.batchPool, db.clock, db.poolOf(workspaceId)];
    const attempts = await Promise.allSettled([...pools.map((pool) => pool.query('SELECT 1')), db.connect()]);
    expect(attempts).toEqual(attempts.map(() => ({ status: 'rejected', reason: expect.any(ReadOnlyServerError) })));
    await expect(db.ping()).rejects.toMatchObject({ name: 'ReadOnlyServer' });
    expect(isDatabaseTrouble(await db.workspaces.first().catch((error: unknown) => error))).toBe(true);
    const observer = new pg.Client({ connectionString: standby.adminUrl });
    await observer.connect();
    onTestFinished(() => observer.end());
    const remaining = () => observer.query(`SELECT FROM pg_stat_activity WHERE application_name = 'errand'`);
    await expect.poll(async () => (await remaining()).rowCount).toBe(0);
  }, 60_000);

  test('is tried again after a pause, however many statements wait, and used once it accepts writes', async () => {
    const database = await createTestDatabase(inject('postgres'));
    onTestFinished(() => database.drop());
    const set = (value: string) =>
      admin.query(
        `ALTER DATABASE ${new URL(database.url).pathname.slice(1)} SET default_transaction_read_only = ${value}`,
      );
    let refused = 0;
    const onRefused = () => void refused++;
    const db = opened({ ...database.logins, onRefused });
    await set('on');
    const from = performance.now();
    const outcomes = await Promise.allSettled(Array.from({ length: 200 }, () => db.pool.query('SELECT 1')));
    for (let i = 0; i < 200; i++) outcomes.push(...(await Promise.allSettled([db.pool.query('SELECT 1')])));
    expect(outcomes.map(({ status }) => status)).not.toContain('fulfilled');
    // Two connections of the pool at first, then one a pause of 100 ms at least.
    expect(refused).toBeLessThanOrEqual(2 + Math.ceil((performance.now() - from) / 100));
    await set('off');
    await expect.poll(() => codeOf(db.pool.query(WRITE))).toBe('none');
    await db.ping();
  });

  test('is noticed by the ping on an idle connection, which is closed', async () => {
    const db = opened();
    const pid = await pidOf(db.pool);
    await makeReadOnly(db.pool);
    await expect(db.ping()).rejects.toMatchObject({ name: 'ReadOnlyServer' });
    await expect.poll(() => isOpen(pid)).toBe(false);
    await expect.poll(() => codeOf(db.ping())).toBe('none');
  });

  test('fails the ping while only the connections of callers lead to it', async () => {
    const db = opened({ tenantUrl: readOnly(database.logins.tenantUrl) });
    await db.ping();
    expect(await codeOf(db.poolOf(workspaceId).query('SELECT 1'))).toBe('25006');
    await expect(db.ping()).rejects.toMatchObject({ name: 'ReadOnlyServer' });
    expect(await codeOf(db.pool.query('SELECT 1'))).toBe('none');
  });
});
