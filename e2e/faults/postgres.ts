import { dirname } from 'node:path';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { Server } from './server.ts';

export type Query = <Row extends pg.QueryResultRow>(text: string, values?: readonly unknown[]) => Promise<Row[]>;

export type Postgres = {
  /** The URL of the administrator, for the logins and the name of the database. */
  readonly url: string;
  /** The port of the server to which the address of the database leads now. */
  readonly port: number;
  /** The folders of all servers. */
  readonly folders: readonly string[];
  /** SIGKILL to the primary; its backends end by themselves. It starts again at the same port after `downMs`. */
  crash(downMs: number): Promise<void>;
  /** Undoes all damage. */
  heal(): Promise<void>;
  /** Terminates sessions. @returns the number of sessions */
  killBackends(share: number): Promise<number>;
  /** Queries the primary directly, not through the proxies. */
  query: Query;
  /** Several queries in one snapshot: no answer contains rows that are committed in the meantime. */
  snapshot<T>(read: (query: Query) => Promise<T>): Promise<T>;
  stop(): Promise<void>;
};

/** Retries: Postgres may be starting, or the machine may be busy. */
async function connected(urlOf: () => string): Promise<pg.Client> {
  for (let attempt = 1; ; attempt++) {
    const client = new pg.Client({ connectionString: urlOf(), connectionTimeoutMillis: 5000, query_timeout: 30_000 });
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

/** Statements of the harness. @param urlOf the URL of the present primary */
export function observer(urlOf: () => string): Pick<Postgres, 'query' | 'snapshot' | 'killBackends'> {
  const withClient = async <T>(use: (query: Query) => Promise<T>): Promise<T> => {
    const client = await connected(urlOf);
    try {
      return await use(async (text, values = []) => (await client.query(text, [...values])).rows);
    } finally {
      await client.end().catch(() => {});
    }
  };
  const query: Query = (text, values) => withClient((query) => query(text, values));
  return {
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
  };
}

/** A separate Postgres, which can be killed and restarted. */
export async function startPostgres(dir: string): Promise<Postgres> {
  const server = new Server(dir);
  await server.start();
  return {
    url: server.url,
    port: server.port,
    folders: [dirname(dirname(server.data))],
    async crash(downMs) {
      server.kill();
      await sleep(downMs);
      await server.start();
    },
    heal: () => server.start(),
    ...observer(() => server.url),
    stop: () => server.stop(),
  };
}
