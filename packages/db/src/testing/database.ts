import { randomBytes } from 'node:crypto';
import pg from 'pg';
import { template } from './server.ts';

export type TestDatabase = {
  url: string;
  /** Ends all its sessions and removes it. */
  drop: () => Promise<void>;
};

/** A fresh, migrated (or `empty`) database on the server that `startTestPostgres` (or the global setup) started. */
export async function createTestDatabase(serverUrl: string, { empty = false } = {}): Promise<TestDatabase> {
  const name = `test_${randomBytes(6).toString('hex')}`;
  await run(serverUrl, `CREATE DATABASE ${name} TEMPLATE ${empty ? 'template0' : template}`);
  return {
    url: Object.assign(new URL(serverUrl), { pathname: `/${name}` }).href,
    drop: () => run(serverUrl, `DROP DATABASE IF EXISTS ${name} WITH (FORCE)`),
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
