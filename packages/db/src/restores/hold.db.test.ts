// After a restore nothing moves until an operator resumes it: each statement that starts work checks this itself.
import { randomUUID } from 'node:crypto';
import { Secret } from '@errand/contracts';
import pg from 'pg';
import { afterAll, beforeAll, beforeEach, expect, inject, test } from 'vitest';
import { resumeRestored } from '../backup/resume.ts';
import { type Db, openDatabase } from '../database.ts';
import { createRun } from '../runs/create.ts';
import { readExpiringRuns } from '../runs/decision-requests.ts';
import { claimRuns } from '../runs/queue/claim.ts';
import { dueSchedules } from '../schedules/due-schedules.ts';
import { newId } from '../statements/scope.ts';
import { databaseStatus } from '../status/database-status.ts';
import { aNewRun, aStart } from '../testing/a-new-run.ts';
import { anIntegration, aTarget } from '../testing/an-integration.ts';
import { aClaim } from '../testing/claim-one.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { masterKey } from '../testing/master-key.ts';
import { dueWebhooks, leaseDeliveries } from '../webhooks/delivery-queue.ts';
import { readHold, waitWhileHeld } from './hold.ts';

let database: TestDatabase;
let db: Db;
let sql: pg.Pool;
let workspaceId: string;
beforeAll(async () => {
  database = await createTestDatabase(inject('postgres'));
  db = openDatabase({ ...database.logins, masterKeys: [masterKey()] });
  await db.ready();
  sql = new pg.Pool({ connectionString: database.url, max: 2 });
});
afterAll(async () => {
  await Promise.all([sql.end(), db.close()]);
  await database.drop();
});
beforeEach(async () => {
  await sql.query('DELETE FROM restore');
  await sql.query('DELETE FROM run');
  ({ workspaceId } = await db.workspaces.create(randomUUID()));
});

const hold = () => sql.query('INSERT INTO restore (restore_id, backup_id, taken_at) VALUES ($1, $1, now())', [newId()]);
const resume = () => resumeRestored(database.logins.url);

/** Something that is due, with a look at whether a process would take it. */
async function expectHeld(looks: () => Promise<unknown[]>) {
  await hold();
  expect(await looks()).toEqual([]);
  expect(await resume()).toMatchObject({ takenAt: expect.any(Date) });
  expect(await looks()).toHaveLength(1);
}

test('no run is claimed', async () => {
  await createRun({ pool: db.pool, workspaceId }, aNewRun());
  await expectHeld(async () => (await claimRuns(sql, aClaim(), aStart)).claimed);
});

test('no decision request expires', async () => {
  const { runId } = await createRun({ pool: db.pool, workspaceId }, aNewRun());
  await sql.query(
    `UPDATE run SET status = 'PAUSED', due = 0, not_before = now() - interval '1 hour' WHERE run_id = $1`,
    [runId],
  );
  await expectHeld(() => readExpiringRuns(db.pool, 10));
});

test('no schedule is due, and the times until the resumption are over', async () => {
  await sql.query(
    `INSERT INTO schedule (workspace_id, schedule_id, name, cron, time_zone, run, overlap, next_at, made_by, created_by)
     VALUES ($1, $2, 'Hourly', '0 * * * *', 'UTC', '{}', 'skip', now() - interval '1 minute', 'api_key:x', 'k')`,
    [workspaceId, newId()],
  );
  await expectHeld(() => dueSchedules(db.pool, 10));
  expect((await dueSchedules(db.pool, 10))[0]?.resumedAt).toEqual(expect.any(Date));
});

test('no webhook is posted', async () => {
  const webhook = await db
    .forWorkspace(workspaceId)
    .webhooks.create({ url: 'https://a.example.com/', events: ['run.end'], active: true });
  const { webhookId } = webhook!;
  await sql.query(
    `INSERT INTO webhook_delivery (workspace_id, delivery_id, webhook_id, type, data, created_at, next_attempt_at)
     VALUES ($1, $2, $3, 'webhook.test', '{}', now(), now())`,
    [workspaceId, newId(), webhookId],
  );
  const take = () => leaseDeliveries(db.pool, db.vault, { workspaceId, webhookId }, { limit: 1, bodyOf: () => '{}' });
  await hold();
  expect([await dueWebhooks(db.pool, 10), await take()]).toEqual([[], null]);
  await resume();
  expect(await dueWebhooks(db.pool, 10)).toEqual([{ workspaceId, webhookId }]);
  expect((await take())?.deliveries).toHaveLength(1);
});

test('no consent is renewed, and the caller learns why', async () => {
  const { integrations, grants } = db.forWorkspace(workspaceId);
  const server = { authorizationEndpoint: 'https://a.example.com/', tokenEndpoint: 'https://a.example.com/t' };
  const { customerIntegrationId } = await integrations.create(anIntegration());
  const target = { ...aTarget(customerIntegrationId), oauthServer: server } as ReturnType<typeof aTarget>;
  await grants.store(target, 'ada', { accessToken: new Secret('a'), refreshToken: new Secret('r') });
  await hold();
  const refused = await grants.claim(target, 'ada', randomUUID()).catch((error: unknown) => error);
  expect(refused).toMatchObject({ code: 'unavailable', message: expect.stringContaining('restored from a backup') });
  await resume();
  expect(await grants.claim(target, 'ada', randomUUID())).toMatchObject({ kind: 'mine' });
});

test('periodic tasks wait for the resumption', async () => {
  await hold();
  let isOver = false;
  const waiting = waitWhileHeld(db.pool, new AbortController().signal).then(() => (isOver = true));
  expect(await readHold(db.pool)).toMatchObject({ backupId: expect.any(String) });
  expect(isOver).toBe(false);
  await resume();
  await waiting;
  expect(await resume()).toBeUndefined();
});

test('the status names the hold, and no message to a webhook counts as late', async () => {
  const webhook = await db
    .forWorkspace(workspaceId)
    .webhooks.create({ url: 'https://a.example.com/', events: ['run.end'], active: true });
  await sql.query(
    `INSERT INTO webhook_delivery (workspace_id, delivery_id, webhook_id, type, data, created_at, next_attempt_at)
     VALUES ($1, $2, $3, 'webhook.test', '{}', now(), now() - interval '1 hour')`,
    [workspaceId, newId(), webhook!.webhookId],
  );
  const lateSeconds = async () => (await db.loadReader().read(['webhooks'])).load.webhooks?.oldestDueSeconds;
  const status = () => databaseStatus(db.pool).read();
  await hold();
  expect((await status()).queue).toMatchObject({ heldSince: expect.stringMatching(/^\d{4}-.*Z$/) });
  expect(await lateSeconds()).toBe(0);
  await resume();
  expect((await status()).queue).toEqual({ due: 0, claimed: 0, oldestDueSeconds: 0 });
  expect(await lateSeconds()).toBeGreaterThan(3000);
});
