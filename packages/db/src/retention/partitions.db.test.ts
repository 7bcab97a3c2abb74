// Partitions are dropped only when no run of their time is open: races with transactions that are not visible yet, and locks of others.
import { setTimeout as sleep } from 'node:timers/promises';
import pg from 'pg';
import { v7 as uuid } from 'uuid';
import { afterEach, beforeEach, expect, inject, test } from 'vitest';
import { newId } from '../statements/scope.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import {
  dropPartitions,
  droppable,
  ensurePartitions,
  readNow,
  readPartitions,
  removalEnd,
  spanOf,
} from './partitions.ts';

const workspaceId = newId();
const DAY = 86_400_000;
const MADE_AT = Date.now() - 40 * DAY;
const until = new Date(Date.now() - 30 * DAY);
const removalOf = (at: Date) => ({ at, until: at });
const dayOf = (at: number) => new Date(at).toISOString().slice(0, 10).replaceAll('-', '');
const PART = `ledger_${dayOf(MADE_AT)}`;
const { signal } = new AbortController();

let database: TestDatabase;
let pool: pg.Pool;
let client: pg.Client;

beforeEach(async () => {
  database = await createTestDatabase(inject('postgres'));
  pool = new pg.Pool({ connectionString: database.url, max: 4 });
  client = new pg.Client({ connectionString: database.url });
  await client.connect();
  await client.query('SET ROLE errand_system');
  for (const parent of ['run_event', 'ledger'])
    await client.query(`SELECT errand_partitions.ensure($1, $2, 'day')`, [parent, new Date(MADE_AT)]);
});
afterEach(async () => {
  await client.end();
  await pool.end();
  await database.drop();
});

/** A run of forty days ago with an event and a call. */
async function addRun(runner: Pick<pg.Client, 'query'>, status = 'RUNNING', endedAt: Date | null = null) {
  const runId = uuid({ msecs: MADE_AT });
  await runner.query(
    `INSERT INTO run (workspace_id, run_id, execution_plan_id, repeat_key, status, intent, user_id, selected, signature, seq, due, not_before, lease, ended_at)
     VALUES ($1, $2, $2, NULL, $3, 'Pay', 'user-1', '{}', '\\x00', 1, CASE $3 WHEN 'QUEUED' THEN 1 ELSE 0 END,
       CASE $3 WHEN 'PAUSED' THEN now() + interval '1 day' END, CASE $3 WHEN 'RUNNING' THEN 'pool' END, $4)`,
    [workspaceId, runId, status, endedAt],
  );
  await runner.query(
    `INSERT INTO run_event (workspace_id, run_id, seq, type, data) VALUES ($1, $2, 1, 'start', '{}')`,
    [workspaceId, runId],
  );
  await runner.query(
    `INSERT INTO ledger (workspace_id, run_id, key, kind, effect, state) VALUES ($1, $2, 'pay', 'tool', 'write', 'DONE')`,
    [workspaceId, runId],
  );
  return runId;
}
const entries = async (runId: string) => (await pool.query('SELECT FROM ledger WHERE run_id = $1', [runId])).rowCount;
const empty = (runner: pg.Client, since: Date, part = PART) =>
  runner.query('SELECT errand_partitions.empty($1, $2, $3) AS done', [
    part.startsWith('ledger') ? 'ledger' : 'run_event',
    part,
    since,
  ]);

/** Resolves once the session waits for a lock. */
async function waitsForLock(pid: number) {
  for (;;) {
    const { rows } = await pool.query(`SELECT FROM pg_stat_activity WHERE pid = $1 AND wait_event_type = 'Lock'`, [
      pid,
    ]);
    if (rows.length > 0) return;
    await sleep(5);
  }
}
const pidOf = (session: pg.Client) => (session as unknown as { processID: number }).processID;

/** A run of the day is stored by a transaction that the removal cannot see when it looks for runs. */
async function dropWhileARunIsStored(status: string, endedAt: Date | null = null) {
  const since = await readNow(client);
  const found = await droppable(client, 'ledger', removalOf(until));
  expect(found.map(({ name }) => name)).toContain(PART);
  const creator = await pool.connect();
  await creator.query('BEGIN');
  const runId = await addRun(creator, status, endedAt);
  const dropping = dropPartitions(client, found, since, signal);
  await waitsForLock(pidOf(client));
  await creator.query('COMMIT');
  creator.release();
  return { dropped: await dropping, runId };
}

test.each(['RUNNING', 'QUEUED', 'PAUSED'])(
  'a %s run that is committed while its partition is locked keeps its ledger',
  async (status) => {
    const { dropped, runId } = await dropWhileARunIsStored(status);
    expect([dropped, await entries(runId)]).toEqual([0, 1]);
  },
);

test('a run that is stored and ends meanwhile keeps its ledger', async () => {
  const { dropped, runId } = await dropWhileARunIsStored('SUCCESS', new Date());
  expect([dropped, await entries(runId)]).toEqual([0, 1]);
});

test('without the look for open runs under the lock the ledger of an open run would be lost', async () => {
  await pool.query(
    `CREATE OR REPLACE FUNCTION errand_partitions.has_open_run(low uuid, high uuid) RETURNS boolean LANGUAGE sql AS 'SELECT false'`,
  );
  const { dropped, runId } = await dropWhileARunIsStored('RUNNING');
  expect([dropped, await entries(runId)]).toEqual([1, 0]);
});

test('rows that come between the two transactions of a drop keep the partition', async () => {
  const since = await readNow(client);
  const query = client.query.bind(client) as (...values: unknown[]) => Promise<unknown>;
  let runId = '';
  client.query = (async (text: string, ...values: unknown[]) => {
    if (text.includes('drop_empty')) runId = await addRun(pool as unknown as pg.Client);
    return query(text, ...values);
  }) as typeof client.query;
  const partitions = (await readPartitions(client, 'ledger')).filter(({ name }) => name === PART);
  expect(await dropPartitions(client, partitions, since, signal)).toBe(0);
  expect(await entries(runId)).toBe(1);
});

test('of two removals at once one drops the partition, and the other one finds none', async () => {
  const since = await readNow(client);
  const partitions = (await readPartitions(client, 'ledger')).filter(({ name }) => name === PART);
  const second = new pg.Client({ connectionString: database.url });
  await second.connect();
  const dropped = await Promise.all([client, second].map((each) => dropPartitions(each, partitions, since, signal)));
  await second.end();
  expect(dropped.sort()).toEqual([0, 1]);
});

test('a partition is dropped only after all its runs have ended before the time, in every workspace', async () => {
  const names = async () => (await droppable(client, 'ledger', removalOf(until))).map(({ name }) => name);
  const runId = await addRun(pool as unknown as pg.Client);
  for (let n = 0; n < 3; n++)
    await pool.query(
      `INSERT INTO run (workspace_id, run_id, execution_plan_id, status, intent, user_id, selected, signature, due, ended_at)
       VALUES ($1, $2, $2, 'SUCCESS', 'Pay', 'user-1', '{}', '\\x00', 0, $3)`,
      [newId(), uuid({ msecs: MADE_AT }), new Date(MADE_AT + 1000)],
    );
  expect(await names()).not.toContain(PART);
  const end = `UPDATE run SET status = 'SUCCESS', lease = NULL, ended_at = $2 WHERE run_id = $1`;
  await pool.query(end, [runId, new Date(until.getTime() + 1000)]);
  expect(await names()).not.toContain(PART);
  await pool.query(end, [runId, new Date(until.getTime() - 1000)]);
  expect(await names()).toContain(PART);
  expect((await droppable(client, 'ledger', removalOf(new Date(MADE_AT)))).map(({ name }) => name)).not.toContain(PART);
});

test('a reader holds a drop up for no longer than the lock timeout, and keeps all rows', async () => {
  const runId = await addRun(pool as unknown as pg.Client, 'SUCCESS', new Date(MADE_AT));
  const reader = await pool.connect();
  await reader.query('BEGIN');
  await reader.query('SELECT FROM ledger');
  await client.query(`SET lock_timeout = '50ms'`);
  await expect(empty(client, await readNow(client))).rejects.toMatchObject({ code: '55P03' });
  expect(await entries(runId)).toBe(1);
  await reader.query('COMMIT');
  reader.release();
});

test('a drop gives up after two seconds', async () => {
  await client.query(`SET lock_timeout = '1min'`);
  const reader = await pool.connect();
  await reader.query('BEGIN');
  await reader.query('SELECT FROM ledger');
  const partitions = (await readPartitions(client, 'ledger')).filter(({ name }) => name === PART);
  const drop = dropPartitions(client, partitions, await readNow(client), signal);
  await expect(drop).rejects.toMatchObject({ code: '57014' });
  await reader.query('COMMIT');
  reader.release();
  expect(await dropPartitions(client, partitions, await readNow(client), signal)).toBe(1);
});

test('missing partitions are made after a reader of the default partition has ended', async () => {
  await pool.query(
    'SELECT errand_partitions.drop_empty(p.parent, b.name) FROM unnest($1::text[]) AS p(parent), errand_partitions.bounds(p.parent) AS b',
    [['run_event', 'ledger']],
  );
  const reader = await pool.connect();
  await reader.query('BEGIN');
  await reader.query('SELECT FROM ledger');
  const made = ensurePartitions(pool, { run_event: 30, ledger: 365 });
  await expect.poll(async () => (await pool.query(`SELECT FROM pg_locks WHERE NOT granted`)).rowCount).toBe(1);
  await reader.query('COMMIT');
  reader.release();
  expect(await made).toBe(4 + 2);
  expect(await ensurePartitions(pool, { run_event: 30, ledger: 365 })).toBe(0);
});

test('a row that is written while its partition is made gets into that partition', async () => {
  const madeAt = MADE_AT - 2 * DAY;
  const maker = await pool.connect();
  await maker.query('BEGIN');
  await maker.query(`SELECT errand_partitions.ensure('ledger', $1, 'day')`, [new Date(madeAt)]);
  const writer = await pool.connect();
  const writing = writer.query(
    `INSERT INTO ledger (workspace_id, run_id, key, kind, effect, state) VALUES ($1, $2, 'pay', 'tool', 'write', 'DONE')
     RETURNING tableoid::regclass::text AS place`,
    [workspaceId, uuid({ msecs: madeAt })],
  );
  await waitsForLock(pidOf(writer));
  await maker.query('COMMIT');
  expect((await writing).rows).toEqual([{ place: `errand_partitions.ledger_${dayOf(madeAt)}` }]);
  for (const session of [maker, writer]) session.release();
});

test('a login that the policies show no rows looks for no open run', async () => {
  const role = `blind_${newId().replaceAll('-', '')}`;
  const session = await pool.connect();
  await session.query(`BEGIN; CREATE ROLE ${role} NOINHERIT; GRANT errand_system TO ${role};
    GRANT USAGE ON SCHEMA errand_partitions TO ${role};
    GRANT EXECUTE ON FUNCTION errand_partitions.has_open_run(uuid, uuid) TO ${role}; SET LOCAL ROLE ${role}`);
  await expect(
    session.query(
      `SELECT errand_partitions.has_open_run(errand_partitions.uuid_floor('epoch'), errand_partitions.uuid_floor(now()))`,
    ),
  ).rejects.toThrow(`must inherit errand_system: GRANT errand_system TO ${role}`);
  await session.query('ROLLBACK');
  session.release();
});

test('the span of partitions keeps their number low', () => {
  const partitions = [1, 7, 30, 62, 63, 90, 365, 400, 401, 730, 1825].map((days) => {
    const span = spanOf(days);
    return Math.ceil(days / { day: 1, week: 7, month: 30 }[span]);
  });
  expect(Math.max(...partitions)).toBeLessThanOrEqual(62);
  expect(spanOf(undefined)).toBe('month');
});

test('ended runs wait for the end of their partition, unless it is long for their retention', async () => {
  const midnight = (at: number) => new Date(at - (at % DAY));
  const days = (Date.now() - MADE_AT) / DAY;
  expect((await removalEnd(client, 'ledger', days)).until).toEqual(midnight(MADE_AT));
  await client.query(`SELECT errand_partitions.ensure('ledger', $1, 'day')`, [new Date(Date.now() - 3 * DAY)]);
  const short = await removalEnd(client, 'ledger', 3);
  expect(short.until).toEqual(short.at);
  expect(short.at.getTime()).toBeGreaterThan(midnight(Date.now() - 3 * DAY).getTime());
});
