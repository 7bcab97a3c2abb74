import type { Client, Pool } from 'pg';
import { changedRows } from '../../statements/scope.ts';
import type { RunRow } from '../row.ts';

// The advisory lock of a pool, which its session owns as long as the process and the connection live.
const lockOf = (id: string) => `hashtextextended('errand.worker_pool:' || ${id}, 0)`;

/** The answer to a heartbeat: whether the connection owns the lock of the pool, and the database time. */
export type SentHeartbeat = { ownsLock: boolean; at: Date };

/**
 * Records the heartbeat of a worker pool in database time, on a separate connection.
 * @param acquiresLock whether to request the lock too; a broken session may own it until the server notices
 */
export async function sendHeartbeat(
  client: Client,
  workerPoolId: string,
  host: string,
  acquiresLock: boolean,
): Promise<SentHeartbeat> {
  const { rows } = await client.query<SentHeartbeat>({
    name: 'pool_heartbeat',
    text: `WITH sent AS (INSERT INTO worker_pool (worker_pool_id, host, heartbeat_at) VALUES ($1, $2, clock_timestamp())
      ON CONFLICT (worker_pool_id) DO UPDATE SET heartbeat_at = clock_timestamp() RETURNING heartbeat_at)
      SELECT heartbeat_at AS at, CASE WHEN $3 THEN pg_try_advisory_lock(${lockOf('$1')}) ELSE true END AS "ownsLock" FROM sent`,
    values: [workerPoolId, host, acquiresLock],
  });
  return rows[0]!;
}

export async function dropPool(pool: Pool, workerPoolId: string): Promise<void> {
  await pool.query('DELETE FROM worker_pool WHERE worker_pool_id = $1', [workerPoolId]);
}

/**
 * Returns dead pools with leases: their lock is free and their heartbeat is older than `unlockedMs` (a broken connection may be
 * restored), or their heartbeat is older than `frozenMs`.
 * @param ownId is excluded: a session can always acquire its own lock, so the check proves nothing
 */
export async function deadPools(
  pool: Pool,
  ownId: string,
  { unlockedMs, frozenMs }: { unlockedMs: number; frozenMs: number },
): Promise<string[]> {
  const { rows } = await pool.query<{ id: string }>({
    name: 'pools_dead',
    text: `WITH held AS (
        SELECT DISTINCT lease AS id FROM run WHERE lease IS NOT NULL
      ), probed AS MATERIALIZED (
        SELECT held.id, p.heartbeat_at, pg_try_advisory_xact_lock_shared(${lockOf('held.id')}) AS free
        FROM held LEFT JOIN worker_pool p ON p.worker_pool_id = held.id WHERE held.id <> $1
      )
      SELECT id FROM probed WHERE (free AND coalesce(heartbeat_at < clock_timestamp() - $2::int * interval '1 millisecond', true))
        OR heartbeat_at < clock_timestamp() - $3::int * interval '1 millisecond'`,
    values: [ownId, unlockedMs, frozenMs],
  });
  return rows.map((r) => r.id);
}

/** Makes the runs of dead pools due. The new epoch rejects writes of a pool that resumes. Returns the number of leases. */
export const freeLeases = (pool: Pool, deadPoolIds: readonly string[]): Promise<number> =>
  changedRows(pool, {
    name: 'leases_free',
    text: `UPDATE run SET lease = NULL, due = 2, epoch = epoch + 1, deaths = least(deaths + 1, 100), updated_at = clock_timestamp()
      WHERE lease = ANY($1)`,
    values: [deadPoolIds],
  });

export type RunActivation = { readonly run: Pick<RunRow, 'workspaceId' | 'runId' | 'epoch'> };

const runArrays = (activations: readonly RunActivation[]) => [
  activations.map(({ run }) => run.workspaceId),
  activations.map(({ run }) => run.runId),
  activations.map(({ run }) => run.epoch),
];

/** Finds activations that lost their lease (cancelled, or claimed by others), and runs that became due since. */
export async function checkLeases<A extends RunActivation>(
  pool: Pool,
  activations: readonly A[],
): Promise<{ lost: A[]; due: A[] }> {
  const { rows } = await pool.query<{ n: number; lost: boolean }>({
    name: 'held_look',
    text: `SELECT h.n::int AS n, run.epoch IS DISTINCT FROM h.epoch AS lost
      FROM unnest($1::uuid[], $2::uuid[], $3::int[]) WITH ORDINALITY AS h(workspace_id, run_id, epoch, n)
      LEFT JOIN run USING (workspace_id, run_id) WHERE run.epoch IS DISTINCT FROM h.epoch OR run.due > 0`,
    values: runArrays(activations),
  });
  const activationsWhere = (lost: boolean) =>
    rows.flatMap((row) => (row.lost === lost ? [activations[row.n - 1]!] : []));
  return { lost: activationsWhere(true), due: activationsWhere(false) };
}

/** Undoes deaths of runs after a worker that counted as dead proved alive. */
export async function undoDeaths(pool: Pool, activations: readonly RunActivation[]): Promise<void> {
  await pool.query({
    name: 'deaths_reclaim',
    text: `UPDATE run SET deaths = run.deaths - 1 FROM unnest($1::uuid[], $2::uuid[], $3::int[]) AS h(workspace_id, run_id, epoch)
      WHERE run.workspace_id = h.workspace_id AND run.run_id = h.run_id AND run.epoch > h.epoch AND run.deaths > 0`,
    values: runArrays(activations),
  });
}

/**
 * Releases leases of a pool without an activation: the answer to the claim was lost, or the end could not be written. Their runs
 * become due immediately. Returns the number of leases.
 * @param busyIds ids of the runs in execution, read after `asOf`, the database time of a heartbeat
 */
export const reclaimOrphans = (pool: Pool, ownId: string, busyIds: readonly string[], asOf: Date): Promise<number> =>
  changedRows(pool, {
    name: 'leases_reclaim',
    // The worker learns of a claim late, so claims of the last second are excluded.
    text: `UPDATE run SET lease = NULL, due = 2, epoch = epoch + 1, updated_at = clock_timestamp()
      WHERE lease = $1 AND run_id <> ALL($2::uuid[]) AND updated_at < $3::timestamptz - interval '1 second'`,
    values: [ownId, busyIds, asOf],
  });
