import pg from 'pg';
import { afterAll, beforeAll, expect, inject, onTestFinished, test, vi } from 'vitest';
import { type Db, openDatabase } from '../database.ts';
import { createRun } from '../runs/create.ts';
import { newId } from '../statements/scope.ts';
import { aNewRun } from '../testing/a-new-run.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { masterKey } from '../testing/master-key.ts';
import { loadReader } from './instance-load.ts';

let database: TestDatabase;
let admin: pg.Client;
let db: Db;
let workspaceId: string;
beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  admin = new pg.Client({ connectionString: database.url });
  await admin.connect();
  db = openDatabase({ ...database.logins, masterKeys: [masterKey()] });
  workspaceId = (await db.workspaces.create('mine')).workspaceId;
});
afterAll(async () => {
  await db.close();
  await admin.end();
  await database.drop();
});

/** A reading without a cache. */
const load = async () => (await loadReader(db.pool).read()).load;

test('the queue, open requests and the table of the queue are read', async () => {
  const { runId } = await createRun({ pool: db.pool, workspaceId }, aNewRun());
  await admin.query(`UPDATE run SET updated_at = now() - interval '1 hour' WHERE run_id = $1`, [runId]);
  await admin.query(
    `INSERT INTO decision_request (workspace_id, run_id, decision_request_id, user_id, kind, key, text, decided_at, decision)
     SELECT $1, $2, gen_random_uuid(), 'ann', 'question', 'k' || n, 'Which?', CASE WHEN n = 3 THEN now() END, CASE WHEN n = 3 THEN 'answer' END
     FROM generate_series(1, 3) AS n`,
    [workspaceId, runId],
  );
  const read = await load();
  expect(read.queue).toEqual({ due: 1, claimed: 0, oldestDueSeconds: 60, oldestSlotWaitSeconds: 0 });
  expect(read.waits).toEqual({ plan_approval: 0, tool_approval: 0, consent: 0, effect: 0, question: 2, input: 0 });
  expect(read).toMatchObject({ aliveWorkers: 0, queueTable: { live: expect.any(Number), dead: expect.any(Number) } });
  expect(read.connections!.max).toBeGreaterThan(read.connections!.used);
});

test('only deliveries that Errand could post make the backlog of webhooks old', async () => {
  expect((await load()).webhooks).toEqual({ outbox: 0, due: 0, waiting: 0, oldestDueSeconds: 0 });
  const webhook = async (active: boolean, restsUntil: string | null) => {
    const webhookId = newId();
    await admin.query(
      `INSERT INTO webhook (workspace_id, webhook_id, url, events, active, rests_until, sealed_secret, secret_last4, created_by)
       VALUES ($1, $2, 'https://a.example', '{*}', $3, now() + $4::interval, '\\x00', '1234', 'me')`,
      [workspaceId, webhookId, active, restsUntil],
    );
    const deliver = (nextAttempt: string) =>
      admin.query(
        `INSERT INTO webhook_delivery (workspace_id, webhook_id, delivery_id, type, next_attempt_at)
         VALUES ($1, $2, gen_random_uuid(), 'run.end', now() + $3::interval)`,
        [workspaceId, webhookId, nextAttempt],
      );
    return { webhookId, deliver };
  };
  const [healthy, resting, disabled] = [
    await webhook(true, null),
    await webhook(true, '5 minutes'),
    await webhook(false, null),
  ];
  for (const each of [healthy, resting, disabled]) await each.deliver('1 hour');
  for (const each of [resting, disabled]) await each.deliver('-10 hours');
  expect((await load()).webhooks).toEqual({ outbox: 0, due: 0, waiting: 3, oldestDueSeconds: 0 });
  await healthy.deliver('-20 minutes');
  expect((await load()).webhooks).toEqual({
    outbox: 0,
    due: 1,
    waiting: 3,
    oldestDueSeconds: expect.closeTo(1200, -2),
  });
  await admin.query(
    `INSERT INTO webhook_message (workspace_id, message_id, type, created_at) VALUES ($1, gen_random_uuid(), 'run.end', now() - interval '2 hours')`,
    [workspaceId],
  );
  expect((await load()).webhooks).toMatchObject({ outbox: 1, oldestDueSeconds: expect.closeTo(7200, -2) });
});

test('the oldest transaction with a snapshot is found', async () => {
  const old = new pg.Client({ connectionString: database.url });
  await old.connect();
  onTestFinished(() => old.end());
  await old.query('BEGIN ISOLATION LEVEL REPEATABLE READ; SELECT 1');
  const { snapshots } = await load();
  expect(snapshots!.oldestSeconds).toBeGreaterThan(0);
  expect(snapshots).toMatchObject({ held: expect.any(Number), oldestTransactions: expect.any(Number) });
});

test('parts that the login may not read, or not in time, are absent, and the others are read', async () => {
  await admin.query('REVOKE SELECT ON webhook FROM errand_system');
  await admin.query('BEGIN; LOCK TABLE decision_request IN ACCESS EXCLUSIVE MODE');
  onTestFinished(async () => {
    await admin.query('ROLLBACK');
    await admin.query('GRANT SELECT ON webhook TO errand_system');
  });
  const { isUp, load: read } = await loadReader(db.pool).read();
  expect(isUp).toBe(true);
  expect(Object.keys(read)).toEqual(['queue', 'snapshots', 'queueTable', 'aliveWorkers', 'connections']);
});

test('only the wanted parts are read, and callers that want different parts share them', async () => {
  const statements: string[] = [];
  const query = async (text: string) => {
    statements.push(text);
    return { rows: [{}] };
  };
  const pool = { connect: async () => ({ query, release: () => {} }) } as unknown as pg.Pool;
  const reader = loadReader(pool);
  const reads = () =>
    ['run', 'webhook_message', 'decision_request', 'worker_pool'].map(
      (table) => statements.filter((text) => text.includes(`FROM ${table} `)).length,
    );
  expect(Object.keys((await reader.read(['queue', 'webhooks'])).load)).toEqual(['queue', 'webhooks']);
  expect(reads()).toEqual([1, 1, 0, 0]);
  await reader.read();
  expect(reads()).toEqual([1, 1, 1, 1]);
});

test('many callers cost one reading in ten seconds, also without a database', async () => {
  vi.useFakeTimers({ toFake: ['performance'] });
  onTestFinished(() => void vi.useRealTimers());
  let connections = 0;
  const pool = {
    connect: async () => {
      connections++;
      throw Object.assign(new Error('gone'), { code: 'ECONNREFUSED' });
    },
  } as unknown as pg.Pool;
  const reader = loadReader(pool);
  const read = () => Promise.all(Array.from({ length: 50 }, () => reader.read()));
  expect((await read())[49]).toEqual({ isUp: false, load: {} });
  vi.advanceTimersByTime(9_999);
  await read();
  expect(connections).toBe(1);
  vi.advanceTimersByTime(1);
  await read();
  expect(connections).toBe(2);
});
