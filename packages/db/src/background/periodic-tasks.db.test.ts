import { EventEmitter, once } from 'node:events';
import { setTimeout as sleep } from 'node:timers/promises';
import { makeWorkerUtils } from 'graphile-worker';
import type pg from 'pg';
import { expect, inject, onTestFinished, test } from 'vitest';
import { openDatabase } from '../database.ts';
import { addToolsJob, type ToolsJob } from '../integrations/list-reads.ts';
import { newId } from '../statements/scope.ts';
import { createTestDatabase } from '../testing/database.ts';
import { masterKey } from '../testing/master-key.ts';
import { createTasks, startPeriodicTasks } from './periodic-tasks.ts';

const logTo = (lines: string[]) => {
  const log = (fields: object, text: string) => void lines.push(JSON.stringify({ ...fields, text }));
  return { info: log, warn: log };
};

test('old data are removed according to the settings and logged; without settings nothing is removed', async () => {
  const database = await createTestDatabase(inject('postgres'));
  const db = openDatabase({ ...database.logins, masterKeys: [masterKey()] });
  await db.pool.query(
    `INSERT INTO run (workspace_id, run_id, execution_plan_id, repeat_key, status, intent, user_id, selected, signature, due, ended_at)
     SELECT gen_random_uuid(), id, id, 'k', 'SUCCESS', 'Old', 'user-1', '{}', '\\x00', 0, now() - interval '40 days' FROM gen_random_uuid() AS id`,
  );
  const lines: string[] = [];
  const log = logTo(lines);
  const runs = async () => (await db.pool.query('SELECT 1 FROM run')).rows.length;

  const { signal } = new AbortController();
  await createTasks(db, {}, log, signal).removal();
  expect(await runs()).toBe(1);
  await createTasks(db, { runDays: 30 }, log, signal).removal();
  expect(await runs()).toBe(0);
  expect(lines.join('')).toContain('"removed":{"partitions":0,"events":1,"outputs":0,"runs":1}');
  await db.close();
  await database.drop();
});

test('periodic tasks run on schedule and remove all expired keys', async () => {
  const database = await createTestDatabase(inject('postgres'));
  const db = openDatabase({ ...database.logins, masterKeys: [masterKey()] });
  const key = `gen_random_uuid(), 'runs.create', i::text, '\\x00', 'DONE', now() + $1::interval`;
  const insert = `INSERT INTO idempotency (workspace_id, operation, key, request_sha256, state, expires_at) SELECT ${key} FROM generate_series(1, $2) AS i`;
  await db.pool.query(insert, ['-1 minute', 5001]);
  await db.pool.query(insert, ['1 day', 1]);
  const lines: string[] = [];
  const end = startPeriodicTasks(db, {}, logTo(lines));
  const jobs = await makeWorkerUtils({ connectionString: database.url });
  await jobs.addJob('expired_keys', {});
  await expect
    .poll(async () => (await db.pool.query('SELECT key FROM idempotency')).rows, { timeout: 15_000 })
    .toEqual([{ key: '1' }]);
  await jobs.release();
  await end();
  expect(lines).toEqual([]);
  await db.close();
  await database.drop();
});

test('periodic tasks that are stopped during their start leave no connection', async () => {
  const database = await createTestDatabase(inject('postgres'));
  const db = openDatabase({ ...database.logins, masterKeys: [masterKey()] });
  const connect = db.clock.connect.bind(db.clock) as () => Promise<unknown>;
  const began = new EventEmitter();
  const first = once(began, 'connects');
  db.clock.connect = (async (...args: []) => {
    began.emit('connects');
    return connect(...args);
  }) as typeof db.clock.connect;
  const end = startPeriodicTasks(db, {}, logTo([]));
  await first;
  await end();
  // A leaked connection would be open now.
  await sleep(500);
  expect(db.clock.totalCount - db.clock.idleCount).toBe(0);
  await db.close();
  await database.drop();
});

test('a job that reads tools is aborted when the tasks stop', async () => {
  const database = await createTestDatabase(inject('postgres'));
  const db = openDatabase({ ...database.logins, masterKeys: [masterKey()] });
  const jobs = new EventEmitter();
  const begun = once(jobs, 'begin');
  let aborted = false;
  const readTools = async (_: ToolsJob, signal: AbortSignal) => {
    jobs.emit('begin');
    await once(signal, 'abort');
    aborted = true;
    throw signal.reason;
  };
  const end = startPeriodicTasks(db, {}, logTo([]), { readTools });
  await addToolsJob(db.pool, { workspaceId: newId(), customerIntegrationId: 'crm', userId: 'ada' });
  await begun;
  await end();
  expect(aborted).toBe(true);
  await db.close();
  await database.drop();
});

/** Rejections that nothing handled, which would end a service. */
function unhandledRejections(): unknown[] {
  const rejections: unknown[] = [];
  const note = (reason: unknown) => void rejections.push(reason);
  const others = process.listeners('unhandledRejection');
  process.removeAllListeners('unhandledRejection').on('unhandledRejection', note);
  onTestFinished(() => {
    process.off('unhandledRejection', note);
    for (const listener of others) process.on('unhandledRejection', listener);
  });
  return rejections;
}

const MAX_CLOCK = 3;

test.each<[end: string, readTools: () => Promise<void>]>([
  ['a finished job', async () => {}],
  ['a failed job', async () => Promise.reject(new Error('no answer'))],
])('%s is noted once a connection is free again, and no rejection is left unhandled', async (_, end) => {
  const database = await createTestDatabase(inject('postgres'));
  const db = openDatabase({ ...database.logins, masterKeys: [masterKey()], connectTimeoutMs: 200 });
  const rejections = unhandledRejections();
  const connect = db.clock.connect.bind(db.clock) as () => Promise<pg.PoolClient>;
  const events = new EventEmitter();
  db.clock.connect = ((...args: []) => {
    const connecting = connect(...args);
    if (args.length === 0) connecting.catch(() => events.emit('failed'));
    return connecting;
  }) as typeof db.clock.connect;
  const isHeld = once(events, 'held');
  const held: pg.PoolClient[] = [];
  let calls = 0;
  const readTools = async () => {
    calls++;
    // The tasks listen on the first connection.
    while (calls === 1 && held.length < MAX_CLOCK - 1) held.push(await connect());
    events.emit('held');
    await end();
  };
  const stop = startPeriodicTasks(db, {}, logTo([]), { readTools });
  await addToolsJob(db.pool, { workspaceId: newId(), customerIntegrationId: 'crm', userId: 'ada' });
  await isHeld;
  // The job, and at most two others that look for one.
  for (let failures = 0; failures < MAX_CLOCK; failures++) await once(events, 'failed');
  for (const client of held) client.release();
  const locked = async () =>
    (await db.pool.query('SELECT FROM graphile_worker.jobs WHERE locked_at IS NOT NULL')).rowCount;
  await expect.poll(locked, { timeout: 20_000 }).toBe(0);
  await stop();
  await db.close();
  expect(rejections).toEqual([]);
  await database.drop();
});
