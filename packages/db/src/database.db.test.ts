import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { openDatabase } from './database.ts';
import { createTestDatabase, masterKey, type TestDatabase } from './testing/index.ts';

let database: TestDatabase;
const k1 = masterKey('k1');
const k2 = masterKey('k2');

beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
});
afterAll(() => database.drop());

async function ready(...masterKeys: string[]) {
  const db = openDatabase({ ...database.logins, masterKeys });
  try {
    await db.ready();
    return 'ready';
  } finally {
    await db.close();
  }
}

test('a database opens again with the master keys that sealed it, and with new ones before them', async () => {
  expect(await Promise.all([ready(k1), ready(k1), ready(k1)])).toEqual(['ready', 'ready', 'ready']);
  expect(await ready(k2, k1)).toBe('ready');
  // A key that does not seal yet is not needed; the one that does is.
  expect(await ready(k1)).toBe('ready');
  await expect(ready(k2)).rejects.toThrow(/now sealed with the master key "k1"; provide it as well/);
});

test('a wrong key under a known id, or only unknown ids, is rejected with instructions', async () => {
  await expect(ready(masterKey('k1'))).rejects.toThrow(/"k1" is not the one/);
  await expect(ready(masterKey('k9'))).rejects.toThrow(/sealed with the master keys k1, k2/);
  expect(await ready(k2, k1)).toBe('ready');
});

test('concurrent callers create the first workspace once', async () => {
  const db = openDatabase({ ...database.logins, masterKeys: [k1] });
  const all = await Promise.all(Array.from({ length: 8 }, () => db.workspaces.first()));
  expect(new Set(all.map((workspace) => workspace.workspaceId)).size).toBe(1);
  await db.workspaces.create('second');
  expect(await db.workspaces.first()).toEqual(all[0]);
  await db.close();
});

test('the server cancels a slow statement', async () => {
  const db = openDatabase({ ...database.logins, masterKeys: [k1], statementTimeoutMs: 50 });
  await expect(db.pool.query('SELECT pg_sleep(5)')).rejects.toMatchObject({ code: '57014' });
  await db.close();
});

test('the pool works after the server closed its connections', async () => {
  const errors: Error[] = [];
  const db = openDatabase({
    ...database.logins,
    masterKeys: [k1],
    poolSize: 2,
    onError: (error) => errors.push(error),
  });
  const { rows } = await db.pool.query('SELECT pg_backend_pid() AS pid');
  const observer = new pg.Client({ connectionString: database.url });
  await observer.connect();
  await observer.query('SELECT pg_terminate_backend($1)', [rows[0].pid]);
  await observer.end();
  await expect.poll(() => errors.length).toBe(1);
  expect(await db.workspaces.first()).toBeDefined();
  await db.close();
});
