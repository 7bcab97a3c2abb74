import { setTimeout as pause } from 'node:timers/promises';
import type { Client, Pool } from 'pg';
import { forgetWords } from '../runs/list/result-words.ts';
import {
  dropDetached,
  dropPartitions,
  droppable,
  ensurePartitions,
  hasRuns,
  type Partition,
  readNow,
  removalEnd,
} from './partitions.ts';

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
    const work = { client, signal, removed };
    const events = smallerOf(eventDays, runDays);
    if (events !== undefined) await removeEvents(work, events);
    if (outputDays !== undefined && outputDays < (runDays ?? Number.POSITIVE_INFINITY)) {
      const clear = stepWithMark('outputs', CLEAR_OUTPUTS, 'tool_calls');
      removed.outputs = await repeatStep(client, clear, await cutoff(client, outputDays), signal);
    }
    if (runDays !== undefined) await removeRunsWithLedger(work, runDays);
    return removed;
  } finally {
    await client.end().catch(() => {});
  }
}

const smallerOf = (a?: number, b?: number): number | undefined => (a === undefined ? b : Math.min(a, b ?? a));

type Work = { client: Client; signal: AbortSignal; removed: Removed };

/** Drops the partitions of old events, then deletes the other old events, which share a partition with events that are needed. */
async function removeEvents({ client, signal, removed }: Work, days: number): Promise<void> {
  const end = await removalEnd(client, 'run_event', days);
  const since = await readNow(client);
  removed.partitions += await dropDetached(client, end.until);
  removed.partitions += await dropPartitions(client, await droppable(client, 'run_event', end), since, signal);
  removed.events = await repeatStep(client, stepWithMark('events', DELETE_EVENTS, 'seq'), end.until, signal);
}

/** Removes runs. A partition of the ledger whose runs are all due is dropped after them, so their entries are not deleted one by one. */
async function removeRunsWithLedger({ client, signal, removed }: Work, days: number): Promise<void> {
  const end = await removalEnd(client, 'ledger', days);
  const since = await readNow(client);
  const whole = await droppable(client, 'ledger', end);
  removed.runs = await repeatStep(client, removalOfRuns(whole), end.until, signal);
  removed.runs += await repeatStep(client, removalOfRuns(whole, end.until), end.at, signal);
  const left: Partition[] = [];
  for (const partition of whole) if (!(await hasRuns(client, partition))) left.push(partition);
  removed.partitions += await dropPartitions(client, left, since, signal);
}

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

type Step = (client: Client, until: Date) => Promise<Progress>;

// Feedback and decision requests are deleted by cascade. A locked run is skipped until the next call. With `madeBefore` only runs with earlier
// ids are removed: those that ended after their partition. This condition is checked in the index.
const removalOfRuns =
  (dropped: readonly Partition[], madeBefore: Date | null = null): Step =>
  async (client, until) => {
    const { rows } = await client.query<Progress>(
      `WITH due AS MATERIALIZED (
        SELECT workspace_id, run_id, ended_at, execution_plan_id, integrations, seq + tool_calls + 5 AS weight FROM run
        WHERE ended_at IS NOT NULL AND ended_at <= $1::timestamptz
          AND run_id < coalesce(errand_partitions.uuid_floor($4::timestamptz), 'ffffffff-ffff-ffff-ffff-ffffffffffff')
        ORDER BY ended_at, run_id LIMIT ${RUNS_AT_ONCE} FOR UPDATE SKIP LOCKED
      ), ${batchOf('weight')}, ${DELETE_EVENTS},
      calls AS (DELETE FROM ledger l USING batch s WHERE l.workspace_id = s.workspace_id AND l.run_id = s.run_id
        AND NOT EXISTS (SELECT FROM unnest($2::uuid[], $3::uuid[]) AS d(low, high) WHERE s.run_id >= d.low AND s.run_id < d.high)),
      plans AS (DELETE FROM execution_plan p USING batch s
        WHERE p.workspace_id = s.workspace_id AND p.execution_plan_id = s.execution_plan_id),
      replaced AS (DELETE FROM earlier_plan p USING batch s
        WHERE p.workspace_id = s.workspace_id AND p.execution_plan_id = s.execution_plan_id),
      used AS (DELETE FROM run_integration i USING batch s WHERE i.workspace_id = s.workspace_id
        AND i.customer_integration_id = ANY(s.integrations) AND i.run_id = s.run_id),
      texts AS (DELETE FROM run_text t USING batch s WHERE t.workspace_id = s.workspace_id AND t.run_id = s.run_id),
      runs AS (DELETE FROM run USING batch s WHERE run.workspace_id = s.workspace_id AND run.run_id = s.run_id)
      SELECT count(*)::int AS runs FROM batch`,
      [until, dropped.map(({ low }) => low), dropped.map(({ high }) => high), madeBefore],
    );
    return rows[0]!;
  };

type Progress = { runs: number };

/** Repeats a step until no run is left, with pauses as long as each step. Returns the number of runs. */
async function repeatStep(client: Client, step: Step, until: Date, signal: AbortSignal): Promise<number> {
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

/** Makes missing partitions of now and the near future, as long as the retention of their rows needs them. */
export const ensurePartitionsFor = (pool: Pool, { eventDays, runDays }: RunRetention): Promise<number> =>
  ensurePartitions(pool, { run_event: smallerOf(eventDays, runDays), ledger: runDays });
