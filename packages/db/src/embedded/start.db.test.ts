import { execFileSync, spawn } from 'node:child_process';
import { once } from 'node:events';
import { existsSync, readFileSync, realpathSync, statSync, writeFileSync } from 'node:fs';
import { mkdtemp, rm } from 'node:fs/promises';
import { createServer } from 'node:net';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterAll, afterEach, beforeAll, beforeEach, expect, onTestFinished, test } from 'vitest';
import { migrate } from '../migrate/migrate.ts';
import { startWithAdministrator } from '../testing/administrator.ts';
import { postgresAccount } from './postgres-account.ts';
import { backendPids, readPostmaster } from './postmaster.ts';
import { type EmbeddedPostgres, startEmbedded } from './start.ts';

// A name that the next run removes when this one is killed.
const leftover = `errand-test-${process.pid}-`;
let dir: string;
let server: EmbeddedPostgres | undefined;
let parent: string;
const data = () => join(dir, 'cluster', 'data');

// Making a cluster takes a second: most tests begin with a copy of this one, which was stopped in order.
beforeAll(async () => {
  parent = await mkdtemp(join(tmpdir(), leftover));
  await (await startEmbedded({ dir: parent })).stop();
});
afterAll(() => rm(parent, { recursive: true, force: true }));
beforeEach(async () => {
  dir = await mkdtemp(join(tmpdir(), leftover));
});
const copyCluster = () => execFileSync('cp', ['-a', join(parent, 'cluster'), dir]);
afterEach(async () => {
  await server?.stop().catch(() => {});
  server = undefined;
  await rm(dir, { recursive: true, force: true });
});

const passwordOf = (url: unknown) => (typeof url === 'string' ? new URL(url).password : 'x');
const ask = async (url: string, sql: string) => (await all(url, sql))[0];

async function all(url: string, sql: string) {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    return (await client.query(sql)).rows;
  } finally {
    await client.end();
  }
}

test('starts cold, is found while it runs, and starts warm with the same data and password', async () => {
  server = await startEmbedded({ dir });
  expect(server.wasRunning).toBe(false);
  await ask(server.ownerUrl, 'CREATE TABLE kept AS SELECT 42 AS n');

  const again = await startEmbedded({ dir });
  expect(again).toMatchObject({ wasRunning: true, port: server.port, url: server.url });

  await server.stop();
  expect(existsSync(join(data(), 'postmaster.pid'))).toBe(false);
  server = await startEmbedded({ dir });
  expect(server.wasRunning).toBe(false);
  expect(await ask(server.ownerUrl, 'SELECT n FROM kept')).toEqual({ n: 42 });
});

test('is durable, checked, on loopback and a private socket alone, and asks for its password', async () => {
  const administered = await startWithAdministrator({ dir });
  server = administered;
  const settings = [
    'fsync',
    'synchronous_commit',
    'full_page_writes',
    'data_checksums',
    'listen_addresses',
    'unix_socket_directories',
    'unix_socket_permissions',
  ];
  const values = await ask(
    administered.adminUrl,
    `SELECT ${settings.map((name) => `current_setting('${name}') AS ${name}`).join(', ')}`,
  );
  expect(values).toEqual({
    fsync: 'on',
    synchronous_commit: 'on',
    full_page_writes: 'on',
    data_checksums: 'on',
    listen_addresses: '127.0.0.1',
    unix_socket_directories: realpathSync(dir),
    unix_socket_permissions: '0700',
  });
  for (const url of [server.url, server.fastestUrls.url]) {
    const wrong = Object.assign(new URL(url), { password: 'guess' }).href;
    await expect(ask(wrong, 'SELECT 1')).rejects.toMatchObject({ code: '28P01' });
  }
  for (const file of [dir, join(dir, 'cluster'), join(dir, 'cluster', 'passwords'), join(dir, 'postgres.log')])
    expect(statSync(file).mode & 0o077, file).toBe(0);
  for (const url of [server.url, server.tenantUrl, server.ownerUrl]) {
    const password = new URL(url).password;
    expect(password.length).toBeGreaterThan(30);
    expect(readFileSync(join(dir, 'postgres.log'), 'utf8')).not.toContain(password);
  }
});

const BY_SOCKET = 'SELECT inet_server_addr() IS NULL AS n';

test('is reached over its socket from this machine, even if it was already running', async () => {
  copyCluster();
  writeFileSync(join(dir, 'cluster', 'data', 'pg_hba.conf'), 'host all all 127.0.0.1/32 scram-sha-256\n');
  server = await startEmbedded({ dir });
  const again = await startEmbedded({ dir });
  expect(again.wasRunning).toBe(true);
  for (const url of [...Object.values(server.fastestUrls), again.fastestUrls.url])
    expect(await ask(url, BY_SOCKET)).toEqual({ n: true });
  expect(await ask(server.url, BY_SOCKET)).toEqual({ n: false });
});

test('is reached over loopback if the path of the socket is too long', async () => {
  server = await startEmbedded({ dir: join(dir, 'a'.repeat(90)), enterableParent: dir });
  expect(server.fastestUrls.url).toBe(server.url);
  expect(await ask(server.fastestUrls.url, BY_SOCKET)).toEqual({ n: false });
});

test('no login is a superuser, the superuser has no password, and the service logins own nothing', async () => {
  copyCluster();
  server = await startEmbedded({ dir });
  await migrate(server.ownerUrl);
  const logins = await all(
    server.ownerUrl,
    `SELECT rolname AS name, rolsuper OR rolbypassrls OR rolcreaterole OR rolcreatedb OR rolreplication AS strong,
       EXISTS (SELECT FROM pg_shdepend d WHERE d.refclassid = 'pg_authid'::regclass AND d.refobjid = r.oid AND d.deptype = 'o') AS owns,
       ARRAY(SELECT roleid::regrole::text FROM pg_auth_members m WHERE m.member = r.oid ORDER BY 1) AS roles
     FROM pg_roles r WHERE rolcanlogin ORDER BY 1`,
  );
  expect(logins).toEqual([
    { name: 'errand_owner', strong: false, owns: true, roles: ['errand_app', 'errand_system'] },
    { name: 'errand_service', strong: false, owns: false, roles: ['errand_system'] },
    { name: 'errand_tenant', strong: false, owns: false, roles: ['errand_app'] },
    { name: 'postgres', strong: true, owns: false, roles: [] },
  ]);
  for (const password of ['', 'postgres', ...Object.values(server).map((url) => passwordOf(url))]) {
    const as = Object.assign(new URL(server.url), { username: 'postgres', password }).href;
    await expect(ask(as, 'SELECT 1')).rejects.toThrow(/password/);
  }
});

test('a private parent folder stays private, but the account of Postgres can enter it', async () => {
  const folder = await mkdtemp(join(tmpdir(), leftover));
  onTestFinished(() => rm(folder, { recursive: true, force: true }));
  server = await startEmbedded({ dir: join(folder, 'postgres'), enterableParent: folder });
  expect(existsSync(join(folder, 'postgres', 'cluster', 'data'))).toBe(true);
  const { mode, gid } = statSync(folder);
  const who = postgresAccount();
  expect([mode & 0o777, gid]).toEqual('uid' in who ? [0o710, who.gid] : [0o700, process.getgid!()]);
});

test('recovers after SIGKILL with every committed row', async () => {
  copyCluster();
  server = await startEmbedded({ dir });
  await ask(server.ownerUrl, 'CREATE TABLE kept AS SELECT 42 AS n');
  const session = new pg.Client({ connectionString: server.url });
  session.on('error', () => {});
  await session.connect();
  const busy = session.query('SELECT pg_sleep(600)').catch(() => {}); // a backend that outlives its postmaster for a while
  process.kill(readPostmaster(data())!.pid, 'SIGKILL');
  server = await startEmbedded({ dir });
  expect(server.wasRunning).toBe(false);
  expect(await ask(server.ownerUrl, 'SELECT n FROM kept')).toEqual({ n: 42 });
  await busy;
});

test('a pid file that names another living process is stale', async () => {
  copyCluster();
  server = await startEmbedded({ dir });
  const file = readFileSync(join(data(), 'postmaster.pid'), 'utf8');
  await server.stop();
  const stranger = spawn(process.execPath, ['-e', 'setInterval(() => {}, 1000)'], { stdio: 'ignore' });
  writeFileSync(join(data(), 'postmaster.pid'), file.replace(/^\d+/, String(stranger.pid)));
  server = await startEmbedded({ dir });
  expect(server.wasRunning).toBe(false);
  expect(stranger.exitCode).toBeNull();
  stranger.kill();
  await once(stranger, 'exit');
});

test('a stop after a kill signals no other process', async () => {
  copyCluster();
  server = await startEmbedded({ dir });
  const file = readFileSync(join(data(), 'postmaster.pid'), 'utf8');
  process.kill(server.pid, 'SIGKILL');
  await expect.poll(() => backendPids(data())).toEqual([]);
  server.interrupt();
  // Processes of the account of Postgres, which pg_ctl may signal: one got the pid, and the others are those of a person at the files.
  const options = { ...postgresAccount(), cwd: data(), stdio: 'ignore' } as const;
  const script = 'setInterval(() => {}, 1000)';
  const strangers = [
    ['-e', script],
    ['-e', script, `${data()}/postgresql.conf`],
  ].map((args) => spawn(process.execPath, args, options));
  onTestFinished(() => strangers.forEach((stranger) => void stranger.kill('SIGKILL')));
  for (const { pid } of strangers) {
    writeFileSync(join(data(), 'postmaster.pid'), file.replace(/^\d+/, String(pid)));
    await server.stop();
  }
  expect(backendPids(data())).toEqual([]);
  expect(strangers.map(({ exitCode, signalCode }) => exitCode ?? signalCode)).toEqual([null, null]);
  server = await startEmbedded({ dir });
  expect(server.wasRunning).toBe(false);
});

test('concurrent starts get the same server', async () => {
  const all = await Promise.all([startEmbedded({ dir }), startEmbedded({ dir }), startEmbedded({ dir })]);
  server = all[0];
  expect(new Set(all.map((server) => server.url)).size).toBe(1);
  expect(await ask(server!.url, 'SELECT 1 AS one')).toEqual({ one: 1 });
});

test('a port in use is reported; a free one is used', async () => {
  copyCluster();
  const holder = createServer().listen(0, '127.0.0.1');
  await once(holder, 'listening');
  const { port } = holder.address() as { port: number };
  await expect(startEmbedded({ dir, port })).rejects.toThrow(new RegExp(`port ${port} .*in use`));
  holder.close();
  await once(holder, 'close');
  server = await startEmbedded({ dir, port });
  expect(server.port).toBe(port);
});

test('a failed start reports the reason and leaves no process', async () => {
  copyCluster();
  await expect(startEmbedded({ dir, settings: { shared_buffers: 'plenty' } })).rejects.toThrow(
    /did not start[\s\S]*shared_buffers/,
  );
  expect(backendPids(data())).toEqual([]);
});
