import { execFile } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { backendPids, copyRunning, followPrimary, startReplicating } from '@errand/db/testing';
import pg from 'pg';

const settings = {
  // With these two, a killed server keeps its commits: the operating system survives with its files.
  fsync: 'off',
  full_page_writes: 'off',
  synchronous_commit: 'on',
  max_connections: '200',
  // For a new second copy, which begins with an older state.
  wal_keep_size: '1GB',
  // A standby looks for its primary again after this time.
  wal_retrieve_retry_interval: '200ms',
};

/** How long a server may take for a change of its settings or its role, in ms. */
const PATIENCE_MS = 60_000;

/** One server of the database. It keeps its folder and its port. */
export class Server {
  readonly #dir: string;
  /** The URL of the administrator. */
  url = '';
  port = 0;
  /** The data directory. */
  data = '';
  #pid = 0;
  #stop = async () => {};

  constructor(dir: string) {
    this.#dir = dir;
  }

  /** Starts it, again at the same port; does nothing while it runs. */
  async start(): Promise<void> {
    const port = this.port === 0 ? {} : { port: this.port };
    const started = await startReplicating({ dir: this.#dir, settings, ...port });
    this.url = started.adminUrl;
    this.port = started.port;
    this.#pid = started.pid;
    this.#stop = started.stop;
    const [row] = await this.ask<{ data: string }>(`SELECT current_setting('data_directory') AS data`);
    this.data = row!.data;
  }

  /** SIGKILL to the postmaster; its backends end by themselves. */
  kill(): void {
    process.kill(this.#pid, 'SIGKILL');
  }

  /** SIGKILL to all processes of the server at once, as when its machine loses power. Only Linux has /proc. */
  killAll(): void {
    for (const pid of [this.#pid, ...backendPids(this.data)]) {
      try {
        process.kill(pid, 'SIGKILL');
      } catch {
        // It has ended.
      }
    }
  }

  /** Ends its sessions, and resolves once its standby has received everything. */
  stop(): Promise<void> {
    return this.#stop();
  }

  /** Replaces the stopped server by a copy of the primary that follows it. */
  async copy(primary: Server): Promise<void> {
    await this.#freeSharedMemory();
    await copyRunning(primary.url, this.#dir);
    await this.follow(primary);
  }

  /** A killed server leaves its segment, which only a start in the same folder would reuse. */
  async #freeSharedMemory(): Promise<void> {
    const file = await readFile(join(this.data, 'postmaster.pid'), 'utf8').catch(() => '');
    // Line 7: its key and its id.
    const [, id] = file.split('\n')[6]?.trim().split(/\s+/) ?? [];
    if (id !== undefined) await promisify(execFile)('ipcrm', ['-m', id]).catch(() => {});
  }

  /** Starts the stopped server as a standby. */
  async follow(primary: Server): Promise<void> {
    await followPrimary(this.#dir, primary.url);
    await this.start();
  }

  /** Resolves once it accepts writes. */
  async promote(): Promise<void> {
    const [row] = await this.ask<{ promoted: boolean }>(`SELECT pg_promote(true, ${PATIENCE_MS / 1000}) AS promoted`);
    if (!row!.promoted) throw new Error('the standby was not promoted');
  }

  /** Resolves once new sessions have the setting. */
  async set(name: string, value: string): Promise<void> {
    await this.ask(`ALTER SYSTEM SET ${name} = '${value}'`);
    await this.ask('SELECT pg_reload_conf()');
    const isSet = `SELECT current_setting('${name}') = '${value}' AS done`;
    await until(`${name} is '${value}'`, async () => (await this.ask<{ done: boolean }>(isSet))[0]!.done);
  }

  /** A statement outside the database of the service, where sessions are terminated. */
  async ask<Row extends pg.QueryResultRow>(text: string): Promise<Row[]> {
    const connectionString = Object.assign(new URL(this.url), { pathname: '/postgres' }).href;
    const client = new pg.Client({ connectionString, connectionTimeoutMillis: 10_000, query_timeout: PATIENCE_MS });
    client.on('error', () => {});
    try {
      await client.connect();
      return (await client.query<Row>(text)).rows;
    } finally {
      await client.end().catch(() => {});
    }
  }
}

/** @throws when it does not become true in time */
export async function until(what: string, isTrue: () => Promise<boolean>): Promise<void> {
  for (const end = Date.now() + PATIENCE_MS; !(await isTrue()); await sleep(20))
    if (Date.now() > end) throw new Error(`${what}: not within ${PATIENCE_MS / 1000} s`);
}
