import { randomBytes } from 'node:crypto';
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { loginsOf } from './administrator.ts';
import { TEMPLATE } from './server.ts';

export type TestDatabase = {
  /** URL of the administrator, who has all rights. */
  url: string;
  /** As the service logs in: `openDatabase({ ...database.logins, … })`. */
  logins: Required<ReturnType<typeof loginsOf>>;
  /** Removes it after its sessions end; sessions that do not end soon are terminated. */
  drop: () => Promise<void>;
};

/** A fresh, migrated (or `empty`) database on the server that `startTestPostgres` (or the global setup) started. */
export async function createTestDatabase(serverUrl: string, { empty = false } = {}): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  // Copied as files it takes half the time of being written to the log.
  const template = `TEMPLATE ${empty ? 'template0' : TEMPLATE} STRATEGY FILE_COPY`;
  await run(serverUrl, `CREATE DATABASE ${name} OWNER errand_owner ${template}`);
  const url = Object.assign(new URL(serverUrl), { pathname: `/${name}` }).href;
  return {
    url,
    logins: loginsOf(url) as Required<ReturnType<typeof loginsOf>>,
    drop: () => drop(serverUrl, name),
  };
}

/** A database of the test file's own and a pool for it. Return `close` from `beforeAll`. */
export async function openTestPool(serverUrl: string, options: pg.PoolConfig = {}) {
  const database = await createTestDatabase(serverUrl);
  const pool = new pg.Pool({ connectionString: database.url, ...options });
  return {
    pool,
    close: async () => {
      await pool.end();
      await database.drop();
    },
  };
}

async function run(connectionString: string, sql: string) {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    await client.query(sql);
  } finally {
    await client.end();
  }
}

async function drop(connectionString: string, name: string) {
  const client = new pg.Client({ connectionString });
  await client.connect();
  try {
    // An ended pool is still closing its connections; a forced end would cause unhandled errors.
    for (let i = 0; i < 100; i++) {
      const { rows } = await client.query('SELECT 1 FROM pg_stat_activity WHERE datname = $1 LIMIT 1', [name]);
      if (rows.length === 0) break;
      await sleep(20);
    }
    await client.query(`DROP DATABASE IF EXISTS ${name} WITH (FORCE)`);
  } finally {
    await client.end();
  }
}
