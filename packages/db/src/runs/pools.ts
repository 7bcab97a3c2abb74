import type { Pool } from 'pg';

// A pool's advisory lock is named by its id; a session holds it as long as its process and connection live.
const lockOf = (n: number) => `hashtextextended('errand.worker_pool:' || $${n}, 0)`;

/** The text that takes a pool's lock on the connection that runs it ($1 is the pool's id). */
export const holdPool = `SELECT pg_advisory_lock(${lockOf(1)})`;

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
 * Pools that hold jobs or leases but are dead: their lock is free, or their heartbeat is older than `frozenMs`.
 * `own` is left out: a session may take its own lock again, so the look at one's own lock says nothing.
 */
export async function deadPools(pool: Pool, own: string, frozenMs: number): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>({
    name: 'pools_dead',
    text: `WITH held AS (
        SELECT lease AS id FROM run WHERE lease IS NOT NULL
        UNION SELECT locked_by FROM graphile_worker._private_jobs WHERE locked_by IS NOT NULL
      ), probed AS MATERIALIZED (
        SELECT held.id, p.heartbeat_at, pg_try_advisory_xact_lock_shared(${lockOf(3).replace('$3', 'held.id')}) AS free
        FROM held LEFT JOIN worker_pool p ON p.worker_pool_id = held.id WHERE held.id <> $1
      )
      SELECT id FROM probed WHERE free OR heartbeat_at < clock_timestamp() - $2::int * interval '1 millisecond'`,
    values: [own, frozenMs],
  });
  return rows.map((r) => r.id);
}

/** Frees the leases of dead pools, so that their runs can be taken. The epoch keeps a pool that wakes again from writing. */
export async function freeLeases(
  pool: Pool,
  dead: readonly string[],
): Promise<{ workspaceId: string; runId: string }[]> {
  const { rows } = await pool.query<{ workspaceId: string; runId: string }>({
    name: 'leases_free',
    text: `UPDATE run SET lease = NULL, epoch = epoch + 1 WHERE lease = ANY($1) RETURNING workspace_id AS "workspaceId", run_id AS "runId"`,
    values: [dead],
  });
  return rows;
}

/** Of some activations, those that are no longer theirs: cancelled, or taken over. */
export async function lostActivations(
  pool: Pool,
  held: readonly { workspaceId: string; runId: string; epoch: number }[],
): Promise<string[]> {
  const { rows } = await pool.query<{ runId: string }>({
    name: 'activations_lost',
    text: `SELECT h.run_id AS "runId" FROM unnest($1::uuid[], $2::uuid[], $3::int[]) AS h(workspace_id, run_id, epoch)
      LEFT JOIN run USING (workspace_id, run_id) WHERE run.epoch IS DISTINCT FROM h.epoch`,
    values: [held.map((h) => h.workspaceId), held.map((h) => h.runId), held.map((h) => h.epoch)],
  });
  return rows.map((r) => r.runId);
}
