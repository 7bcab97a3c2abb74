// The vacuum after erasures: of each table with removed rows, once for all erasures of a minute, and by a login that owns nothing.
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { createTasks } from '../background/periodic-tasks.ts';
import { type Db, openDatabase } from '../database.ts';
import { newId } from '../statements/scope.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { addFullRun, dropChecks } from '../testing/fill-tables.ts';
import { masterKey } from '../testing/master-key.ts';
import { eraseUsers } from './erase-users.ts';
import { vacuumErased } from './vacuum-erased.ts';

const { signal } = new AbortController();
const workspaceId = newId();
let database: TestDatabase;
let db: Db;
let owner: pg.Client;
beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  db = openDatabase({ ...database.logins, masterKeys: [masterKey()] });
  await db.ready();
  owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
  await dropChecks(owner);
});
afterAll(async () => {
  await owner.end();
  await db.close();
  await database.drop();
});

beforeEach(async () => void (await owner.query('DELETE FROM graphile_worker._private_jobs')));

async function erase(...userIds: string[]) {
  for (const userId of userIds) {
    await addFullRun(owner, { workspaceId, userId });
    await owner.query('ANALYZE integration_user');
    await db.forWorkspace(workspaceId).credentials.eraseUser(userId, true);
    await owner.query(`UPDATE user_erasure SET requested_at = now() - interval '5 minutes', cancelling_since = NULL`);
    expect(await eraseUsers(db.connect, { cancel: async () => {}, onRemoved: () => {} }, signal)).toBe(1);
  }
  await owner.query('SELECT pg_stat_force_next_flush()');
}
/** Tables of workspaces with removed rows, and partitions. */
const withDeadRows = async () => {
  const text = `SELECT relname AS name FROM pg_stat_user_tables WHERE n_dead_tup > 0
    AND relid IN (SELECT polrelid FROM pg_policy WHERE polname = 'own_workspace') ORDER BY 1`;
  return (await owner.query<{ name: string }>(text)).rows.map(({ name }) => name);
};
/** In the statistics, which are rows too. */
const commonUsers = async () => {
  const text = `SELECT most_common_vals::text AS users FROM pg_stats WHERE tablename = 'integration_user' AND attname = 'user_id'`;
  return (await owner.query<{ users: string }>(text)).rows[0]?.users;
};
const jobs = async () =>
  (await owner.query(`SELECT run_at > now() AS "isLater" FROM graphile_worker.jobs WHERE key = 'vacuum_erased'`)).rows;
const vacuum = (stop = signal) => vacuumErased(db.pool, db.connect, stop);

test('erasures that end within a minute share one vacuum of all tables from which they removed rows', async () => {
  // ANALYZE of an empty table changes no statistics.
  await addFullRun(owner, { workspaceId, userId: 'another' });
  await erase('ada', 'bob');
  expect(await jobs()).toEqual([{ isLater: true }]);
  const tables = ['run', 'execution_plan', 'decision_request', 'idempotency', 'webhook_message', 'integration_user'];
  await expect.poll(withDeadRows).toEqual(expect.arrayContaining([...tables, expect.stringMatching(/^run_event_/)]));
  expect(await commonUsers()).toContain('bob');
  await createTasks(db, {}, { info: () => {}, warn: () => {} }, signal).vacuum_erased();
  await expect.poll(withDeadRows).toEqual([]);
  expect(await commonUsers()).toBe('{another}');
});

test('one process vacuums at a time; another one, and one that stops, leave the work to a later job', async () => {
  await erase('cem');
  await owner.query(
    `DELETE FROM graphile_worker._private_jobs; SELECT pg_advisory_lock(hashtextextended('errand.vacuum_erased', 0))`,
  );
  expect([await vacuum(), await jobs()]).toEqual([[], [{ isLater: true }]]);
  await owner.query('DELETE FROM graphile_worker._private_jobs; SELECT pg_advisory_unlock_all()');
  expect([await vacuum(AbortSignal.abort()), await jobs()]).toEqual([[], [{ isLater: true }]]);
  await owner.query('DELETE FROM graphile_worker._private_jobs');
  // Before Postgres 17 a login that owns nothing leaves all tables to autovacuum.
  await owner.query('REVOKE MAINTAIN ON run FROM errand_system');
  const tables = await vacuum();
  expect([tables.includes('public.execution_plan'), tables.includes('public.run'), await jobs()]).toEqual([
    true,
    false,
    [],
  ]);
});
