import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import { startWithAdministrator } from '@errand/db/testing';
import pg from 'pg';

// With the first two, a killed server keeps its commits: the operating system survives with its files.
const settings = { fsync: 'off', full_page_writes: 'off', synchronous_commit: 'on', max_connections: '200' };

export type Query = <Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]) => Promise<Row[]>;

export type Postgres = {
  url: string;
  port: number;
  /** The data directory. */
  folder: string;
  /** SIGKILL to the server itself; its backends end by themselves. */
  kill(): void;
  /** Restarts it at the same port after a kill. */
  start(): Promise<void>;
  /** Terminates sessions. @returns the number of sessions */
  killBackends(share: number): Promise<number>;
  /** Queries it directly, not through the proxies. */
  query: Query;
  /** Several queries in one snapshot: no answer contains rows that are committed in the meantime. */
  snapshot<T>(read: (query: Query) => Promise<T>): Promise<T>;
  stop(): Promise<void>;
};

/** Retries: Postgres may be starting, or the machine may be busy. */
async function connected(connectionString: string): Promise<pg.Client> {
  for (let attempt = 1; ; attempt++) {
    const client = new pg.Client({ connectionString, connectionTimeoutMillis: 5000, query_timeout: 30_000 });
    client.on('error', () => {});
    try {
      await client.connect();
      return client;
    } catch (error) {
      await client.end().catch(() => {});
      if (attempt === 10) throw error;
      await sleep(500);
    }
  }
}

/** A separate Postgres, which can be killed and restarted. */
export async function startPostgres(dir: string): Promise<Postgres> {
  const first = await startWithAdministrator({ dir, settings });
  const withClient = async <T>(use: (query: Query) => Promise<T>): Promise<T> => {
    const client = await connected(first.adminUrl);
    try {
      return await use(async (text, values = []) => (await client.query(text, [...values])).rows);
    } finally {
      await client.end().catch(() => {});
    }
  };
  const query: Query = (text, values) => withClient((query) => query(text, values));
  const readFiles = async () => {
    const [row] = await query<{ data: string; file: string }>(
      `SELECT current_setting('data_directory') AS data, pg_read_file('postmaster.pid') AS file`,
    );
    return { data: row!.data, pid: Number(row!.file.split('\n', 1)[0]) };
  };
  let { data, pid } = await readFiles();
  return {
    url: first.adminUrl,
    port: first.port,
    folder: dirname(dirname(data)),
    kill: () => void process.kill(pid, 'SIGKILL'),
    async start() {
      await startWithAdministrator({ dir, settings, port: first.port });
      ({ data, pid } = await readFiles());
    },
    async killBackends(share) {
      const rows = await query(
        `SELECT pg_terminate_backend(pid) FROM pg_stat_activity
         WHERE datname = current_database() AND pid <> pg_backend_pid() AND random() < $1`,
        [share],
      );
      return rows.length;
    },
    query,
    snapshot: (read) =>
      withClient(async (query) => {
        await query('BEGIN ISOLATION LEVEL REPEATABLE READ READ ONLY');
        return read(query);
      }),
    stop: first.stop,
  };
}
