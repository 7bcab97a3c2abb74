import pg from 'pg';
import { v7 as uuid } from 'uuid';
import { afterAll, beforeEach, expect, inject, test } from 'vitest';
import { readCallTexts } from '../runs/calls.ts';
import { readEvents } from '../runs/events.ts';

import { readRunForResponse } from '../runs/run-for-response.ts';
import { newId, type RunScope } from '../statements/scope.ts';
import { createTestDatabase, type TestDatabase } from '../testing/database.ts';
import { type RunRetention, removeOld } from './removal.ts';

const opened: { database: TestDatabase; pool: pg.Pool }[] = [];
let pool: pg.Pool;
let scope: RunScope;
let url: string;

// Each test has a separate database, because removals affect all data.
beforeEach(async () => {
  const database = await createTestDatabase(inject('postgres'));
  url = database.url;
  pool = new pg.Pool({ connectionString: url, max: 4 });
  opened.push({ database, pool });
  scope = { pool, workspaceId: newId() };
});
afterAll(async () => {
  for (const database of opened) {
    await database.pool.end();
    await database.database.drop();
  }
});

const connect = async () => {
  const client = new pg.Client({ connectionString: url });
  await client.connect();
  return client;
};
const remove = (ages: RunRetention, signal = new AbortController().signal) => removeOld(connect, ages, signal);
const DAY = 86_400_000;
const monthOf = (daysAgo: number) => new Date(Date.now() - daysAgo * DAY);
const partition = (at: Date) => `run_event_${at.toISOString().slice(0, 10).replaceAll('-', '')}`;

/** A run that was made and ended so many days ago (null: it is open), with three events and a call. */
async function aRun(madeDaysAgo: number, endedDaysAgo: number | null = madeDaysAgo): Promise<string> {
  const month = monthOf(madeDaysAgo);
  const runId = uuid({ msecs: month.getTime() });
  await pool.query(
    `SELECT errand_partitions.ensure('run_event', $1, 'day'), errand_partitions.ensure('ledger', $1, 'day')`,
    [month],
  );
  const ended = endedDaysAgo === null ? null : monthOf(endedDaysAgo);
  await pool.query(
    `INSERT INTO run (workspace_id, run_id, execution_plan_id, repeat_key, status, intent, user_id, selected, integrations, signature, result, summary, seq, tool_calls, ended_at,
       due, not_before)
     VALUES ($1, $2, $2, 'k', $3, 'Sum up', 'user-1', '{}', '{crm_00000000}', '\\x00', '{"total": 7}', 'Found 7 of Northwind.', 3, 1, $4,
       0, CASE WHEN $4::timestamptz IS NULL THEN now() END)`,
    [scope.workspaceId, runId, ended ? 'SUCCESS' : 'PAUSED', ended],
  );
  await pool.query(
    `INSERT INTO execution_plan (workspace_id, execution_plan_id, run_id, plan_type, plan, made_by) VALUES ($1, $2, $2, 'json', '{}', 'x')`,
    [scope.workspaceId, runId],
  );
  await pool.query(
    `INSERT INTO earlier_plan (workspace_id, execution_plan_id, version, plan, made_by, made_at) VALUES ($1, $2, 2, '{}', 'x', now())`,
    [scope.workspaceId, runId],
  );
  await pool.query(
    `INSERT INTO run_integration (workspace_id, customer_integration_id, run_id) VALUES ($1, 'crm_00000000', $2)`,
    [scope.workspaceId, runId],
  );
  await pool.query(`INSERT INTO run_text (workspace_id, run_id, words) VALUES ($1, $2, 'sum up')`, [
    scope.workspaceId,
    runId,
  ]);
  await pool.query(
    `INSERT INTO run_event (workspace_id, run_id, seq, type, data, tool_calls) VALUES
       ($1, $2, 1, 'start', '{"runStatus":"RUNNING"}', NULL),
       ($1, $2, 2, 'step', '{"runStatus":"RUNNING","step":{"stepId":"s","approval":"PENDING","text":"Waits for approval: Pay Northwind."}}', '["s", {"toolCallId": "t", "toolParameters": "secret"}]'),
       ($1, $2, 3, 'end', '{"runStatus":"SUCCESS","result":{"total":7},"summary":"Found 7 of Northwind."}', NULL)`,
    [scope.workspaceId, runId],
  );
  await pool.query(
    `INSERT INTO ledger (workspace_id, run_id, key, kind, tool, args, state, output)
     VALUES ($1, $2, 's', 'tool', 'crm_00000000.getItem', '{"id": 1}', 'DONE', '{"total": 7}')`,
    [scope.workspaceId, runId],
  );
  return runId;
}

const page = { limit: 10, bytes: 10_000 };
const callOf = async (runId: string) =>
  (await readCallTexts(scope, [{ runId, key: 's' }], new Map([[runId, 10_000]])))[0];
const eventsOf = async (runId: string) => (await readEvents(scope, runId, 0, page)).rows.length;
const count = async (table: string, runId: string) =>
  (await pool.query(`SELECT count(*)::int AS n FROM ${table} WHERE run_id = $1`, [runId])).rows[0].n;
const parts = async () =>
  (
    await pool.query(`SELECT relname FROM pg_class WHERE relname ~ '^(run_event|ledger)_[0-9]{6,8}$' AND relkind = 'r'`)
  ).rows.map((row) => row.relname);

const readRun = (runId: string) => readRunForResponse(scope, runId, { maxBytes: 10_000, requests: 0 });

test('nothing is removed by default', async () => {
  const old = await aRun(2000);
  expect(await remove({})).toEqual({ partitions: 0, events: 0, outputs: 0, runs: 0 });
  expect(await eventsOf(old)).toBe(3);
});

test('events go when their time is over; the run stays, and so do those of younger and open runs of the same day', async () => {
  const [old, open, young] = [await aRun(70), await aRun(70, null), await aRun(70, 10)];
  expect(await remove({ eventDays: 30 })).toMatchObject({ partitions: 0, events: 1 });
  expect([await eventsOf(old), await eventsOf(open), await eventsOf(young)]).toEqual([0, 3, 3]);
  expect(await readRun(old)).toMatchObject({ status: 'SUCCESS', seq: 3, result: '{"total": 7}' });
  expect(await remove({ eventDays: 30 })).toMatchObject({ events: 0 });
  expect(await remove({ eventDays: 5 })).toMatchObject({ events: 1 });
  expect([await eventsOf(open), await eventsOf(young)]).toEqual([3, 0]);
});

test('a partition is dropped once no run needs its events, however long the run lasts', async () => {
  const long = await aRun(100, null);
  const month = partition(monthOf(100));
  await aRun(100);
  expect(await remove({ eventDays: 30 })).toMatchObject({ events: 1 });
  expect(await parts()).toContain(month);
  await pool.query(
    `UPDATE run SET status = 'FAILED', not_before = NULL, ended_at = now() - interval '29 days' WHERE run_id = $1`,
    [long],
  );
  expect(await remove({ eventDays: 30 })).toMatchObject({ partitions: 0 });
  expect(await eventsOf(long)).toBe(3);
  await remove({ eventDays: 28 });
  expect(await parts()).not.toContain(month);
  expect(await eventsOf(long)).toBe(0);
  expect(await parts()).toContain(partition(new Date())); // today's stays
});

test('a month that an earlier release detached before it ended is dropped', async () => {
  await pool.query('CREATE TABLE errand_partitions.run_event_202001 (LIKE run_event)');
  await remove({ eventDays: 30 });
  expect(await parts()).not.toContain('run_event_202001');
});

const ledgerOf = (daysAgo: number) => partition(monthOf(daysAgo)).replace('run_event', 'ledger');

test('the ledger of a day is dropped after its runs; without an open run nothing is deleted one by one', async () => {
  const [first, second, young] = [await aRun(400), await aRun(400), await aRun(10)];
  await pool.query(`CREATE TABLE deleted (n int); GRANT INSERT ON deleted TO PUBLIC;
    CREATE FUNCTION count_rows() RETURNS trigger LANGUAGE plpgsql AS $$ BEGIN INSERT INTO deleted SELECT count(*) FROM gone; RETURN NULL; END $$;
    CREATE TRIGGER counts AFTER DELETE ON ledger REFERENCING OLD TABLE AS gone FOR EACH STATEMENT EXECUTE FUNCTION count_rows()`);
  expect(await remove({ runDays: 365 })).toMatchObject({ partitions: 2, runs: 2 });
  for (const run of [first, second]) expect([await count('run', run), await count('ledger', run)]).toEqual([0, 0]);
  expect((await pool.query('SELECT sum(n)::int AS n FROM deleted')).rows).toEqual([{ n: 0 }]);
  expect(await parts()).not.toContain(ledgerOf(400));
  expect(await count('ledger', young)).toBe(1);
});

test('the ledger of a day with an open run stays, without the entries of removed runs', async () => {
  const [old, open] = [await aRun(400), await aRun(400, null)];
  expect(await remove({ runDays: 365 })).toMatchObject({ partitions: 0, runs: 1 });
  expect([await count('ledger', old), await count('ledger', open)]).toEqual([0, 1]);
  expect(await parts()).toContain(ledgerOf(400));
});

test('a removal that ended after the runs and before their ledger is continued', async () => {
  const old = await aRun(400);
  await pool.query('DELETE FROM run WHERE run_id = $1', [old]);
  expect(await remove({ runDays: 365 })).toMatchObject({ runs: 0, partitions: 2 });
  expect(await count('ledger', old)).toBe(0);
});

test('runs wait for the end of their day if they are kept for a week or longer', async () => {
  const old = await aRun(30);
  const day = monthOf(30);
  const midnight = Date.UTC(day.getUTCFullYear(), day.getUTCMonth(), day.getUTCDate());
  // The run ended in the second after its day began, and is due; the day is not over.
  await pool.query('UPDATE run SET ended_at = $2 WHERE run_id = $1', [old, new Date(midnight + 1000)]);
  await pool.query(`SELECT errand_partitions.ensure_run_event(now() - interval '29 days')`);
  const days = (Date.now() - midnight) / DAY - 0.1;
  expect(await remove({ eventDays: days })).toMatchObject({ events: 0, partitions: 0 });
  expect(await eventsOf(old)).toBe(3);
  expect(await remove({ eventDays: days - 1 })).toMatchObject({ partitions: 1 });
  expect(await eventsOf(old)).toBe(0);
});

test('a run that ended in the day after its own goes with the partitions of its day', async () => {
  const midnight = monthOf(30).setUTCHours(0, 0, 0, 0);
  const daysSince = (at: number) => (Date.now() - at) / DAY;
  const old = await aRun(daysSince(midnight - 1000), daysSince(midnight + 5000));
  for (const parent of ['run_event', 'ledger'])
    await pool.query(`SELECT errand_partitions.ensure($1, $2, 'day')`, [parent, new Date(midnight)]);
  expect(await remove({ runDays: daysSince(midnight + DAY / 2) })).toMatchObject({ partitions: 2, events: 0, runs: 1 });
  expect([await eventsOf(old), await count('ledger', old)]).toEqual([0, 0]);
});

test('outputs go from ledger, result and events, and what happened stays', async () => {
  const [old, young] = [await aRun(20), await aRun(3)];
  expect(await remove({ outputDays: 7 })).toMatchObject({ outputs: 1 });
  const run = await readRun(old);
  expect(run).toMatchObject({ status: 'SUCCESS', resultBytes: 0, result: null, summary: null });
  expect(run!.outputsRemovedAt).toBeInstanceOf(Date);
  const { rows } = await readEvents(scope, old, 0, page);
  expect(rows.map((row) => row.type)).toEqual(['start', 'step', 'end']);
  expect(JSON.parse(rows[1]!.toolCalls!)).toEqual(['s', 't']);
  expect(JSON.parse(rows[1]!.data)).toEqual({ runStatus: 'RUNNING', step: { stepId: 's', approval: 'PENDING' } });
  expect(JSON.parse(rows[2]!.data)).toEqual({ runStatus: 'SUCCESS' });
  expect(await callOf(old)).toEqual({
    tool: 'crm_00000000.getItem',
    attemptTimes: null,
    args: null,
    output: null,
    bytes: 0,
    isRemoved: true,
    facts: expect.stringContaining('"state":"done"'),
    request: null,
  });
  expect(await readRun(young)).toMatchObject({ result: '{"total": 7}', outputsRemovedAt: null });
  expect((await callOf(young))?.output).toBe('{"total": 7}');
});

test('the choices and answers of questions go with the outputs; that people were asked stays', async () => {
  const old = await aRun(20);
  await pool.query(
    `INSERT INTO run_event (workspace_id, run_id, seq, type, data) VALUES
       ($1, $2, 4, 'question', '{"runStatus":"PAUSED","question":"Which?","choices":[{"value":"secret","label":"secret"}]}'),
       ($1, $2, 5, 'answer', '{"runStatus":"RUNNING","answer":"secret","answeredBy":"Ann"}')`,
    [scope.workspaceId, old],
  );
  await remove({ outputDays: 7 });
  const { rows } = await readEvents(scope, old, 3, page);
  expect(rows.map(({ data }) => JSON.parse(data))).toEqual([
    { runStatus: 'PAUSED', question: 'Which?' },
    { runStatus: 'RUNNING', answeredBy: 'Ann' },
  ]);
});

test('the words of results and errors go with the outputs; those of the intent stay', async () => {
  const [old, young] = [await aRun(20), await aRun(2)];
  await pool.query(`UPDATE run_text SET words = words || 'northwind'::tsvector WHERE run_id = ANY($1)`, [[old, young]]);
  await remove({ outputDays: 7 });
  const words = `SELECT run_id AS id, words @@ 'northwind' AS result, words @@ 'sum & up' AS intent FROM run_text WHERE run_id = ANY($1)`;
  const { rows } = await pool.query(words, [[old, young]]);
  expect(new Map(rows.map(({ id, result, intent }) => [id, [result, intent]]))).toEqual(
    new Map([
      [old, [false, true]],
      [young, [true, true]],
    ]),
  );
});

test('whole runs go with all that belongs to them; open ones never', async () => {
  const [old, open, young] = [await aRun(400), await aRun(400, null), await aRun(10)];
  expect(await remove({ runDays: 365 })).toMatchObject({ runs: 1 });
  for (const table of ['run', 'run_event', 'ledger', 'execution_plan', 'run_integration', 'run_text']) {
    expect([table, await count(table, old)]).toEqual([table, 0]);
    expect([table, (await count(table, open)) > 0, (await count(table, young)) > 0]).toEqual([table, true, true]);
  }
  const { rows } = await pool.query('SELECT execution_plan_id AS id FROM earlier_plan ORDER BY id');
  expect(rows.map(({ id }) => id)).toEqual([open, young].sort());
});

test('a run that somebody holds is left for the next time, and holds nothing up', async () => {
  const [locked, free] = [await aRun(40), await aRun(41)];
  const holder = await connect();
  await holder.query('BEGIN');
  await holder.query('SELECT 1 FROM run WHERE run_id = $1 FOR UPDATE', [locked]);
  expect(await remove({ runDays: 30 })).toMatchObject({ runs: 1 });
  expect(await readRun(free)).toBeNull();
  await holder.query('COMMIT');
  await holder.end();
  expect(await remove({ runDays: 30 })).toMatchObject({ runs: 1 });
  expect(await readRun(locked)).toBeNull();
});

test('one process at a time removes, and the next one continues where a stopped one was', async () => {
  const holder = await connect();
  await holder.query(`SELECT pg_advisory_lock(hashtextextended('errand.retention', 0))`);
  expect(await remove({ runDays: 1 })).toBeNull();
  await holder.end();
  const ids = [];
  for (let i = 0; i < 6; i++) ids.push(await aRun(60 + i));
  await pool.query('UPDATE run SET seq = 4000'); // one or two of them fill a transaction
  const stopping = new AbortController();
  const work = removeOld(
    async () => {
      const client = await connect();
      const query = client.query.bind(client) as (...args: unknown[]) => Promise<unknown>;
      let steps = 0;
      client.query = (async (text: string, ...more: unknown[]) => {
        if (text.includes('DELETE') && ++steps === 2) stopping.abort();
        return query(text, ...more);
      }) as typeof client.query;
      return client;
    },
    { eventDays: 30 },
    stopping.signal,
  );
  const first = (await work)!.events;
  expect(first).toBeGreaterThan(0);
  expect(first).toBeLessThan(6);
  expect((await remove({ eventDays: 30 }))!.events).toBe(6 - first);
  for (const id of ids) expect(await eventsOf(id)).toBe(0);
});

test('writers do not wait for a partition that cannot be locked', async () => {
  await aRun(100);
  const reader = await connect();
  await reader.query('BEGIN');
  await reader.query('SELECT count(*) FROM run_event');
  await expect(remove({ eventDays: 30 })).rejects.toMatchObject({ code: '55P03' });
  expect(await parts()).toContain(partition(monthOf(100)));
  await reader.query('COMMIT');
  await reader.end();
  await remove({ eventDays: 30 });
  expect(await parts()).not.toContain(partition(monthOf(100)));
});
