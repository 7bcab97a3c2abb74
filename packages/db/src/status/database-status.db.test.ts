import pg from 'pg';
import { afterAll, beforeAll, expect, inject, onTestFinished, test } from 'vitest';
import { type Db, openDatabase } from '../database.ts';
import { createRun } from '../runs/create.ts';
import { aNewRun } from '../testing/a-new-run.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { masterKey } from '../testing/master-key.ts';

let database: TestDatabase;
let admin: pg.Client;
beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
});
afterAll(async () => {
  await admin.end();
  await database.drop();
});

const masterKeys = [masterKey()];
function opened(): Db {
  const db = openDatabase({ ...database.logins, masterKeys });
  onTestFinished(() => db.close());
  return db;
}

test('parts that the login may not read are unknown, and the others are read', async () => {
  await admin.query('REVOKE SELECT ON worker_pool, _prisma_migrations FROM errand_system');
  onTestFinished(() => admin.query('GRANT SELECT ON worker_pool, _prisma_migrations TO errand_system').then(() => {}));
  const status = await opened().status.read();
  expect(status).toMatchObject({ workers: 'unknown', migrations: 'unknown', queue: { due: 0, claimed: 0 } });
});

test('a part that a lock delays is unknown, and the others are read', async () => {
  await admin.query('BEGIN; LOCK TABLE worker_pool IN ACCESS EXCLUSIVE MODE');
  onTestFinished(() => admin.query('ROLLBACK').then(() => {}));
  const status = await opened().status.read();
  expect(status).toMatchObject({ workers: 'unknown', queue: { due: 0 }, migrations: { pending: [] } });
});

test('with everything locked, it answers with what is left', async () => {
  await admin.query('BEGIN; LOCK TABLE worker_pool, vault_reader, run, _prisma_migrations IN ACCESS EXCLUSIVE MODE');
  onTestFinished(() => admin.query('ROLLBACK').then(() => {}));
  const status = await opened().status.read();
  expect(status).toMatchObject({ workers: 'unknown', processes: 'unknown', migrations: 'unknown' });
});

test('it shows runs that wait, missing migrations and the session with the oldest snapshot', async () => {
  const db = opened();
  const { workspaceId } = await db.workspaces.create('mine');
  await createRun({ pool: db.pool, workspaceId }, aNewRun());
  await createRun({ pool: db.pool, workspaceId }, aNewRun());
  await admin.query(`UPDATE run SET updated_at = now() - interval '1 hour'
    WHERE run_id = (SELECT run_id FROM run ORDER BY run_id LIMIT 1)`);
  await admin.query(`DELETE FROM _prisma_migrations WHERE migration_name LIKE '%_workspaces'`);
  const old = new pg.Client({ connectionString: database.url, application_name: 'the old one' });
  await old.connect();
  onTestFinished(() => old.end());
  await old.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1');
  // Sessions of other tests in the same Postgres may have older snapshots, for some moments.
  await expect
    .poll(async () => (await opened().status.read()).database.oldestSnapshot)
    .toEqual({ transactions: expect.any(Number), seconds: expect.any(Number), application: 'the old one' });
  const status = await db.status.read();
  expect(status.queue).toEqual({ due: 2, claimed: 0, oldestDueSeconds: expect.closeTo(3600, -3) });
  expect(status.migrations).toMatchObject({ pending: [expect.stringMatching(/_workspaces$/)] });
});

test('an answer is reused, and a failure is not', async () => {
  const db = opened();
  const first = await db.status.read();
  expect(await db.status.read()).toBe(first);
  const gone = openDatabase({ url: 'postgresql://u:p@127.0.0.1:1/x', masterKeys });
  onTestFinished(() => gone.close());
  await expect(gone.status.read()).rejects.toThrow();
});
