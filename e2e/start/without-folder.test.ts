// A service on a Postgres of the operator, without a data folder, as in a container with a read-only file system.
import { readdirSync } from 'node:fs';
import { join } from 'node:path';
import { createTestDatabase, masterKey } from '@errand/db/testing';
import pg from 'pg';
import { expect, inject, onTestFinished, test } from 'vitest';
import { aFolder, startProgram } from '../fixtures/program.ts';
import { databaseEnv } from '../fixtures/server.ts';

const program = (name: string) => join(import.meta.dirname, '../../apps/server/dist', `${name}.js`);

async function aDatabase() {
  const database = await createTestDatabase(inject('postgres'));
  onTestFinished(() => database.drop());
  return database.url;
}

async function count(url: string, table: string): Promise<number> {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  try {
    const { rows } = await client.query<{ count: number }>(`SELECT count(*)::int AS count FROM ${table}`);
    return rows[0]!.count;
  } finally {
    await client.end();
  }
}

const start = (cwd: string, env: Record<string, string>) =>
  startProgram('none', [program('main')], { cwd, env: { PORT: '0', ...env } });

test('each start writes no file and makes no key', async () => {
  const cwd = aFolder();
  const url = await aDatabase();
  const env = { ...databaseEnv(url), ERRAND_MASTER_KEYS: masterKey() };
  for (const _ of [1, 2]) {
    const service = start(cwd, env);
    await service.printed(/"msg":"ready"/);
    service.child.kill('SIGTERM');
    expect(await service.ended).toMatchObject({ code: 0 });
  }
  expect(readdirSync(cwd)).toEqual([]);
  expect(await count(url, 'api_key')).toBe(0);
  expect(await count(url, 'workspace')).toBe(1);

  const workspace = startProgram('none', [program('workspace'), 'create', 'Acme', '--key'], {
    cwd,
    env: { ...env, PUBLIC_URL: 'https://errand.example.com' },
  });
  expect(await workspace.ended).toMatchObject({ code: 0 });
  expect(workspace.output()).toMatch(/^ {2}er_live_/m);
  expect(readdirSync(cwd)).toEqual([]);
});

test.each([
  ['DATABASE_URL', { ERRAND_MASTER_KEYS: masterKey() }, /^ERRAND_DATA_DIR is none, so DATABASE_URL must be set: /],
  [
    'ERRAND_MASTER_KEYS',
    { DATABASE_URL: 'postgresql://u:p@127.0.0.1:1/errand' },
    /^ERRAND_MASTER_KEYS must be set, because ERRAND_DATA_DIR is none\.$/m,
  ],
])('without %s it does not start', async (_, env, reason) => {
  const cwd = aFolder();
  const service = start(cwd, env as Record<string, string>);
  expect(await service.ended).toMatchObject({ code: 1 });
  expect(service.errors()).toMatch(reason);
  expect(readdirSync(cwd)).toEqual([]);
});
