import { execFile, spawn } from 'node:child_process';
import { closeSync, fstatSync, openSync, readFileSync, renameSync, statSync } from 'node:fs';
import { createServer } from 'node:net';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import pg from 'pg';
import { type Binaries, prepareBinaries } from './binaries.ts';
import { allowLogins, type Cluster, openCluster, prepareDataFolder } from './cluster.ts';
import { type Logins, loginsAt, overSocket } from './logins.ts';
import { type Account, postgresAccount } from './postgres-account.ts';
import { isPostgresOf, type Postmaster, readPostmaster, waitForServer } from './postmaster.ts';

// For a small machine. Durability settings keep their defaults.
const DEFAULT_SETTINGS = {
  listen_addresses: '127.0.0.1',
  unix_socket_permissions: '0700',
  max_connections: '200',
  shared_buffers: '128MB',
  max_wal_size: '2GB',
  checkpoint_timeout: '15min',
  autovacuum_naptime: '10s',
  wal_compression: 'on',
  random_page_cost: '1.1',
  io_method: 'sync', // workers would add three processes
  jit: 'off',
  max_parallel_workers_per_gather: '0',
  log_checkpoints: 'off',
  log_line_prefix: '%m [%p] ',
  log_timezone: 'UTC',
  timezone: 'UTC',
};

export type EmbeddedOptions = {
  /** The folder for the data, the passwords and the log; created if missing. */
  dir: string;
  /** The parent of the data folder, if Errand owns it: when root starts Postgres as another account, the account's group may enter it. */
  enterableParent?: string;
  port?: number;
  /** Additional server settings, e.g. `{ fsync: 'off' }` for tests. */
  settings?: Readonly<Record<string, string>>;
};

/** The URLs contain passwords: do not log them. */
export type EmbeddedPostgres = Logins & {
  port: number;
  /** For processes of this machine: over the Unix socket, or the same URLs without one. */
  fastestUrls: Logins;
  /** The pid of the postmaster. Once it has ended, another process may get this pid. */
  pid: number;
  wasRunning: boolean;
  stop: () => Promise<void>;
  /** Signals the server to end, and does not wait for it. */
  interrupt: () => void;
};

/** The path of a Unix socket has at most 103 bytes (107 on Linux); Postgres appends `/.s.PGSQL.65535`. */
const MAX_SOCKET_FOLDER_BYTES = 103 - 16;

/**
 * Starts Postgres on loopback, or finds the running one of the folder. The server survives this process; a restart after any
 * crash is safe.
 * @throws Error if the port is in use, the platform has no binaries, or Postgres does not start (with the end of its log)
 */
export async function startEmbedded({
  dir,
  enterableParent,
  port,
  settings = {},
}: EmbeddedOptions): Promise<EmbeddedPostgres> {
  const account = postgresAccount();
  const binaries = prepareBinaries(account);
  const folder = prepareDataFolder(dir, account, enterableParent);
  const cluster = await openCluster(folder, binaries, account, settings.fsync !== 'off');
  let server = await runningServer(cluster, account);
  const wasRunning = server !== undefined;
  for (let attempt = 1; !server; attempt++) {
    const outcome = await launch(cluster, { binaries, account }, port ?? (await freePort()), settings);
    if (typeof outcome !== 'string') {
      server = outcome;
    } else if (/could not bind|could not create any TCP/.test(outcome) && port !== undefined) {
      throw new Error(`port ${port} on 127.0.0.1 is in use; choose another one, or stop the program that uses it`);
    } else if (attempt >= 60 || !/could not bind|still in use|lock file "[^"]*" already exists/.test(outcome)) {
      throw new Error(`the embedded Postgres did not start:\n${outcome.trim()}`);
    } else {
      await sleep(200); // backends of a killed server are ending, or another process has just started a server
      server = await runningServer(cluster, account);
    }
  }
  const { pid } = server;
  const stop = async () => {
    // pg_ctl would signal any process with the pid in the file, which a killed server leaves.
    const running = readPostmaster(cluster.data);
    if (!running || !isPostgresOf(running.pid, cluster.data)) return;
    await promisify(execFile)(binaries.pgCtl, ['-D', cluster.data, '-m', 'fast', '-w', 'stop'], {
      ...account,
      cwd: '/',
    });
  };
  const logins = loginsAt(server.port, cluster.passwords);
  const fastestUrls = server.socketFolder ? overSocket(logins, server.socketFolder) : logins;
  const interrupt = () => {
    if (isPostgresOf(pid, cluster.data)) process.kill(pid, 'SIGINT');
  };
  return { ...logins, fastestUrls, port: server.port, pid, wasRunning, stop, interrupt };
}

/** The running server, once it answers: a server that was just killed may still be listed. */
async function runningServer({ data, passwords }: Cluster, account: Account): Promise<Postmaster | undefined> {
  for (let attempt = 1; ; attempt++) {
    const server = await waitForServer(data, account);
    if (!server) return undefined;
    const connectionString = loginsAt(server.port, passwords).url;
    const client = new pg.Client({ connectionString, connectionTimeoutMillis: 10_000 });
    try {
      await client.connect();
      return server;
    } catch (cause) {
      if (attempt === 50) throw new Error(`the Postgres on ${data} does not answer; see its log`, { cause });
      await sleep(100);
    } finally {
      await client.end().catch(() => {});
    }
  }
}

/** Returns the ready server, or the end of its log if it exited. */
async function launch(
  { home, data }: Cluster,
  { binaries, account }: { binaries: Binaries; account: Account },
  port: number,
  settings: Readonly<Record<string, string>>,
): Promise<Postmaster | string> {
  const log = openLog(join(home, 'postgres.log'));
  allowLogins(data);
  const withSocket = process.platform !== 'win32' && Buffer.byteLength(home) <= MAX_SOCKET_FOLDER_BYTES;
  const unix_socket_directories = withSocket ? home : '';
  const flags = Object.entries({ ...DEFAULT_SETTINGS, unix_socket_directories, ...settings }).flatMap(
    ([name, value]) => ['-c', `${name}=${value}`],
  );
  const child = spawn(binaries.postgres, ['-D', data, '-p', String(port), ...flags], {
    ...account,
    cwd: '/',
    detached: true,
    stdio: ['ignore', log.fd, log.fd],
    env: { LC_ALL: 'C' },
  });
  closeSync(log.fd);
  let hasExited = false;
  child.on('exit', () => (hasExited = true)).on('error', () => (hasExited = true));
  child.unref();
  for (;;) {
    const server = readPostmaster(data);
    if (server?.pid === child.pid && server?.isReady) return server;
    if (hasExited) return readFileSync(log.path).subarray(log.from).toString('utf8').slice(-4000);
    await sleep(5);
  }
}

function openLog(path: string) {
  if ((statSync(path, { throwIfNoEntry: false })?.size ?? 0) > 10_000_000) renameSync(path, `${path}.old`);
  const fd = openSync(path, 'a', 0o600);
  return { path, fd, from: fstatSync(fd).size };
}

function freePort(): Promise<number> {
  return new Promise((resolve, reject) => {
    const probe = createServer().on('error', reject);
    probe.listen(0, '127.0.0.1', () => {
      const address = probe.address();
      probe.close(() => resolve(typeof address === 'object' && address ? address.port : 0));
    });
  });
}
