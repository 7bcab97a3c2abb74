// `errand migrate`, as a deploy runs it before it starts any process of the new version.
import { createTestDatabase } from '@errand/db/testing';
import { expect, inject, onTestFinished, test } from 'vitest';
import { commandLineForTest } from '../fixtures/cli.ts';
import { databaseEnv } from '../fixtures/server.ts';

/** An empty database. */
async function aDatabase() {
  const database = await createTestDatabase(inject('postgres'), { empty: true });
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
