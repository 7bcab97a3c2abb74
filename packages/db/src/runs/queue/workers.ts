import type { Client, Pool } from 'pg';
import type { RunRow } from '../row.ts';

// The advisory lock of a pool is named by its id. Its session holds it as long as the process and the connection live.
const lockOf = (id: string) => `hashtextextended('errand.worker_pool:' || ${id}, 0)`;

/** The answer to a heartbeat: whether the connection holds the lock of the pool, and the database time. */
export type SentHeartbeat = { held: boolean; at: Date };

/**
 * Records in database time that a worker pool is alive, on a connection of its own.
 * @param hold whether to try to take the lock of the pool too; a broken session may hold it until the server notices
 */
export async function sendHeartbeat(
  client: Client,
  workerPoolId: string,
  host: string,
  hold: boolean,
): Promise<SentHeartbeat> {
  const { rows } = await client.query<SentHeartbeat>({
    name: 'pool_heartbeat',
    text: `WITH sent AS (INSERT INTO worker_pool (worker_pool_id, host, heartbeat_at) VALUES ($1, $2, clock_timestamp())
      ON CONFLICT (worker_pool_id) DO UPDATE SET heartbeat_at = clock_timestamp() RETURNING heartbeat_at)
      SELECT heartbeat_at AS at, CASE WHEN $3 THEN pg_try_advisory_lock(${lockOf('$1')}) ELSE true END AS held FROM sent`,
    values: [workerPoolId, host, hold],
  });
  return rows[0]!;
}

/** Removes a pool that has stopped or is dead. */
export async function dropPool(pool: Pool, workerPoolId: string): Promise<void> {
  await pool.query('DELETE FROM worker_pool WHERE worker_pool_id = $1', [workerPoolId]);
}

/**
 * Ids of dead pools that hold leases: their lock is free and their heartbeat is older than `unlockedMs` (a broken connection may be made
 * again), or their heartbeat is older than `frozenMs`.
 * @param ownId is left out: a session can always take its own lock, so the check proves nothing
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

/**
 * Frees the leases of dead pools: their runs are due at once. The new epoch keeps a pool that wakes up again from writing.
 * @returns how many leases there were
 */
export async function freeLeases(pool: Pool, dead: readonly string[]): Promise<number> {
  const { rowCount } = await pool.query({
    name: 'leases_free',
    text: `UPDATE run SET lease = NULL, due = 2, epoch = epoch + 1, deaths = least(deaths + 1, 100) WHERE lease = ANY($1)`,
    values: [dead],
  });
  return rowCount ?? 0;
}

/** One run that a worker holds. */
export type RunHolder = { readonly run: Pick<RunRow, 'workspaceId' | 'runId' | 'epoch'> };

const heldParameters = (activations: readonly RunHolder[]) => [
  activations.map(({ run }) => run.workspaceId),
  activations.map(({ run }) => run.runId),
  activations.map(({ run }) => run.epoch),
];

/** Which activations have lost their lease (`lost`: cancelled, or claimed by others), and which runs became due meanwhile (`due`). */
export async function checkHeld<A extends RunHolder>(
  pool: Pool,
  activations: readonly A[],
): Promise<{ lost: A[]; due: A[] }> {
  const { rows } = await pool.query<{ n: number; lost: boolean }>({
    name: 'held_look',
    text: `SELECT h.n::int AS n, run.epoch IS DISTINCT FROM h.epoch AS lost
      FROM unnest($1::uuid[], $2::uuid[], $3::int[]) WITH ORDINALITY AS h(workspace_id, run_id, epoch, n)
      LEFT JOIN run USING (workspace_id, run_id) WHERE run.epoch IS DISTINCT FROM h.epoch OR run.due > 0`,
    values: heldParameters(activations),
  });
  const of = (lost: boolean) => rows.flatMap((row) => (row.lost === lost ? [activations[row.n - 1]!] : []));
  return { lost: of(true), due: of(false) };
}

/** Subtracts deaths from runs whose worker was considered dead but is alive. */
export async function takeOffDeaths(pool: Pool, activations: readonly RunHolder[]): Promise<void> {
  await pool.query({
    name: 'deaths_reclaim',
    text: `UPDATE run SET deaths = run.deaths - 1 FROM unnest($1::uuid[], $2::uuid[], $3::int[]) AS h(workspace_id, run_id, epoch)
      WHERE run.workspace_id = h.workspace_id AND run.run_id = h.run_id AND run.epoch > h.epoch AND run.deaths > 0`,
    values: heldParameters(activations),
  });
}

/**
 * Gives back leases that a pool has without an activation: the answer to the claim was lost, or the end could not be written. Their runs
 * are due at once.
 * @param busy ids of the runs that the pool carries out, read after `asOf`, the database time of a heartbeat
 * @returns how many leases there were
 */
export async function reclaimOrphans(pool: Pool, ownId: string, busy: readonly string[], asOf: Date): Promise<number> {
  const { rowCount } = await pool.query({
    name: 'leases_reclaim',
    // A run is claimed before its worker knows it, so claims of the last second are not considered.
    text: `UPDATE run SET lease = NULL, due = 2, epoch = epoch + 1
      WHERE lease = $1 AND run_id <> ALL($2::uuid[]) AND updated_at < $3::timestamptz - interval '1 second'`,
    values: [ownId, busy, asOf],
  });
  return rowCount ?? 0;
}
