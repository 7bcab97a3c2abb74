import { setTimeout as pause } from 'node:timers/promises';
import type { Client, Pool } from 'pg';
import { forgetWords } from '../runs/list/result-words.ts';

/** Retention of the data of an ended run, in days since its end; unlimited if undefined. */
export type RunRetention = {
  eventDays?: number;
  /** The arguments and outputs of its calls, and its result. */
  outputDays?: number;
  /** The run with all its data. */
  runDays?: number;
};

/** The number of runs that each kind of removal processed, and of dropped partitions. */
export type Removed = { partitions: number; events: number; outputs: number; runs: number };

const LOCK = `SELECT pg_try_advisory_lock(hashtextextended('errand.retention', 0)) AS mine`;
// Background work: it waits only briefly for locks, and is repeated after a crash.
const SESSION = `SET lock_timeout = '200ms'; SET statement_timeout = '60s'; SET synchronous_commit = off; SET enable_seqscan = off`;

/**
 * Removes old data in small transactions, with pauses of the same length. One process at a time removes data; the next one
 * continues where the last one stopped. Returns null while another process removes data.
 * @param connect opens a connection outside the pool
 * @param signal stops it after the current transaction
 * @throws database errors, such as a lock timeout; the next call continues
 */
export async function removeOld(
  connect: () => Promise<Client>,
  { eventDays, outputDays, runDays }: RunRetention,
  signal: AbortSignal,
): Promise<Removed | null> {
  const client = await connect();
  try {
    await client.query(SESSION);
    if (!(await client.query<{ mine: boolean }>(LOCK)).rows[0]!.mine) return null;
    const removed: Removed = { partitions: 0, events: 0, outputs: 0, runs: 0 };
    const remove = async (step: typeof removeRuns, days: number) =>
      repeatStep(client, step, await cutoff(client, days), signal);
    const events = smallerOf(eventDays, runDays);
    if (events !== undefined) {
      removed.partitions = await dropPartitions(client, await cutoff(client, events), signal);
      removed.events = await remove(stepWithMark('events', DELETE_EVENTS, 'seq'), events);
    }
    if (outputDays !== undefined && outputDays < (runDays ?? Number.POSITIVE_INFINITY))
      removed.outputs = await remove(stepWithMark('outputs', CLEAR_OUTPUTS, 'tool_calls'), outputDays);
    if (runDays !== undefined) removed.runs = await remove(removeRuns, runDays);
    return removed;
  } finally {
    await client.end().catch(() => {});
  }
}

const smallerOf = (a?: number, b?: number): number | undefined => (a === undefined ? b : Math.min(a, b ?? a));

async function cutoff(client: Client, days: number): Promise<Date> {
  const text = `SELECT clock_timestamp() - $1::float8 * interval '1 day' AS at`;
  return (await client.query<{ at: Date }>(text, [days])).rows[0]!.at;
}

/** Maximum number of runs, and approximate maximum of rows, in one transaction. */
const RUNS_AT_ONCE = 500;
const ROWS_AT_ONCE = 5000;

// The first runs of `due` within the row limit; at least one.
const batchOf = (weight: string) => `batch AS (SELECT * FROM (
    SELECT due.*, sum(${weight}) OVER (ORDER BY ended_at, run_id) - ${weight} AS before FROM due) AS d WHERE before < ${ROWS_AT_ONCE})`;

const DELETE_EVENTS = `gone AS (DELETE FROM run_event e USING batch s WHERE e.workspace_id = s.workspace_id AND e.run_id = s.run_id)`;

// Calls in events are replaced by their ledger keys, whose arguments and outputs are removed too.
const CLEAR_OUTPUTS = `calls AS (UPDATE ledger l SET args = NULL, output = NULL, link = NULL FROM batch s
    WHERE l.workspace_id = s.workspace_id AND l.run_id = s.run_id AND (l.args IS NOT NULL OR l.output IS NOT NULL)
  ), requests AS (UPDATE decision_request d SET args = NULL, decided_args = NULL, output = NULL, words = NULL, sealed_state = NULL,
      text = CASE WHEN d.kind = 'tool_approval' THEN 'What was asked is no longer kept.' ELSE d.text END FROM batch s
    WHERE d.workspace_id = s.workspace_id AND d.run_id = s.run_id
  ), events AS (UPDATE run_event e SET
      data = CASE WHEN e.type IN ('end', 'question', 'input', 'answer')
          THEN (e.data::jsonb - ARRAY['result', 'summary', 'choices', 'requestedSchema', 'answer'])::json
        WHEN e.data->'step'->>'approval' = 'PENDING' THEN (e.data::jsonb #- '{step,text}')::json ELSE e.data END,
      tool_calls = (SELECT json_agg(CASE json_typeof(c) WHEN 'object' THEN c->'toolCallId' ELSE c END) FROM json_array_elements(e.tool_calls) AS c)
    FROM batch s WHERE e.workspace_id = s.workspace_id AND e.run_id = s.run_id AND (e.type IN ('end', 'question', 'input', 'answer') OR e.tool_calls::text LIKE '%{%')
  ), emptied AS (UPDATE run SET result = NULL, summary = NULL, outputs_removed_at = clock_timestamp() FROM batch s
    WHERE run.workspace_id = s.workspace_id AND run.run_id = s.run_id
  ), words AS (${forgetWords('batch')})`;

// Processes ended runs in order and stores the position in the same transaction.
const stepWithMark =
  (kind: string, work: string, weight: string) =>
  async (client: Client, until: Date): Promise<Progress> => {
    const mark = await client.query<{ at: Date; id: string }>(
      'SELECT through_at AS at, through_id AS id FROM retention WHERE kind = $1',
      [kind],
    );
    const { at, id } = mark.rows[0] ?? { at: new Date(0), id: '00000000-0000-0000-0000-000000000000' };
    const { rows } = await client.query<Progress>(
      `WITH due AS MATERIALIZED (
        SELECT workspace_id, run_id, ended_at, ${weight} FROM run
        WHERE ended_at IS NOT NULL AND (ended_at, run_id) > ($2::timestamptz, $3::uuid) AND ended_at <= $4::timestamptz
        ORDER BY ended_at, run_id LIMIT ${RUNS_AT_ONCE}
      ), ${batchOf(weight)}, ${work}, marked AS (
        INSERT INTO retention (kind, through_at, through_id)
        SELECT $1, ended_at, run_id FROM batch ORDER BY ended_at DESC, run_id DESC LIMIT 1
        ON CONFLICT (kind) DO UPDATE SET through_at = excluded.through_at, through_id = excluded.through_id
      )
      SELECT count(*)::int AS runs FROM batch`,
      [kind, at, id, until],
    );
    return rows[0]!;
  };

// Feedback and decision requests are deleted by cascade. A locked run is skipped until the next call.
async function removeRuns(client: Client, until: Date): Promise<Progress> {
  const { rows } = await client.query<Progress>(
    `WITH due AS MATERIALIZED (
        SELECT workspace_id, run_id, ended_at, execution_plan_id, integrations, seq + tool_calls + 5 AS weight FROM run
        WHERE ended_at IS NOT NULL AND ended_at <= $1::timestamptz ORDER BY ended_at, run_id LIMIT ${RUNS_AT_ONCE} FOR UPDATE SKIP LOCKED
      ), ${batchOf('weight')}, ${DELETE_EVENTS},
      calls AS (DELETE FROM ledger l USING batch s WHERE l.workspace_id = s.workspace_id AND l.run_id = s.run_id),
      plans AS (DELETE FROM execution_plan p USING batch s
        WHERE p.workspace_id = s.workspace_id AND p.execution_plan_id = s.execution_plan_id),
      replaced AS (DELETE FROM earlier_plan p USING batch s
        WHERE p.workspace_id = s.workspace_id AND p.execution_plan_id = s.execution_plan_id),
      used AS (DELETE FROM run_integration i USING batch s WHERE i.workspace_id = s.workspace_id
        AND i.customer_integration_id = ANY(s.integrations) AND i.run_id = s.run_id),
      texts AS (DELETE FROM run_text t USING batch s WHERE t.workspace_id = s.workspace_id AND t.run_id = s.run_id),
      runs AS (DELETE FROM run USING batch s WHERE run.workspace_id = s.workspace_id AND run.run_id = s.run_id)
      SELECT count(*)::int AS runs FROM batch`,
    [until],
  );
  return rows[0]!;
}

type Progress = { runs: number };

/** Repeats a step until no run is left, with pauses as long as each step. Returns the number of runs. */
async function repeatStep(client: Client, step: typeof removeRuns, until: Date, signal: AbortSignal): Promise<number> {
  let total = 0;
  while (!signal.aborted) {
    const from = performance.now();
    const { runs } = await step(client, until);
    if (runs === 0) break;
    total += runs;
    await pause(performance.now() - from, undefined, { signal }).catch(() => {});
  }
  return total;
}

const PARTS = `
SELECT c.relname AS name, i.inhrelid IS NOT NULL AS attached
FROM pg_class c LEFT JOIN pg_inherits i ON i.inhrelid = c.oid
WHERE c.relnamespace = 'errand_partitions'::regnamespace AND c.relkind = 'r' AND c.relname ~ '^run_event_[0-9]{6}$'
  AND ((to_date(right(c.relname, 6), 'YYYYMM') + interval '1 month') AT TIME ZONE 'UTC') <= $1::timestamptz
ORDER BY c.relname`;

const OPEN = `'QUEUED', 'RUNNING', 'AUTH_REQUIRED', 'PAUSED'`;

// The events of a run are in the month of its id. Open and recently ended runs keep this month.
const NEEDED_BY = `
WITH month AS (
  SELECT errand_partitions.uuid_floor(m AT TIME ZONE 'UTC') AS low, errand_partitions.uuid_floor((m + interval '1 month') AT TIME ZONE 'UTC') AS high
  FROM (SELECT to_date($1, 'YYYYMM')::timestamp AS m) AS t
)
(SELECT run.run_id FROM run, month WHERE run.status IN (${OPEN}) AND run.run_id >= month.low AND run.run_id < month.high LIMIT 1)
UNION ALL
(SELECT run.run_id FROM run, month WHERE run.ended_at IS NOT NULL AND run.ended_at > $2::timestamptz
   AND run.run_id >= month.low AND run.run_id < month.high LIMIT 1)`;

/**
 * Drops the partitions of old events, which is much cheaper than deleting rows. Returns their number.
 * @param until runs that ended later keep their events
 * @throws on a lock timeout: writers wait at most for the lock_timeout of the session
 */
async function dropPartitions(client: Client, until: Date, signal: AbortSignal): Promise<number> {
  const { rows } = await client.query<{ name: string; attached: boolean }>(PARTS, [until]);
  let dropped = 0;
  for (const { name, attached } of rows) {
    if (signal.aborted) break;
    const needed = await client.query(NEEDED_BY, [name.slice(-6), until]);
    if (needed.rows.length > 0) continue;
    // Two statements: only the first locks the table, briefly. After a crash, the detached partition is listed again.
    if (attached) await client.query('SELECT errand_partitions.detach_run_event($1)', [name.slice(-6)]);
    await client.query('SELECT errand_partitions.drop_run_event($1)', [name.slice(-6)]);
    dropped++;
  }
  return dropped;
}

/** Creates missing event partitions for this month and the next. */
export async function ensurePartitions(pool: Pool): Promise<void> {
  await pool.query('SELECT errand_partitions.ensure_run_event()');
}
