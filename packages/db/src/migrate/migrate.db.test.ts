import { cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import pg from 'pg';
import { afterEach, beforeEach, describe, expect, inject, test } from 'vitest';
import { createTestDatabase, type TestDatabase } from '../testing/index.ts';
import { migrate, migrateOrCheck, migrationsDir, readMigrationState, readPending } from './migrate.ts';

const LATER = '99990101000000_later';

let database: TestDatabase;
let dir: string;
let client: pg.Client;

beforeEach(async () => {
  database = await createTestDatabase(inject('postgres'), { empty: true });
  dir = await mkdtemp(join(tmpdir(), 'errand-migrations-'));
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
});
afterEach(async () => {
  await client.end();
  await database.drop();
  await rm(dir, { recursive: true });
});

async function write(name: string, sql: string) {
  await mkdir(join(dir, name), { recursive: true });
  await writeFile(join(dir, name, 'migration.sql'), sql);
}
const tables = async () =>
  (await client.query(`SELECT tablename FROM pg_tables WHERE schemaname = 'public' ORDER BY 1`)).rows
    .map((row) => row.tablename)
    .filter((name) => name !== '_prisma_migrations');

test('several servers that start at once migrate once', async () => {
  const applied = await Promise.all(Array.from({ length: 4 }, () => migrate(database.url)));
  expect(applied.filter((names) => names.length > 0).length).toBe(1);
  expect(await tables()).toContain('run');
  const { rows } = await client.query('SELECT count(*)::int AS n FROM graphile_worker.migrations');
  expect(rows[0].n).toBeGreaterThan(10);
  expect(await migrate(database.url)).toEqual([]);
});

test('migrations are applied in the order of their names, new ones later', async () => {
  await write('2_b', 'CREATE TABLE b (a_id int REFERENCES a)');
  await write('1_a', 'CREATE TABLE a (id int PRIMARY KEY)');
  expect(await migrate(database.url, { dir })).toEqual(['1_a', '2_b']);
  await write('3_c', 'CREATE TABLE c ()');
  expect(await migrate(database.url, { dir })).toEqual(['3_c']);
});

test('one that fails leaves nothing of itself, names itself, and may be mended and tried again', async () => {
  await write('1_a', 'CREATE TABLE a (id int)');
  await write('2_b', 'CREATE TABLE b (id int); SELECT nonsense;');
  await expect(migrate(database.url, { dir })).rejects.toThrow(/2_b failed and was rolled back: .*nonsense/);
  expect(await tables()).toEqual(['a']);
  await write('2_b', 'CREATE TABLE b (id int)');
  expect(await migrate(database.url, { dir })).toEqual(['2_b']);
});

test('one that was edited after it was applied is named', async () => {
  await write('1_a', 'CREATE TABLE a (id int)');
  await migrate(database.url, { dir });
  await write('1_a', 'CREATE TABLE a (id bigint)');
  await expect(migrate(database.url, { dir })).rejects.toThrow(/1_a was edited/);
});

test('a database with an older migration of another version is refused, and left as it is', async () => {
  await write('0_older', 'CREATE TABLE run (); CREATE TABLE workspace (); CREATE TABLE execution_plan ()');
  await migrate(database.url, { dir });
  const refusal = /belongs to .*: this version, \d\S+, has no migration 0_older\. Use .*, or restore a backup/;
  for (const accepted of ['', '0_older', LATER]) {
    await expect(migrate(database.url, { accepted })).rejects.toThrow(refusal);
    await expect(migrateOrCheck(database.url, { accepted })).rejects.toThrow(refusal);
  }
  expect(await tables()).toEqual(['execution_plan', 'run', 'workspace']);
});

describe('a database of a later version', () => {
  const rows = async () => (await client.query('SELECT * FROM _prisma_migrations ORDER BY 1')).rows;
  const starts = (accepted?: string) => [
    () => migrate(database.url, { accepted }),
    () => migrateOrCheck(database.url, { accepted }),
    async () => (await readPending(database.url, accepted)).pending,
    async () => (await readMigrationState(client, accepted)).pending,
  ];
  beforeEach(async () => {
    await cp(migrationsDir, dir, { recursive: true });
    await write(LATER, 'CREATE TABLE later ()');
    await migrate(database.url, { dir });
  });

  const BUILD = String.raw`another build of Errand \d+\.\d+\.\d+`;

  test('is refused with the version to use, and left as it is', async () => {
    const makers: [string | null | undefined, string][] = [
      [undefined, BUILD],
      ['Errand 9.8.7', 'Errand 9.8.7'],
      ...[null, 'a log of Prisma', 'Errand 1\u001b[31m'].map((logs): [typeof logs, string] => [
        logs,
        'another version of Errand',
      ]),
    ];
    for (const [logs, maker] of makers) {
      if (logs !== undefined)
        await client.query('UPDATE _prisma_migrations SET logs = $1 WHERE migration_name = $2', [logs, LATER]);
      const before = await rows();
      const message = new RegExp(
        `^The database belongs to ${maker}: this version, \\d+\\.\\d+\\.\\d+, has no migration ${LATER}\\. Use `,
      );
      for (const start of starts())
        await expect(start()).rejects.toMatchObject({ exitCode: 78, message: expect.stringMatching(message) });
      expect(await rows()).toEqual(before);
    }
  });

  test('starts if its last migration is accepted, until there is a later one', async () => {
    for (const start of starts(LATER)) expect(await start()).toEqual([]);
    for (const start of starts('99999999')) await expect(start()).rejects.toThrow(LATER);
    await write('99990201000000_still_later', 'SELECT 1');
    await migrate(database.url, { dir });
    for (const start of starts(LATER)) await expect(start()).rejects.toThrow('99990201000000_still_later');
  });
});

describe('a database with tables of another program', () => {
  const dump = async () =>
    (
      await client.query(`SELECT n.nspname, c.relname, c.relkind FROM pg_class c JOIN pg_namespace n ON n.oid = c.relnamespace
        WHERE n.nspname NOT LIKE 'pg\\_%' AND n.nspname <> 'information_schema' ORDER BY 1, 2`)
    ).rows;
  const prisma = `CREATE TABLE _prisma_migrations (id text, migration_name text, checksum text, finished_at timestamptz, rolled_back_at timestamptz);
    INSERT INTO _prisma_migrations VALUES ('1', '20200101000000_product', 'x', now(), NULL); CREATE TABLE orders (id int)`;

  test.each([
    ['a table', 'CREATE TABLE orders (id int)', 'public.orders'],
    ['a table of another schema', 'CREATE SCHEMA shop; CREATE TABLE shop.orders (id int)', 'shop.orders'],
    ['a view', 'CREATE VIEW totals AS SELECT 1 AS one', 'public.totals'],
    ['migrations of its own by Prisma', prisma, 'public.orders'],
  ])('is refused and left as it is: %s', async (_, sql, named) => {
    await client.query(sql);
    const before = await dump();
    const refusal = `the database has tables of another program (${named}) and none of Errand, so nothing was changed in it`;
    await expect(migrate(database.url)).rejects.toThrow(refusal);
    await expect(migrateOrCheck(database.url)).rejects.toThrow(refusal);
    expect(await dump()).toEqual(before);
  });

  test('is migrated if that was asked for, and later without asking again', async () => {
    await client.query('CREATE TABLE orders (id int)');
    await migrateOrCheck(database.url, { mayShare: true });
    expect(await tables()).toEqual(expect.arrayContaining(['orders', 'run']));
    expect(await migrateOrCheck(database.url)).toEqual([]);
  });

  test('the views of an extension are no tables of another program', async () => {
    await client.query('CREATE EXTENSION pg_stat_statements');
    expect(await migrate(database.url)).not.toEqual([]);
  });
});

test('schedules keep their makers when these become identities', async () => {
  await cp(migrationsDir, dir, { recursive: true, filter: (path) => !path.includes('_makers') });
  await migrate(database.url, { dir });
  const id = '0192f0c1-7a41-7a04-8c11-000000000001';
  await client.query(`INSERT INTO workspace (workspace_id, name) VALUES ($1, 'w')`, [id]);
  await client.query(
    `INSERT INTO schedule (workspace_id, schedule_id, name, cron, time_zone, run, overlap, made_by, created_by)
     VALUES ($1, $1, 'Hourly', '0 * * * *', 'UTC', '{}', 'skip', $1, 'k')`,
    [id],
  );
  await migrate(database.url);
  expect((await client.query('SELECT made_by FROM schedule')).rows).toEqual([{ made_by: `api_key:${id}` }]);
});

test('one that Prisma left as failed is named', async () => {
  await cp(migrationsDir, dir, { recursive: true });
  await migrate(database.url, { dir });
  await client.query(`INSERT INTO _prisma_migrations (id, checksum, migration_name) VALUES ('x', 'x', '9_broken')`);
  await expect(migrate(database.url, { dir })).rejects.toThrow(/9_broken failed before/);
});

test('waiting too long for another migrator is an error', async () => {
  await client.query('SELECT pg_advisory_lock(72707369)');
  await expect(migrate(database.url, { dir, waitMs: 150 })).rejects.toThrow(/another process has been migrating/);
});
