import type { Pool } from 'pg';

/** Averages of the last days: how many runs a day, and what a run takes on the disk, indexes included. */
export type Growth = {
  runsPerDay: number;
  bytesPerRun: number;
  /** Bytes of the events of a run, which have a retention of their own. */
  eventBytesPerRun: number;
  databaseBytes: number;
};

const DAYS = 7;
/** Fewer runs say little about a run. */
const MIN_RUNS = 100;

const TABLES = ['execution_plan', 'earlier_plan', 'run_text', 'run_integration', 'decision_request', 'feedback'];

// The usage counts each ended run once, over all workspaces. Table sizes include indexes and TOAST.
const GROWTH = `
WITH days AS (
  SELECT coalesce(sum(runs), 0)::float8 AS runs, greatest(count(DISTINCT day), 1) AS days FROM usage_day
  WHERE kind = 'status' AND day > (now() AT TIME ZONE 'UTC')::date - $1::int
), parts AS (
  SELECT i.inhparent = 'run_event'::regclass AS is_event, pg_total_relation_size(i.inhrelid) AS bytes FROM pg_inherits i
  WHERE i.inhparent = ANY(ARRAY['run_event', 'ledger']::regclass[])
), stored AS (
  SELECT greatest(reltuples, 0)::float8 AS runs, pg_total_relation_size(oid) AS bytes FROM pg_class WHERE oid = 'run'::regclass
)
SELECT days.runs / days.days AS "runsPerDay", stored.runs, pg_database_size(current_database())::float8 AS "databaseBytes",
  coalesce((SELECT sum(bytes) FROM parts WHERE is_event), 0)::float8 AS events,
  (stored.bytes + coalesce((SELECT sum(bytes) FROM parts), 0)
    + (SELECT sum(pg_total_relation_size(t)) FROM unnest($2::regclass[]) AS t))::float8 AS bytes
FROM days, stored`;

/**
 * The growth of the data; undefined if there are too few runs to tell.
 * @param eventDays the retention of events: runs that ended before have none
 */
export async function readGrowth(pool: Pool, eventDays = Number.POSITIVE_INFINITY): Promise<Growth | undefined> {
  const { rows } = await pool.query<{
    runsPerDay: number;
    runs: number;
    events: number;
    bytes: number;
    databaseBytes: number;
  }>(GROWTH, [DAYS, TABLES]);
  const { runsPerDay, runs, events, bytes, databaseBytes } = rows[0]!;
  if (runs < MIN_RUNS || runsPerDay === 0) return undefined;
  const eventBytesPerRun = events / Math.min(runs, runsPerDay * Math.max(eventDays, 1));
  return { runsPerDay, bytesPerRun: eventBytesPerRun + (bytes - events) / runs, eventBytesPerRun, databaseBytes };
}
