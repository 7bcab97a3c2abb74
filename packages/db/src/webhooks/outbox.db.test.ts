// The outbox of webhooks: messages of events, their deliveries, and the effects of outcomes.
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { type Db, openDatabase } from '../database.ts';
import { createRun } from '../runs/create.ts';
import type { Transition } from '../runs/transitions/transition.ts';
import { applyTransition } from '../runs/transitions/transitions.ts';
import { newId } from '../statements/scope.ts';
import { aNewRun } from '../testing/a-new-run.ts';
import { claimOne } from '../testing/claim-one.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { masterKey } from '../testing/master-key.ts';
import { dueWebhooks, leaseDeliveries, type Outcome, recordOutcomes, removeDeliveries } from './delivery-queue.ts';
import type { MessageContent } from './message-content.ts';
import { addWebhookJobs, relayMessages, type WebhookKey } from './outbox.ts';

let database: TestDatabase;
let db: Db;
/** A superuser connection. */
let sql: pg.Pool;
let workspaceId: string;
beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  db = openDatabase({ ...database.logins, masterKeys: [masterKey()] });
  sql = new pg.Pool({ connectionString: database.url, max: 4 });
});
afterAll(async () => {
  await Promise.all([sql.end(), db.close()]);
  await database.drop();
});
beforeEach(async () => {
  await sql.query('DELETE FROM webhook_message');
  await sql.query('DELETE FROM webhook_delivery');
  ({ workspaceId } = await db.workspaces.create('one'));
});

const scope = () => ({ pool: db.pool, workspaceId });
const aWebhook = (events: string[] = ['run.end']) =>
  db.forWorkspace(workspaceId).webhooks.create({ url: 'https://a.example.com/', events, active: true });
const ended: Transition = {
  to: 'SUCCESS',
  events: [{ type: 'end', data: '{"runStatus":"SUCCESS","result":{"secret":1}}', toolCalls: null }],
  end: { result: { secret: 1 }, error: null, summary: 'Done.' },
};
const waiting: Transition = {
  to: 'PAUSED',
  events: [{ type: 'status', data: '{"runStatus":"PAUSED"}', toolCalls: null }],
  suspendUntil: new Date(Date.now() + 3_600_000),
};
async function aRun(change: Transition, batched = false): Promise<string> {
  const { runId } = await createRun(scope(), aNewRun());
  const { epoch } = (await claimOne(scope(), runId))!.run;
  const target = { runId, epoch };
  const applied = batched
    ? await db.transitions.apply(scope(), target, change)
    : await applyTransition(scope(), target, change);
  expect(applied).not.toBeNull();
  return runId;
}
const messages = async () =>
  (await sql.query('SELECT type, run_id AS "runId", seq FROM webhook_message ORDER BY message_id')).rows;
const relay = () => relayMessages(db.pool, 100);
/** A body that changes with its run. */
const taking = {
  limit: 16,
  bodyOf: ({ type, run, event }: MessageContent) => `${type} ${event?.seq} ${run?.status} ${run?.open.length}`,
};
const take = (key: WebhookKey, limit = 16) => leaseDeliveries(db.pool, db.vault, key, { ...taking, limit });

test('messages of ends and pauses are written with their event, only if a webhook subscribes', async () => {
  await aRun(ended);
  const { webhookId } = (await aWebhook(['run.waiting']))!;
  await aRun(ended, true);
  expect(await messages()).toEqual([]);
  const paused = await aRun(waiting);
  expect(await messages()).toEqual([{ type: 'run.waiting', runId: paused, seq: 2 }]);
  await db.forWorkspace(workspaceId).webhooks.patch(webhookId, { events: ['*'] });
  const single = await aRun(ended);
  const batched = await aRun(ended, true);
  expect((await messages()).slice(1)).toEqual([
    { type: 'run.started', runId: single, seq: 1 },
    { type: 'run.end', runId: single, seq: 2 },
    { type: 'run.started', runId: batched, seq: 1 },
    { type: 'run.end', runId: batched, seq: 2 },
  ]);
  await db.forWorkspace(workspaceId).webhooks.patch(webhookId, { active: false });
  await aRun(ended);
  expect(await messages()).toHaveLength(5);
});

test('a rolled back change has no message', async () => {
  await aWebhook(['*']);
  const { runId } = await createRun(scope(), aNewRun());
  const client = await sql.connect();
  await client.query('BEGIN');
  await client.query(`UPDATE run SET status = 'CANCELED', due = 0, ended_at = now() WHERE run_id = $1`, [runId]);
  expect((await client.query('SELECT type FROM webhook_message')).rows).toEqual([{ type: 'run.end' }]);
  await client.query('ROLLBACK');
  client.release();
  expect(await messages()).toEqual([]);
});

test('two concurrent relays create each delivery once', async () => {
  const hooks = [await aWebhook(), await aWebhook(['run.end', 'run.waiting'])];
  const runs = [];
  for (let n = 0; n < 30; n++) runs.push(await aRun(ended, true));
  // The first has not committed when the second takes its own.
  const first = await sql.connect();
  await first.query('BEGIN');
  expect(await relayMessages(first, 15)).toBe(15);
  expect(await relayMessages(db.pool, 20)).toBe(15);
  await first.query('COMMIT');
  first.release();
  expect(await relay()).toBe(0);
  expect(await messages()).toEqual([]);
  const { rows } = await sql.query(
    `SELECT webhook_id AS id, count(DISTINCT delivery_id)::int AS messages, count(*)::int AS deliveries FROM webhook_delivery
     WHERE workspace_id = $1 GROUP BY 1`,
    [workspaceId],
  );
  expect(rows).toHaveLength(2);
  for (const row of rows) {
    expect(row).toMatchObject({ messages: 30, deliveries: 30 });
    expect(hooks.map((hook) => hook!.webhookId)).toContain(row.id);
  }
});

test('a taken delivery is leased, and only the outcome of its attempt counts', async () => {
  const { webhookId, secret } = (await aWebhook())!;
  const key = { workspaceId, webhookId };
  await aRun(ended);
  await relay();
  expect(await dueWebhooks(db.pool, 1000)).toContainEqual(key);
  const [first, none] = await Promise.all([1, 2].map(() => take(key)));
  const taken = (first ?? none)!;
  expect([first, none]).toContain(null);
  expect(taken.secrets.map((secretOf) => secretOf.reveal())).toEqual([secret]);
  expect(taken.deliveries).toMatchObject([{ attempts: 1, webhookId: expect.stringMatching(/^msg_[0-9a-f]{32}$/) }]);
  expect(await dueWebhooks(db.pool, 1000)).not.toContainEqual(key);
  // The process was only slow: its lease is over, and another one has posted in its place.
  await sql.query(`UPDATE webhook_delivery SET leased_until = now() - interval '1 second'`);
  const again = (await take(key))!;
  const outcome = (attempts: number, more: Partial<Outcome> = {}): Outcome => ({
    deliveryId: again.deliveries[0]!.deliveryId,
    attempts,
    status: 200,
    error: null,
    body: 'posted',
    ...more,
  });
  await recordOutcomes(db.pool, key, [outcome(1, { error: 'It answered 500.', status: 500 })]);
  const { deliveries } = db.forWorkspace(workspaceId);
  expect(await deliveries.list(webhookId, {}, 10)).toMatchObject([{ state: 'pending', attempts: 2 }]);
  await recordOutcomes(db.pool, key, [outcome(2)]);
  await recordOutcomes(db.pool, key, [outcome(2, { error: 'It answered 500.', status: 500 })]);
  expect(await deliveries.list(webhookId, {}, 10)).toMatchObject([
    { state: 'delivered', attempts: 2, lastStatus: 200 },
  ]);
});

test('14 attempts take some 28 hours', async () => {
  const { webhookId } = (await aWebhook())!;
  await aRun(ended);
  await relay();
  let seconds = 0;
  for (let attempt = 1; attempt <= 14; attempt++) {
    await sql.query('UPDATE webhook_delivery SET next_attempt_at = now()');
    await sql.query('UPDATE webhook SET rests_until = NULL');
    const [due] = (await take({ workspaceId, webhookId }, 1))!.deliveries;
    expect(due!.attempts).toBe(attempt);
    const outcome = {
      deliveryId: due!.deliveryId,
      attempts: attempt,
      status: null,
      error: 'It cannot be reached.',
      body: 'b',
    };
    await recordOutcomes(db.pool, { workspaceId, webhookId }, [outcome]);
    const { rows } = await sql.query(
      'SELECT state, extract(epoch FROM next_attempt_at - now())::float8 AS s FROM webhook_delivery WHERE webhook_id = $1',
      [webhookId],
    );
    expect(rows[0].state).toBe(attempt < 14 ? 'pending' : 'failed');
    seconds += rows[0].s ?? 0;
  }
  expect(seconds / 3600).toBeGreaterThan(27);
  expect(seconds / 3600).toBeLessThan(29);
});

test('a retry posts the same body: messages of runs that go on have the state of their event', async () => {
  const { webhookId } = (await aWebhook(['run.waiting', 'run.end']))!;
  const key = { workspaceId, webhookId };
  const bodies = async () => (await take(key))!.deliveries.map(({ body }) => body);
  const storedBodies = async () => (await sql.query('SELECT body FROM webhook_delivery ORDER BY delivery_id')).rows;
  const paused = await aRun(waiting);
  await aRun(ended);
  await relay();
  expect(await bodies()).toEqual(['run.waiting 2 PAUSED 0', 'run.end 2 SUCCESS 0']);
  expect(await storedBodies()).toEqual([{ body: null }, { body: null }]);
  // The process dies, and meanwhile the first run goes on.
  await sql.query(
    `UPDATE run SET status = 'CANCELED', due = 0, not_before = NULL, ended_at = now() WHERE run_id = $1`,
    [paused],
  );
  await sql.query(`UPDATE webhook_delivery SET leased_until = now() - interval '1 second'`);
  const { deliveries } = (await take(key))!;
  expect(deliveries.map(({ body }) => body)).toEqual(['run.waiting 2 PAUSED 0', 'run.end 2 SUCCESS 0']);
  const refused = { status: 500, error: 'It answered 500.' };
  await recordOutcomes(
    db.pool,
    key,
    deliveries.map((delivery) => ({ ...delivery, ...refused })),
  );
  expect(await storedBodies()).toEqual(deliveries.map(({ body }) => ({ body })));
  await sql.query('UPDATE webhook SET rests_until = NULL');
  await sql.query('UPDATE webhook_delivery SET next_attempt_at = now()');
  await sql.query(`UPDATE run SET status = 'FAILED' WHERE status = 'SUCCESS'`);
  expect(await bodies()).toEqual(['run.waiting 2 PAUSED 0', 'run.end 2 SUCCESS 0']);
});

test('a lease changes no index, and an outcome removes it', async () => {
  const { webhookId } = (await aWebhook())!;
  for (let n = 0; n < 8; n++) await aRun(ended, true);
  await relay();
  // One connection, so that it reports its own statistics.
  const pool = new pg.Pool({ connectionString: database.url, max: 1 });
  const hot = async (): Promise<number> => {
    await pool.query('SELECT pg_stat_force_next_flush()');
    const { rows } = await pool.query(
      `SELECT n_tup_hot_upd::int AS hot FROM pg_stat_user_tables WHERE relname = 'webhook_delivery'`,
    );
    return rows[0].hot;
  };
  const before = await hot();
  const key = { workspaceId, webhookId };
  const { deliveries } = (await leaseDeliveries(pool, db.vault, key, taking))!;
  expect((await hot()) - before).toBe(8);
  await pool.end();
  const outcomes = deliveries.map((delivery) => ({ ...delivery, status: 200, error: null }));
  await recordOutcomes(db.pool, key, outcomes);
  const { rows } = await sql.query('SELECT state, leased_until AS until FROM webhook_delivery WHERE attempts = 1');
  expect(rows).toEqual(outcomes.map(() => ({ state: 'delivered', until: null })));
});

test('deliveries are removed at the end of their retention', async () => {
  const { webhookId } = (await aWebhook())!;
  await aRun(ended);
  await relay();
  await sql.query(
    `INSERT INTO webhook_delivery (workspace_id, webhook_id, delivery_id, type)
     SELECT $1, $2, errand_partitions.uuid_floor(now() - interval '31 days'), 'run.end'`,
    [workspaceId, webhookId],
  );
  const remaining = async () => (await sql.query('SELECT 1 FROM webhook_delivery')).rowCount;
  expect(await removeDeliveries(db.pool, 30, 1000)).toBe(1);
  expect(await remaining()).toBe(1);
  expect(await removeDeliveries(db.pool, 0, 1000)).toBe(1);
  expect(await remaining()).toBe(0);
});

test('a webhook with due deliveries has one job, even after several requests', async () => {
  const { makeWorkerUtils } = await import('graphile-worker');
  const utils = await makeWorkerUtils({ connectionString: database.url });
  await utils.migrate();
  await sql.query('SELECT errand_access.secure_all_tables()');
  const keys = [newId(), newId()].map((webhookId) => ({ workspaceId, webhookId }));
  for (let n = 0; n < 3; n++) await addWebhookJobs(db.pool, keys);
  const { rows } = await sql.query('SELECT key FROM graphile_worker.jobs ORDER BY key');
  expect(rows).toEqual(keys.map(({ webhookId }) => ({ key: `webhook:${webhookId}` })).sort());
  await utils.release();
});
