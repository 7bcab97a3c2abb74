import type { Pool } from 'pg';
import { openStatuses } from '../runs/list/filter.ts';
import { withTransaction } from '../statements/scope.ts';

/** A run that a user token is about to create. */
type OpenRun = { workspaceId: string; userId: string; runId: string };

/** A claim without a run counts for this time, in seconds: its process is considered dead then. */
const CLAIM_SECONDS = 30;

/**
 * Claims one of the open runs that a user may have. A claim counts until its run exists, so concurrent requests of all processes
 * together never exceed the limit.
 * @returns false if the user has `limit` open runs
 */
export const claimOpenRun = (pool: Pool, { workspaceId, userId, runId }: OpenRun, limit: number): Promise<boolean> =>
  withTransaction(pool, async (client) => {
    // The counts need a snapshot that is taken after the lock.
    const user = JSON.stringify([workspaceId, userId]);
    await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('errand.open_runs:' || $1, 0))`, [user]);
    const { rowCount } = await client.query(
      `INSERT INTO open_run_claim (workspace_id, user_id, run_id, expires_at)
       SELECT $1, $2, $3, clock_timestamp() + interval '${CLAIM_SECONDS} seconds' WHERE $4::int >
         (SELECT count(*) FROM (SELECT FROM run WHERE workspace_id = $1 AND user_id = $2 AND status = ANY($5) LIMIT $4::int) AS open)
         + (SELECT count(*) FROM open_run_claim c WHERE c.workspace_id = $1 AND c.user_id = $2 AND c.run_id <> $3
             AND c.expires_at > clock_timestamp() AND NOT EXISTS (
               SELECT FROM run WHERE run.workspace_id = c.workspace_id AND run.run_id = c.run_id))
       ON CONFLICT (workspace_id, user_id, run_id) DO UPDATE SET expires_at = excluded.expires_at`,
      [workspaceId, userId, runId, limit, openStatuses],
    );
    return rowCount === 1;
  });

/** Ends a claim, after the run was created or refused. */
export async function releaseOpenRun(pool: Pool, { workspaceId, userId, runId }: OpenRun): Promise<void> {
  await pool.query({
    name: 'open_run_release',
    text: 'DELETE FROM open_run_claim WHERE workspace_id = $1 AND user_id = $2 AND run_id = $3',
    values: [workspaceId, userId, runId],
  });
}
