import type { Pool } from 'pg';
import { holdsPlace } from './admit.ts';
import { enqueue } from './job.ts';

/** Runs enqueued by one sweep at most. */
const batch = 500;

/**
 * Enqueues runs that should be under way and that nobody is going to advance: admitted, open, not leased, untouched for `quietMs`, and
 * without a job that will still be tried. The queue gives a job up after its last attempt; a run is never given up.
 * Those that wait for their turn are not looked at: they are admitted by whoever gives up a place, and by `admitWaiting`.
 * @returns how many were enqueued
 */
export async function sweepRuns(pool: Pool, quietMs: number): Promise<number> {
  const { rows } = await pool.query<{ n: number }>({
    name: 'sweep_runs',
    text: `WITH lost AS (
        SELECT run.workspace_id, run.run_id FROM run
        WHERE ${holdsPlace('run')} AND run.lease IS NULL AND run.updated_at < clock_timestamp() - $1::int * interval '1 millisecond'
          AND NOT EXISTS (SELECT 1 FROM graphile_worker._private_jobs j WHERE j.key = 'run:' || run.run_id AND j.attempts < j.max_attempts)
        LIMIT ${batch}
      ), jobs AS MATERIALIZED (SELECT ${enqueue('lost.workspace_id', 'lost.run_id')} FROM lost)
      SELECT count(*)::int AS n FROM jobs`,
    values: [quietMs],
  });
  return rows[0]!.n;
}

/** Makes the partitions of events for this month and the next, where they are missing. */
export async function ensurePartitions(pool: Pool): Promise<void> {
  await pool.query('SELECT errand_parts.ensure_run_event()');
}
