import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { type Db, openDatabase } from '../database.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { masterKey } from '../testing/master-key.ts';

let database: TestDatabase;
beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
});
afterAll(() => database.drop());

function opened(...masterKeys: string[]): Db {
  const db = openDatabase({ ...database.logins, masterKeys });
  onTestFinished(() => db.close());
  return db;
}

/** Starts once with a key, and stops. */
async function started(key: string): Promise<void> {
  const db = openDatabase({ ...database.logins, masterKeys: [key] });
  await db.ready();
  await db.close();
}

const storedIn = async ({ pool }: Db) =>
  (await pool.query<{ id: string }>('SELECT key_id AS id FROM vault_canary ORDER BY key_id')).rows.map(({ id }) => id);

test('the check of master keys accepts and refuses what a start does, and stores nothing', async () => {
  const [first, second] = [masterKey('k1'), masterKey('k2')];
  const both = opened(second, first);
  await both.checks.masterKeys();
  expect(await storedIn(both)).toEqual([]);

  await started(first);
  await both.checks.masterKeys();
  expect(await storedIn(both)).toEqual(['k1']);

  await expect(opened(masterKey('k1')).checks.masterKeys()).rejects.toThrow('master key "k1" is not the one');
  await expect(opened(second).checks.masterKeys()).rejects.toThrow('sealed with the master keys k1');
  await both.reseal();
  await expect(opened(first).checks.masterKeys()).rejects.toThrow('now sealed with the master key "k2"');
});

test('the clock of a database on this machine is ahead by no more than the error of the measurement', async () => {
  const { aheadMs, errorMs } = await opened(masterKey()).checks.clockSkew();
  // Both clocks are rounded to 1 ms.
  expect(Math.abs(aheadMs)).toBeLessThanOrEqual(errorMs + 1);
});
