import type { Client, Pool } from 'pg';

// A pool's advisory lock is named by its id; a session holds it as long as its process and connection live.
const lockOf = (id: string) => `hashtextextended('errand.worker_pool:' || ${id}, 0)`;

/** What a heartbeat found: whether the connection holds the pool's lock, and the database's time. */
export type SentHeartbeat = { held: boolean; at: Date };

/**
 * Notes that a worker pool is alive, in database time, on a connection of its own.
 * @param hold whether to try for the pool's lock as well; a session that broke may hold it until the server finds out
 */
export async function sendHeartbeat(
  client: Client,
  workerPoolId: string,
  host: string,
  hold: boolean,
): Promise<SentHeartbeat> {
  const { rows } = await client.query<SentHeartbeat>({
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
 * Pools that hold leases but are dead: their lock is free and they have not been heard of for `quietMs` (a connection may
 * break and be made again), or their heartbeat is older than `frozenMs`.
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
        SELECT DISTINCT lease AS id FROM run WHERE lease IS NOT NULL
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

/**
 * Frees the leases of dead pools: their runs are due at once. The epoch keeps a pool that wakes again from writing.
 * @returns how many runs there were
 */
export async function freeLeases(pool: Pool, dead: readonly string[]): Promise<number> {
  const { rowCount } = await pool.query({
    name: 'leases_free',
    text: `UPDATE run SET lease = NULL, due = 2, epoch = epoch + 1, deaths = least(deaths + 1, 100) WHERE lease = ANY($1)`,
    values: [dead],
  });
  return rowCount ?? 0;
}

/** One run that a process advances. */
export type Held = { workspaceId: string; runId: string; epoch: number };

const heldParameters = (held: readonly Held[]) => [
  held.map((h) => h.workspaceId),
  held.map((h) => h.runId),
  held.map((h) => h.epoch),
];

/** Of some activations those that are no longer theirs (cancelled, or taken over), and those whose run became due meanwhile. */
export async function checkHeld<A extends Held>(pool: Pool, held: readonly A[]): Promise<{ lost: A[]; due: A[] }> {
  const { rows } = await pool.query<{ n: number; lost: boolean }>({
    name: 'held_look',
    text: `SELECT h.n::int AS n, run.epoch IS DISTINCT FROM h.epoch AS lost
      FROM unnest($1::uuid[], $2::uuid[], $3::int[]) WITH ORDINALITY AS h(workspace_id, run_id, epoch, n)
      LEFT JOIN run USING (workspace_id, run_id) WHERE run.epoch IS DISTINCT FROM h.epoch OR run.due > 0`,
    values: heldParameters(held),
  });
  const of = (lost: boolean) => rows.flatMap((row) => (row.lost === lost ? [held[row.n - 1]!] : []));
  return { lost: of(true), due: of(false) };
}

/** A worker that was taken for dead lives: what it held did not end it. */
export async function takeOffDeaths(pool: Pool, held: readonly Held[]): Promise<void> {
  await pool.query({
    name: 'deaths_take_back',
    text: `UPDATE run SET deaths = run.deaths - 1 FROM unnest($1::uuid[], $2::uuid[], $3::int[]) AS h(workspace_id, run_id, epoch)
      WHERE run.workspace_id = h.workspace_id AND run.run_id = h.run_id AND run.epoch > h.epoch AND run.deaths > 0`,
    values: heldParameters(held),
  });
}

/**
 * Gives back what a pool holds without knowing it: leases whose statement was committed while its answer was lost, or whose end could
 * not be written. The runs are due at once.
 * @param busy what the pool was at when it looked, after `asOf`: a time of the database, as a heartbeat gives it
 * @returns how many leases there were
 */
export async function reclaimOrphans(pool: Pool, own: string, busy: readonly string[], asOf: Date): Promise<number> {
  const { rowCount } = await pool.query({
    name: 'leases_take_back',
    // A run is taken before its worker says so: what began in the last second is not looked at.
    text: `UPDATE run SET lease = NULL, due = 2, epoch = epoch + 1
      WHERE lease = $1 AND run_id <> ALL($2::uuid[]) AND updated_at < $3::timestamptz - interval '1 second'`,
    values: [own, busy, asOf],
  });
  return rowCount ?? 0;
}
