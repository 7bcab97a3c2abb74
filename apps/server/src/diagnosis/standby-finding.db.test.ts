// What the check `standby` says of real servers: without a standby, with an asynchronous one, and with too few synchronous ones.
import { type Db, openDatabase } from '@errand/db';
import { asAdmin, createTestDatabase, masterKey, STANDBY_NAME, startTestPair, type TestPair } from '@errand/db/testing';
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { standbyFinding } from './standby-finding.ts';

let pair: TestPair;
beforeAll(async () => {
  pair = await startTestPair();
}, 120_000);
afterAll(() => pair.stop());
const onPrimary = (statement: string) => asAdmin(pair.primary, statement);

function opened(urls: { url: string; tenantUrl: string }): Db {
  const db = openDatabase({ ...urls, masterKeys: [masterKey()], statementTimeoutMs: 500 });
  onTestFinished(() => db.close());
  return db;
}

const finding = async (urls: { url: string; tenantUrl: string } = pair.primary) =>
  standbyFinding(await opened(urls).checks.replication());

async function setNames(names: string): Promise<void> {
  await onPrimary(`ALTER SYSTEM SET synchronous_standby_names = '${names}'`);
  await onPrimary('SELECT pg_reload_conf()');
  const setting = async () => (await onPrimary('SHOW synchronous_standby_names'))[0];
  await expect.poll(setting).toEqual({ synchronous_standby_names: names });
}

test('without a standby all is well', async () => {
  const database = await createTestDatabase(inject('postgres'));
  onTestFinished(() => database.drop());
  expect(await finding(database.logins)).toMatchObject({ status: 'ok', text: 'No standby streams from this server.' });
});

test('an asynchronous standby is a warning: a failover can lose runs', async () => {
  await setNames('');
  await expect
    .poll(() => finding())
    .toMatchObject({ status: 'warning', text: expect.stringMatching(/^1 standby streams, and none is synchronous/) });
});

test.each([STANDBY_NAME, `ANY 1 (${STANDBY_NAME}, another)`, '*'])(
  'with a synchronous standby all is well: %s',
  async (names) => {
    await setNames(names);
    await expect
      .poll(() => finding())
      .toMatchObject({ status: 'ok', text: '1 standby streams; each commit waits for 1.' });
  },
);

test('commits that wait for a second standby are a fault', async () => {
  await setNames(`FIRST 2 (${STANDBY_NAME}, another)`);
  await expect
    .poll(() => finding())
    .toMatchObject({ status: 'failed', text: expect.stringMatching(/names needs 2, and 1 standby streams/) });
});

test('a login that commits without the standby is a warning', async () => {
  await setNames(STANDBY_NAME);
  await onPrimary('ALTER ROLE errand_tenant SET synchronous_commit = local');
  onTestFinished(async () => void (await onPrimary('ALTER ROLE errand_tenant RESET synchronous_commit')));
  expect(await finding()).toMatchObject({
    status: 'warning',
    text: expect.stringMatching(/^synchronous_commit is local for a login/),
  });
});

test('a login without rights sees an asynchronous standby and missing ones, and is told which right it lacks otherwise', async () => {
  await onPrimary('REVOKE pg_read_all_stats FROM errand_system');
  onTestFinished(async () => void (await onPrimary('GRANT pg_read_all_stats TO errand_system')));
  await setNames('');
  expect(await finding()).toMatchObject({ status: 'warning', text: expect.stringContaining('none is synchronous') });
  await setNames(`FIRST 2 (${STANDBY_NAME}, another)`);
  expect(await finding()).toMatchObject({ status: 'failed' });
  await setNames(STANDBY_NAME);
  expect(await finding()).toMatchObject({
    status: 'warning',
    remedy: expect.stringContaining('GRANT pg_read_all_stats TO errand_system'),
  });
});

test('commits that wait for a stopped standby are a fault, and a write hangs', async () => {
  await setNames(STANDBY_NAME);
  await pair.standby.stop();
  const found = async () => (await finding()).status;
  await expect.poll(found).toBe('failed');
  await expect(opened(pair.primary).workspaces.create('waits')).rejects.toThrow(/timeout/i);
  await setNames('');
  await opened(pair.primary).workspaces.create('goes on');
});
