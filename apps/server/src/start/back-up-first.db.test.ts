// The backup before a migration: when it is made, when the start ends instead, and which files stay.
import { cp, mkdtemp, readdir, readFile, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { migrate } from '@errand/db';
import { createTestDatabase, type TestDatabase } from '@errand/db/testing';
import { afterAll, afterEach, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { backUpFirst } from './back-up-first.ts';

const MIGRATIONS = new URL('../../../../prisma/migrations', import.meta.url).pathname;

let older: TestDatabase;
let dataDir: string;
let logged: string[];
beforeAll(async () => {
  older = await createTestDatabase(inject('postgres'), { empty: true });
  const dir = await mkdtemp(join(tmpdir(), 'errand-migrations-'));
  await cp(MIGRATIONS, dir, { recursive: true, filter: (path) => !path.includes('/20261130') });
  await migrate(older.logins.ownerUrl, { dir });
  await rm(dir, { recursive: true });
});
afterAll(() => older.drop());
beforeEach(async () => {
  logged = [];
  dataDir = await mkdtemp(join(tmpdir(), 'errand-data-'));
});
afterEach(() => rm(dataDir, { recursive: true }));

const note = (...args: unknown[]) => void logged.push(String(args[1]));
const log = { info: note, warn: note };
const embedded = () => ({ ...older.logins, pid: 1 });
const backups = () => readdir(join(dataDir, 'backups')).catch(() => undefined);

test('the embedded database is backed up, and the newest three backups are kept', async () => {
  for (let n = 0; n < 4; n++) await backUpFirst({ dataDir, withoutBackup: false }, embedded(), log);
  const names = await backups();
  expect(names).toHaveLength(3);
  await writeFile(join(dataDir, 'backups', 'my-own.zip'), 'mine');
  await writeFile(join(dataDir, 'backups', 'before-upgrade-2026.zip.0a1b2c3d.part'), 'cut off');

  await backUpFirst({ dataDir, withoutBackup: false }, embedded(), log);

  expect(await backups()).toHaveLength(4);
  expect(await readFile(join(dataDir, 'backups', 'my-own.zip'), 'utf8')).toBe('mine');
  expect(await backups()).not.toContain(names![0]);
  expect(logged.slice(-2)).toEqual([
    'backing up the database before it is changed',
    'the database is backed up; errand restore takes this file to go back',
  ]);
});

test('with less free space than twice the database the start ends, unless it may go on without a backup', async () => {
  const config = { dataDir, withoutBackup: false };
  const starting = backUpFirst(config, embedded(), log, async () => 5 * 2 ** 20);
  await expect(starting).rejects.toThrow(
    /its disk has only 5 MiB free\. Free space until \d+ MiB are free; or write a backup .* start with --without-backup\./,
  );
  expect(await backups()).toEqual([]);
  await backUpFirst({ ...config, withoutBackup: true }, embedded(), log, async () => 0);
  expect(await backups()).toEqual([]);
});

test('for a Postgres of the operator the start recommends a backup', async () => {
  await backUpFirst({ dataDir, withoutBackup: false }, older.logins, log);
  expect(logged).toEqual(['this version changes the tables; have a backup of the database, such as by errand backup']);
  expect(await backups()).toBeUndefined();
});

test('without migrations to apply, and before the first start, nothing happens', async () => {
  const current = await createTestDatabase(inject('postgres'));
  const empty = await createTestDatabase(inject('postgres'), { empty: true });
  for (const database of [current, empty])
    await backUpFirst({ dataDir, withoutBackup: false }, { ...database.logins, pid: 1 }, log);
  expect([await backups(), logged]).toEqual([undefined, []]);
  await current.drop();
  await empty.drop();
});
