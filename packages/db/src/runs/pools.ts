import type { Client, Pool } from 'pg';
import { enqueue } from './job.ts';

// A pool's advisory lock is named by its id; a session holds it as long as its process and connection live.
const lockOf = (id: string) => `hashtextextended('errand.worker_pool:' || ${id}, 0)`;

/** What a heartbeat found: whether the connection holds the pool's lock, and the database's time. */
export type Beat = { held: boolean; at: Date };

/**
 * Notes that a worker pool is alive, in database time, on a connection of its own.
 * @param hold whether to try for the pool's lock as well; a session that broke may hold it until the server finds out
 */
export async function beatPool(client: Client, workerPoolId: string, host: string, hold: boolean): Promise<Beat> {
  const { rows } = await client.query<Beat>({
    name: 'pool_beat',
    text: `WITH beat AS (INSERT INTO worker_pool (worker_pool_id, host, heartbeat_at) VALUES ($1, $2, clock_timestamp())
      ON CONFLICT (worker_pool_id) DO UPDATE SET heartbeat_at = clock_timestamp() RETURNING heartbeat_at)
      SELECT heartbeat_at AS at, CASE WHEN $3 THEN pg_try_advisory_lock(${lockOf('$1')}) ELSE true END AS held FROM beat`,
    values: [workerPoolId, host, hold],
  });
  return rows[0]!;
}

/** Forgets a pool that ended in order. */
export async function dropPool(pool: Pool, workerPoolId: string): Promise<void> {
  await pool.query('DELETE FROM worker_pool WHERE worker_pool_id = $1', [workerPoolId]);
}

/**
 * Pools that hold jobs or leases but are dead: their lock is free and they have not been heard of for `quietMs` (a connection may
 * break and be made anew), or their heartbeat is older than `frozenMs`.
 * `own` is left out: a session may take its own lock again, so the look at one's own lock says nothing.
 * @param byLock whether a free lock is a sign: not just after Postgres itself has let go of all of them
 */
export async function deadPools(
  pool: Pool,
  own: string,
  { quietMs, frozenMs, byLock }: { quietMs: number; frozenMs: number; byLock: boolean },
): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>({
    name: 'pools_dead',
    text: `WITH held AS (
        SELECT lease AS id FROM run WHERE lease IS NOT NULL
        UNION SELECT locked_by FROM graphile_worker._private_jobs WHERE locked_by IS NOT NULL
      ), probed AS MATERIALIZED (
        SELECT held.id, p.heartbeat_at, pg_try_advisory_xact_lock_shared(${lockOf('held.id')}) AS free
        FROM held LEFT JOIN worker_pool p ON p.worker_pool_id = held.id WHERE held.id <> $1
      )
      SELECT id FROM probed WHERE ($4 AND free AND coalesce(heartbeat_at < clock_timestamp() - $2::int * interval '1 millisecond', true))
        OR heartbeat_at < clock_timestamp() - $3::int * interval '1 millisecond'`,
    values: [own, quietMs, frozenMs, byLock],
  });
  return rows.map((r) => r.id);
}

/** Frees the leases of dead pools and enqueues their runs, so that they are taken up at once. The epoch keeps a pool that wakes again from writing. */
export async function freeLeases(
  pool: Pool,
  dead: readonly string[],
): Promise<{ workspaceId: string; runId: string }[]> {
  const { rows } = await pool.query<{ workspaceId: string; runId: string }>({
    name: 'leases_free',
    text: `WITH freed AS (
        UPDATE run SET lease = NULL, wake = false, epoch = epoch + 1 WHERE lease = ANY($1) RETURNING workspace_id, run_id
      ) SELECT workspace_id AS "workspaceId", run_id AS "runId", ${enqueue('workspace_id', 'run_id', true)} FROM freed`,
    values: [dead],
  });
  return rows;
}

/** Of some activations, those that are no longer theirs: cancelled, or taken over. */
export async function lostActivations<A extends { workspaceId: string; runId: string; epoch: number }>(
  pool: Pool,
  held: readonly A[],
): Promise<A[]> {
  const { rows } = await pool.query<{ n: number }>({
    name: 'activations_lost',
    text: `SELECT h.n::int AS n FROM unnest($1::uuid[], $2::uuid[], $3::int[]) WITH ORDINALITY AS h(workspace_id, run_id, epoch, n)
      LEFT JOIN run USING (workspace_id, run_id) WHERE run.epoch IS DISTINCT FROM h.epoch`,
    values: [held.map((h) => h.workspaceId), held.map((h) => h.runId), held.map((h) => h.epoch)],
  });
  return rows.map(({ n }) => held[n - 1]!);
}

/**
 * Gives back what a pool holds without knowing it: jobs and leases whose statement was committed while its answer was lost, or whose
 * end could not be written. The runs are enqueued again.
 * @param busy what the pool was at when it looked, after `asOf`: a time of the database, as a heartbeat gives it
 * @returns how many jobs and leases there were
 */
export async function takeBack(
  pool: Pool,
  own: string,
  busy: { runs: readonly string[]; jobs: readonly string[] },
  asOf: Date,
): Promise<number> {
  // A job is taken before its worker says so: what began in the last second is not looked at. Jobs come first: one that is enqueued
  // again while it is locked leaves a dead row behind.
  const jobs = await pool.query({
    name: 'jobs_take_back',
    text: `UPDATE graphile_worker._private_jobs SET locked_by = NULL, locked_at = NULL, run_at = greatest(run_at, now())
      WHERE locked_by = $1 AND id <> ALL($2::bigint[]) AND locked_at < $3::timestamptz - interval '1 second'`,
    values: [own, busy.jobs, asOf],
  });
  const leases = await pool.query({
    name: 'leases_take_back',
    text: `WITH freed AS (
        UPDATE run SET lease = NULL, wake = false, epoch = epoch + 1
        WHERE lease = $1 AND run_id <> ALL($2::uuid[]) AND updated_at < $3::timestamptz - interval '1 second'
        RETURNING workspace_id, run_id
      ) SELECT ${enqueue('workspace_id', 'run_id', true)} FROM freed`,
    values: [own, busy.runs, asOf],
  });
  return (jobs.rowCount ?? 0) + (leases.rowCount ?? 0);
}
