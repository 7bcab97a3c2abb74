// The erasure of users: complete by the catalog of tables, in batches, continued after a crash, and of one workspace.
import { system } from '@errand/contracts';
import pg from 'pg';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { type Db, openDatabase, type WorkspaceDb } from '../database.ts';
import { newId } from '../statements/scope.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { addFullRun, dropChecks, rowsWith } from '../testing/fill-tables.ts';
import { masterKey } from '../testing/master-key.ts';
import { rollUpUsage } from '../usage/roll-up.ts';
import { type ErasurePort, eraseUsers } from './erase-users.ts';

let database: TestDatabase;
let db: Db;
let owner: pg.Client;
let here: string;
let elsewhere: string;
let own: WorkspaceDb;
let removed: string[];
beforeEach(async () => {
  database = await createTestDatabase(inject('postgres'));
  db = openDatabase({ ...database.logins, masterKeys: [masterKey()] });
  await db.ready();
  owner = new pg.Client({ connectionString: database.url });
  await owner.connect();
  await dropChecks(owner);
  [here, elsewhere] = [newId(), newId()];
  own = db.forWorkspace(here);
  removed = [];
});
afterEach(async () => {
  await owner.end();
  await db.close();
  await database.drop();
});

const cancel = async (workspaceId: string, runId: string) => {
  await owner.query(
    `UPDATE run SET status = 'CANCELED', ended_at = clock_timestamp(), lease = NULL, due = 0 WHERE workspace_id = $1 AND run_id = $2 AND ended_at IS NULL`,
    [workspaceId, runId],
  );
};
const port: ErasurePort = { cancel, onRemoved: (_, runIds) => void removed.push(...runIds) };
const erase = (rowsAtOnce?: number, signal = new AbortController().signal) =>
  eraseUsers(db.connect, port, signal, rowsAtOnce);

/** What a request does: it removes credentials, and cancels open runs. */
async function request(userId: string) {
  await own.credentials.eraseUser(userId, true);
  return own.users.cancelRuns(userId, cancel);
}
/** Dates requests back, so that the erasure need not wait for late runs. */
const letTimePass = () =>
  owner.query(`UPDATE user_erasure SET requested_at = requested_at - interval '5 minutes',
    cancelling_since = cancelling_since - interval '5 minutes'`);
const auditOf = async (action: string) => {
  const text =
    'SELECT workspace_id AS "workspaceId", actor_type AS actor, target, details FROM audit WHERE action = $1';
  return (await owner.query(text, [action])).rows;
};
async function openRun(userId: string, changes: { runId?: string; scheduleId?: string } = {}): Promise<string> {
  const runId = await addFullRun(owner, { workspaceId: here, userId, ...changes });
  const reopen = `UPDATE run SET status = 'RUNNING', ended_at = NULL, lease = 'pool', schedule_id = $2 WHERE run_id = $1`;
  await owner.query(reopen, [runId, changes.scheduleId ?? null]);
  return runId;
}

test('nothing of an erased user is in any table but the audit log; others and the same user elsewhere keep everything', async () => {
  const other = await addFullRun(owner, { workspaceId: here, userId: 'bob' });
  const ofOther = await rowsWith(owner, other);
  await addFullRun(owner, { workspaceId: elsewhere, userId: 'ada-lovelace' });
  const ofElsewhere = await rowsWith(owner, elsewhere);
  const ofUserElsewhere = await rowsWith(owner, 'ada-lovelace');
  const first = await addFullRun(owner, { workspaceId: here, userId: 'ada-lovelace' });
  const second = await addFullRun(owner, { workspaceId: here, userId: 'ada-lovelace' });
  expect(Object.keys(ofOther)).toEqual(
    expect.arrayContaining(['run_event', 'ledger', 'idempotency', 'webhook_delivery']),
  );
  await rollUpUsage(db.pool, new AbortController().signal, { through: new Date() });

  await request('ada-lovelace');
  expect(await own.users.get('ada-lovelace')).toMatchObject({ erasingAt: expect.any(String) });
  expect(await erase()).toBe(0);
  expect(removed.toSorted()).toEqual([first, second].toSorted());
  expect(await own.users.get('ada-lovelace')).toEqual({
    userId: 'ada-lovelace',
    connections: [],
    erasingAt: expect.any(String),
  });
  expect((await own.users.list('', 10)).map(({ userId }) => userId)).toEqual(['ada-lovelace', 'bob']);
  await letTimePass();
  expect(await erase()).toBe(1);

  expect(await own.users.get('ada-lovelace')).toBeNull();
  // An action outlives the run from which it was saved.
  for (const runId of [first, second]) expect(await rowsWith(owner, runId)).toEqual({ action: 3 });
  expect(await rowsWith(owner, other)).toEqual(ofOther);
  expect(await rowsWith(owner, elsewhere)).toEqual(ofElsewhere);
  expect(await rowsWith(owner, 'ada-lovelace')).toEqual({ ...ofUserElsewhere, audit: 3 });
  const days = `SELECT workspace_id = $1 AS "isHere", key FROM usage_day WHERE kind = 'user' ORDER BY 1, 2`;
  expect((await owner.query(days, [here])).rows).toEqual([
    { isHere: false, key: 'ada-lovelace' },
    { isHere: true, key: '' },
    { isHere: true, key: 'bob' },
  ]);
  expect(await auditOf('user.erased')).toEqual([
    { workspaceId: here, actor: 'system', target: 'ada-lovelace', details: { connections: 6, schedules: 0, rules: 6 } },
  ]);
  expect(await auditOf('user.erasure_finished')).toEqual([
    { workspaceId: here, actor: 'system', target: 'ada-lovelace', details: { runs: 2, cancelled: 0, uncertain: 0 } },
  ]);
});

test('a crash between two batches leaves the rest, and the next call continues', async () => {
  for (let n = 0; n < 4; n++) await addFullRun(owner, { workspaceId: here, userId: 'user-ada', rows: 30 });
  await owner.query(`CREATE SEQUENCE batches; GRANT USAGE ON batches TO errand_system;
    CREATE FUNCTION fail() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      IF nextval('batches') = 3 THEN PERFORM pg_terminate_backend(pg_backend_pid()); PERFORM pg_sleep(1); END IF;
      RETURN NULL; END $$;
    CREATE TRIGGER fails AFTER DELETE ON ledger FOR EACH STATEMENT EXECUTE FUNCTION fail()`);
  await request('user-ada');
  await expect(erase(50)).rejects.toThrow();
  const count = async (table: string) => (await owner.query(`SELECT count(*)::int AS n FROM ${table}`)).rows[0].n;
  // Two batches of the calls are removed; the third is rolled back. All runs are still there, without their events.
  expect([await count('run'), await count('ledger'), await count('run_event')]).toEqual([4, 20, 0]);
  const stopping = new AbortController();
  stopping.abort();
  expect(await erase(50, stopping.signal)).toBe(0);
  await letTimePass();
  expect(await erase(50)).toBe(1);
  expect(await rowsWith(owner, 'user-ada')).toEqual({ audit: 3 });
  expect((await auditOf('user.erasure_finished'))[0].details).toMatchObject({ runs: 4 });
});

test('one process erases at a time, and a transaction removes at most a batch of a table', async () => {
  for (let n = 0; n < 5; n++) await addFullRun(owner, { workspaceId: here, userId: 'user-ada', rows: 12 });
  await owner.query(`CREATE TABLE batch (rows int); GRANT INSERT ON batch TO errand_system;
    CREATE FUNCTION count_rows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN
      INSERT INTO batch SELECT count(*) FROM gone; RETURN NULL; END $$;
    CREATE TRIGGER counts AFTER DELETE ON ledger REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION count_rows()`);
  await request('user-ada');
  await letTimePass();
  expect((await Promise.all([erase(25), erase(25), erase(25)])).sort()).toEqual([0, 0, 1]);
  const { rows } = await owner.query<{ rows: number }>('SELECT rows FROM batch WHERE rows > 0');
  expect(rows.map((batch) => batch.rows)).toEqual([25, 25, 10]);
  expect(await rowsWith(owner, 'user-ada')).toEqual({ audit: 3 });
});

test('open runs are cancelled; the answer lists their writes in flight, and a repeated request gives the same answer', async () => {
  const runId = await openRun('user-ada');
  const write = `UPDATE ledger SET kind = 'tool', effect = 'write', tool = 'crm.add', state = CASE key WHEN 'a' THEN 'INTENDED' ELSE 'UNCERTAIN' END
    WHERE run_id = $1 AND key IN ('a', 'b')`;
  await owner.query(
    `WITH k AS (SELECT key, row_number() OVER (ORDER BY key) AS n FROM ledger WHERE run_id = $1)
     UPDATE ledger l SET key = CASE k.n WHEN 1 THEN 'a' WHEN 2 THEN 'b' ELSE 'c' END FROM k WHERE l.run_id = $1 AND l.key = k.key`,
    [runId],
  );
  await owner.query(write, [runId]);
  const answered = async () => {
    const { throughId: _, ...answer } = (await request('user-ada'))!;
    return answer;
  };
  const answer = await answered();
  const since = expect.stringMatching(/^\d{4}-.*Z$/);
  expect(answer).toMatchObject({
    cancelled: 1,
    uncertain: 2,
    uncertainCalls: [
      { runId, tool: 'crm.add', toolCallId: 'a', since },
      { runId, tool: 'crm.add', toolCallId: 'b', since },
    ],
  });
  expect(await answered()).toEqual(answer);
  await erase();
  expect(await answered()).toEqual(answer);
  expect((await Promise.all([request('user-ada'), request('user-ada')])).map((each) => each?.cancelled)).toEqual([
    1, 1,
  ]);
});

test('a run that a schedule created while it was removed does not escape; a run of a later request stays', async () => {
  const schedule = newId();
  await owner.query(`INSERT INTO workspace (workspace_id, name) VALUES ($1, 'Here')`, [here]);
  await owner.query(
    `INSERT INTO schedule (workspace_id, schedule_id, name, cron, time_zone, run, overlap, made_by, created_by)
     VALUES ($1, $2, 'Daily', '0 9 * * *', 'UTC', '{"userId": "user-ada"}', 'skip', 'system:x', 'x')`,
    [here, schedule],
  );
  await request('user-ada');
  const [late, newer] = [await openRun('user-ada', { scheduleId: schedule }), await openRun('user-ada')];
  await erase();
  expect(removed).toEqual([late]);
  await letTimePass();
  expect(await erase()).toBe(1);
  expect((await owner.query('SELECT run_id AS id, status FROM run')).rows).toEqual([{ id: newer, status: 'RUNNING' }]);
  expect((await owner.query('SELECT FROM schedule')).rows).toEqual([]);
  expect(await own.users.get('user-ada')).not.toHaveProperty('erasingAt');
});

test('an interrupted request is taken over: its runs are cancelled, and nothing is removed before', async () => {
  const [open, over] = [await openRun('user-ada'), await addFullRun(owner, { workspaceId: here, userId: 'user-ada' })];
  await own.credentials.eraseUser('user-ada', true);
  expect(await erase()).toBe(0);
  expect(removed).toEqual([]);
  await letTimePass();
  expect(await erase()).toBe(1);
  expect(removed).toEqual([open, over].toSorted());
  expect((await auditOf('user.erasure_finished'))[0].details).toMatchObject({ runs: 2, cancelled: 1 });
});

test('each run counts once in the usage, whether it is erased before or after the periodic count, and then for no user', async () => {
  const { signal } = new AbortController();
  await addFullRun(owner, { workspaceId: here, userId: 'user-ada' });
  await rollUpUsage(db.pool, signal, { through: new Date(Date.now() + 1000) });
  await addFullRun(owner, { workspaceId: here, userId: 'user-ada' });
  await addFullRun(owner, { workspaceId: here, userId: 'bob' });
  const sums = async (kind: string) => {
    const text =
      'SELECT key, sum(runs)::int AS runs, sum(calls)::int AS calls FROM usage_day WHERE kind = $1 GROUP BY key ORDER BY key';
    return (await owner.query(text, [kind])).rows;
  };
  await request('user-ada');
  await erase();
  await letTimePass();
  await erase();
  await rollUpUsage(db.pool, signal, { through: new Date(Date.now() + 1000) });
  expect(await sums('status')).toEqual([{ key: 'SUCCESS', runs: 3, calls: 0 }]);
  expect(await sums('user')).toEqual([
    { key: '', runs: 2, calls: 0 },
    { key: 'bob', runs: 1, calls: 0 },
  ]);
});

test('the account of a trial, pauses and quotas of the user go with the credentials; messages about connections with the rest', async () => {
  await owner.query(`SET session_replication_role = 'replica'`);
  for (const [id, test] of Object.entries({
    a: { account: 'a@x', userId: 'user-ada' },
    b: { account: 'bob@x', userId: 'bob' },
  }))
    await owner.query(
      `INSERT INTO integration_calls (workspace_id, customer_integration_id, hour, last_test) VALUES ($1, $2, now(), $3)`,
      [here, id, test],
    );
  await owner.query(`INSERT INTO call_pause (workspace_id, customer_integration_id, kind, subject, paused_until)
    VALUES ('${here}', 'a', 'limit', 'user-ada', now()), ('${here}', 'a', 'outage', 'https://x', now())`);
  await owner.query(
    `INSERT INTO webhook_message (workspace_id, message_id, type, data) VALUES ('${here}', '${newId()}', 'connection.created', '{"userId": "user-ada"}')`,
  );
  await owner.query(`INSERT INTO webhook_delivery (workspace_id, delivery_id, webhook_id, type, data)
    VALUES ('${here}', '${newId()}', '${newId()}', 'connection.created', '{"userId": "user-ada"}'), ('${here}', '${newId()}', '${newId()}', 'connection.created', '{"userId": "bob"}')`);
  await owner.query(`SET session_replication_role = 'origin'`);
  await db.forWorkspace(here, system).credentials.eraseUser('user-ada');
  expect(await rowsWith(owner, 'user-ada')).toEqual({ webhook_message: 1, webhook_delivery: 1 });
  expect(await rowsWith(owner, 'bob@x')).toEqual({ integration_calls: 1 });
  expect(await rowsWith(owner, 'https://x')).toEqual({ call_pause: 1 });
  await request('user-ada');
  await erase();
  expect(await rowsWith(owner, 'user-ada')).toEqual({ audit: 1, user_erasure: 1 });
  expect(await rowsWith(owner, 'bob')).toEqual({ integration_calls: 1, webhook_delivery: 1 });
});
