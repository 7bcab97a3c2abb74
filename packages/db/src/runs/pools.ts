import type { Pool } from 'pg';
import { enqueue } from './job.ts';

// A pool's advisory lock is named by its id; a session holds it as long as its process and connection live.
const lockOf = (id: string) => `hashtextextended('errand.worker_pool:' || ${id}, 0)`;

/** The text that takes a pool's lock on the connection that runs it ($1 is the pool's id). */
export const holdPool = `SELECT pg_advisory_lock(${lockOf('$1')})`;

/** Notes that a worker pool is alive, in database time. */
export async function beatPool(pool: Pool, workerPoolId: string, host: string): Promise<void> {
  await pool.query({
    name: 'pool_beat',
    text: `INSERT INTO worker_pool (worker_pool_id, host) VALUES ($1, $2)
      ON CONFLICT (worker_pool_id) DO UPDATE SET heartbeat_at = clock_timestamp()`,
    values: [workerPoolId, host],
  });
}

/** Forgets a pool that ended in order. */
export async function dropPool(pool: Pool, workerPoolId: string): Promise<void> {
  await pool.query('DELETE FROM worker_pool WHERE worker_pool_id = $1', [workerPoolId]);
}

/**
 * Pools that hold jobs or leases but are dead: their lock is free and they have not been heard of for `quietMs` (a connection may
 * break and be made anew), or their heartbeat is older than `frozenMs`.
 * `own` is left out: a session may take its own lock again, so the look at one's own lock says nothing.
 */
export async function deadPools(pool: Pool, own: string, quietMs: number, frozenMs: number): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>({
    name: 'pools_dead',
    text: `WITH held AS (
        SELECT lease AS id FROM run WHERE lease IS NOT NULL
        UNION SELECT locked_by FROM graphile_worker._private_jobs WHERE locked_by IS NOT NULL
      ), probed AS MATERIALIZED (
        SELECT held.id, p.heartbeat_at, pg_try_advisory_xact_lock_shared(${lockOf('held.id')}) AS free
        FROM held LEFT JOIN worker_pool p ON p.worker_pool_id = held.id WHERE held.id <> $1
      )
      SELECT id FROM probed WHERE (free AND coalesce(heartbeat_at < clock_timestamp() - $2::int * interval '1 millisecond', true))
        OR heartbeat_at < clock_timestamp() - $3::int * interval '1 millisecond'`,
    values: [own, quietMs, frozenMs],
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
      ) SELECT workspace_id AS "workspaceId", run_id AS "runId", ${enqueue('workspace_id', 'run_id')} FROM freed`,
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
