// Lists of hosts: which server gets the connections, before and after a failover, and how often a host is asked.

import { mkdtemp, rm } from 'node:fs/promises';
import { createServer, type Server } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import type pg from 'pg';
import { afterAll, beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { writeBackup } from '../backup/index.ts';
import { type Db, openDatabase } from '../database.ts';
import { isDatabaseTrouble } from '../database-errors.ts';
import { migrate, migrateOrCheck, readPending } from '../migrate/migrate.ts';
import { readHoldAt } from '../restores/hold.ts';
import {
  asAdmin,
  createTestDatabase,
  masterKey,
  startTestPair,
  type TestDatabase,
  type TestPair,
} from '../testing/index.ts';
import { primaryUrl } from './primary-choice.ts';
import { NoPrimaryError } from './read-only-server.ts';

const masterKeys = [masterKey()];

async function aPair(): Promise<TestPair> {
  const pair = await startTestPair();
  onTestFinished(() => pair.stop());
  return pair;
}

function opened(urls: { url: string; tenantUrl?: string }): Db {
  const db = openDatabase({ ...urls, masterKeys, poolSize: 4 });
  onTestFinished(() => db.close());
  return db;
}

type Session = Pick<pg.ClientBase, 'query'>;
const portOf = async (session: Session) =>
  (await session.query<{ port: number }>('SELECT inet_server_port() AS port')).rows[0]!.port;
const codeOf = (failing: Promise<unknown>) =>
  failing.then(
    () => 'none',
    (error) => (error as { code?: string }).code,
  );
const WRITE = 'UPDATE integration SET name = name';

const promote = ({ standby }: TestPair) => asAdmin(standby, 'SELECT pg_promote()');

/** Ports of all connections that a service uses. */
async function portsOf(db: Db, workspaceId: string): Promise<number[]> {
  const client = await db.connect();
  const ports = await Promise.all([db.pool, db.batchPool, db.clock, db.poolOf(workspaceId), client].map(portOf));
  await client.end();
  return ports;
}

/** A host that accepts connections and does not answer, or ends them. It counts them. */
async function aHost(ends: boolean) {
  const host = { count: 0, port: 0 };
  const sockets = new Set<{ destroy: () => void }>();
  const server: Server = createServer((socket) => {
    host.count++;
    socket.on('error', () => {});
    if (ends) socket.destroy();
    else sockets.add(socket);
  });
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  onTestFinished(() => {
    for (const socket of sockets) socket.destroy();
    server.close();
  });
  host.port = (server.address() as { port: number }).port;
  return host;
}

describe('a list of two servers', () => {
  test('after the primary is killed and the standby promoted, every connection goes to the new primary', async () => {
    const pair = await aPair();
    const db = opened(pair.urls);
    await db.ready();
    const { workspaceId } = await db.workspaces.create('mine');
    expect(new Set(await portsOf(db, workspaceId))).toEqual(new Set([pair.primary.port]));

    process.kill(pair.primary.pid, 'SIGKILL');
    await expect.poll(() => codeOf(db.ping())).not.toBe('none');
    await promote(pair);

    for (const pool of [db.pool, db.batchPool, db.clock, db.poolOf(workspaceId)])
      await expect.poll(() => codeOf(pool.query(WRITE)), { timeout: 20_000 }).toBe('none');
    await db.ping();
    await db.workspaces.create('another');
    expect(new Set(await portsOf(db, workspaceId))).toEqual(new Set([pair.standby.port]));
    expect(await migrate(pair.urls.ownerUrl)).toEqual([]);
    expect(await migrateOrCheck(pair.urls.url)).toEqual([]);
    expect((await readPending(pair.urls.ownerUrl)).pending).toEqual([]);
    expect(await readHoldAt(pair.urls.url)).toBe(undefined);
    const dir = await mkdtemp(join(tmpdir(), 'errand-backup-'));
    onTestFinished(() => rm(dir, { recursive: true }));
    const { manifest } = await writeBackup({ url: pair.urls.url, file: join(dir, 'backup.zip') });
    expect(manifest.tables.length).toBeGreaterThan(10);
  }, 120_000);

  test('a primary that comes back as a second one gets no connection while the last one works', async () => {
    const pair = await aPair();
    const db = opened(pair.urls);
    expect(await portOf(db.pool)).toBe(pair.primary.port);
    process.kill(pair.primary.pid, 'SIGKILL');
    await promote(pair);
    await expect.poll(() => codeOf(db.pool.query(WRITE)), { timeout: 20_000 }).toBe('none');
    await pair.restartPrimary();
    await asAdmin(
      pair.standby,
      `SELECT pg_terminate_backend(pid) FROM pg_stat_activity WHERE application_name = 'errand'`,
    );
    await expect.poll(() => codeOf(db.pool.query(WRITE)), { timeout: 20_000 }).toBe('none');
    expect(await portOf(db.pool)).toBe(pair.standby.port);
  }, 120_000);
});

describe('the choice', () => {
  let databases: TestDatabase[];
  beforeAll(async () => {
    databases = await Promise.all([1, 2].map(() => createTestDatabase(inject('postgres'))));
  });
  afterAll(async () => {
    await Promise.all(databases.map((database) => database.drop()));
  });
  const real = () => new URL(databases[0]!.logins.url);
  const listOf = (ports: readonly (number | string)[], url = real()) =>
    url.href.replace(`127.0.0.1:${url.port}`, ports.map((port) => `127.0.0.1:${port}`).join(','));

  test('takes the first of two servers that accept writes', async () => {
    const { port } = real();
    const list = real().href.replace(`127.0.0.1:${port}`, `127.0.0.1:${port},localhost:${port}`);
    expect(new URL(await primaryUrl(list)).hostname).toBe('127.0.0.1');
    const other = real().href.replace(`127.0.0.1:${port}`, `localhost:${port},127.0.0.1:${port}`);
    expect(new URL(await primaryUrl(other)).hostname).toBe('localhost');
  });

  test('is remembered: a first host that does not answer is asked once, however many connections follow', async () => {
    const dead = await aHost(false);
    const db = opened({
      url: listOf([dead.port, real().port]),
      tenantUrl: listOf([dead.port, real().port], new URL(databases[0]!.logins.tenantUrl)),
    });
    for (let n = 0; n < 10; n++) await (await db.connect()).end();
    await Promise.all(
      [db.pool, db.batchPool, db.clock].flatMap((pool) => Array.from({ length: 5 }, () => pool.query('SELECT 1'))),
    );
    await db.ready();
    expect(dead.count).toBe(1);
  });

  test('fails fast while no host accepts writes, and asks each at most once a pause', async () => {
    const hosts = [await aHost(true), await aHost(true)];
    const db = opened({ url: listOf(hosts.map(({ port }) => port)) });
    const from = performance.now();
    const outcomes = await Promise.allSettled(Array.from({ length: 200 }, () => db.pool.query('SELECT 1')));
    for (let n = 0; n < 200; n++) outcomes.push(...(await Promise.allSettled([db.pool.query('SELECT 1')])));
    const rounds = 1 + Math.ceil((performance.now() - from) / 100);
    for (const outcome of outcomes) expect(isDatabaseTrouble((outcome as PromiseRejectedResult).reason)).toBe(true);
    for (const { count } of hosts) expect(count).toBeLessThanOrEqual(rounds);
    await expect(db.ping()).rejects.toThrow(NoPrimaryError);
  });

  test('names the fault of each host, and no password', async () => {
    const url = Object.assign(real(), { password: 's3cret' });
    const readOnly = `${listOf([real().port, 1])}?options=${encodeURIComponent('-c default_transaction_read_only=on')}`;
    const refused = await primaryUrl(listOf([real().port, 1], url)).catch((error: Error) => error);
    expect(String(refused)).toMatch(
      /accepts writes: 127\.0\.0\.1:\d+ \(password authentication failed.*\), 127\.0\.0\.1:1 \(connect ECONNREFUSED/,
    );
    expect(`${refused}${JSON.stringify(refused)}`).not.toContain('s3cret');
    const outcome = () => primaryUrl(readOnly).catch(String);
    // The hosts are asked again after the pause.
    await expect.poll(outcome).toMatch(/127\.0\.0\.1:\d+ \(is read-only\), 127\.0\.0\.1:1 /);
  });
});
