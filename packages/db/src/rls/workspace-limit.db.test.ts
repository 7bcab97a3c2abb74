import pg from 'pg';
import { afterAll, beforeAll, expect, inject, test } from 'vitest';
import { openDatabase } from '../database.ts';
import { isDatabaseTrouble } from '../database-errors.ts';
import { newId } from '../statements/scope.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { masterKey } from '../testing/master-key.ts';
import { WorkspaceBusy } from './workspace-limit.ts';

let database: TestDatabase;
let owner: pg.Client;
beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
});
afterAll(async () => {
  await owner.end();
  await database.drop();
});

const open = (connectTimeoutMs: number) =>
  openDatabase({ url: database.url, masterKeys: [masterKey()], poolSize: 10, connectTimeoutMs });
const waiting = `SELECT pid FROM pg_stat_activity WHERE datname = current_database() AND wait_event_type = 'Lock'`;
const untilWaiting = (count: number) =>
  expect.poll(async () => (await owner.query(waiting)).rows.length, { interval: 20 }).toBe(count);
const blocked = { text: 'SELECT pg_advisory_xact_lock_shared(7)' };

test('one workspace gets at most half of the connections, so that others are served', async () => {
  const db = open(4000);
  const [busy, quiet] = [newId(), newId()];
  await owner.query('SELECT pg_advisory_lock(7)');
  // Over every way that a request takes: statements, transactions, and those without row-level security.
  const many = [
    ...Array.from({ length: 10 }, () => db.poolOf(busy).query(blocked)),
    ...Array.from({ length: 10 }, () => db.bypassingRlsOf(busy).query(blocked)),
  ];
  const done = Promise.all(many);
  await untilWaiting(2);
  const { rows } = await db.poolOf(quiet).query(`SELECT current_setting('errand.workspace') AS workspace`);
  expect(rows).toEqual([{ workspace: quiet }]);
  await db.forWorkspace(quiet).integrations.list();
  expect((await owner.query(waiting)).rows).toHaveLength(2);
  await owner.query('SELECT pg_advisory_unlock(7)');
  expect(await done).toHaveLength(20);
  await db.close();
});

test('a request that waits too long in the queue of its workspace is rejected, and the queue continues', async () => {
  const db = open(1500);
  const [busy, quiet] = [newId(), newId()];
  await owner.query('SELECT pg_advisory_lock(7)');
  const first = [db.poolOf(busy).query(blocked), db.poolOf(busy).query(blocked)];
  await untilWaiting(2);
  const late = await Promise.allSettled([
    db.poolOf(busy).query('SELECT 1'),
    db.forWorkspace(busy).integrations.list(),
    db.bypassingRlsOf(busy).query({ text: 'SELECT 1' }),
  ]);
  expect(late.map((outcome) => outcome.status === 'rejected' && isDatabaseTrouble(outcome.reason))).toEqual([
    true,
    true,
    true,
  ]);
  expect(late[0]).toMatchObject({ reason: expect.any(WorkspaceBusy) });
  await db.poolOf(quiet).query('SELECT 1');
  await owner.query('SELECT pg_advisory_unlock(7)');
  await Promise.all(first);
  // Both connections are free again, also after failed statements and broken connections.
  for (let i = 0; i < 3; i++) await expect(db.poolOf(busy).query('SELECT 1 / 0')).rejects.toThrow('division by zero');
  for (let i = 0; i < 3; i++) (await db.poolOf(busy).connect()).release(new Error('broken'));
  await db.poolOf(busy).query('SELECT 1');
  await db.close();
});
