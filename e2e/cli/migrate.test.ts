// `errand migrate`, as a deploy runs it before it starts any process of the new version.
import { createTestDatabase } from '@errand/db/testing';
import pg from 'pg';
import { expect, inject, onTestFinished, test } from 'vitest';
import { commandLineForTest } from '../fixtures/cli.ts';
import { databaseEnv } from '../fixtures/server.ts';

async function aDatabase({ empty = true } = {}) {
  const database = await createTestDatabase(inject('postgres'), { empty });
  onTestFinished(() => database.drop());
  return database;
}

test('it migrates an empty database, also twice at once, and then finds nothing to apply', async () => {
  const errand = commandLineForTest();
  const env = databaseEnv((await aDatabase()).url);
  const migrate = async () => {
    const { code, out } = await errand(['migrate', '--json'], { env });
    return { code, count: (JSON.parse(out) as { applied: string[] }).applied.length };
  };
  const both = await Promise.all([migrate(), migrate()]);
  expect(both.map(({ code }) => code)).toEqual([0, 0]);
  expect(both.map(({ count }) => count > 0).sort()).toEqual([false, true]);
  expect(await errand(['migrate'], { env })).toMatchObject({ code: 0, out: 'Nothing to apply.\n' });
});

test('it refuses a database that a later version has migrated, unless its last migration is accepted', async () => {
  const errand = commandLineForTest();
  const env = databaseEnv((await aDatabase({ empty: false })).url);
  const sql = new pg.Client(env.ERRAND_OWNER_DATABASE_URL);
  await sql.connect();
  onTestFinished(() => sql.end());
  await sql.query(
    `INSERT INTO _prisma_migrations (id, checksum, migration_name, finished_at) VALUES ('later', 'x', '29990101000000_later', now())`,
  );
  const { code, err } = await errand(['migrate'], { env });
  expect(code).toBe(1);
  expect(err).toMatch(
    /The database belongs to another version of Errand: .* has no migration 29990101000000_later\. Use that version/,
  );
  const accepting = { ...env, ERRAND_ACCEPTED_MIGRATION: '29990101000000_later' };
  expect(await errand(['migrate'], { env: accepting })).toMatchObject({ code: 0, out: 'Nothing to apply.\n' });
});

test('a login that may not create tables is refused', async () => {
  const errand = commandLineForTest();
  const { ERRAND_OWNER_DATABASE_URL: _, ...env } = databaseEnv((await aDatabase()).url);
  const { code, err } = await errand(['migrate'], { env });
  expect(code).toBe(1);
  expect(err).toContain('permission denied');
});

test('without a Postgres it says which setting is missing', async () => {
  const { code, err } = await commandLineForTest()(['migrate']);
  expect(code).toBe(1);
  expect(err).toContain('DATABASE_URL is not set.');
  expect(err).toContain('ERRAND_OWNER_DATABASE_URL');
});
