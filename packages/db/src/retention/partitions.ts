import type { Client, Pool } from 'pg';

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
export async function dropPartitions(client: Client, until: Date, signal: AbortSignal): Promise<number> {
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
