import type { Pool } from 'pg';
import { changedRows, queryRows, type RunScope } from '../../statements/scope.ts';

/**
 * Releases an unfinished run that is not suspended: it becomes due again, immediately or later.
 * @param afterMs delay in ms; null: due immediately, even if its workspace has no free slot
 */
export async function releaseRun(scope: RunScope, runId: string, epoch: number, afterMs: number | null): Promise<void> {
  await queryRows(scope, {
    name: 'run_give_back',
    text: `UPDATE run SET lease = NULL, due = CASE WHEN due > 0 OR $4::int IS NULL THEN 2 ELSE 0 END,
        not_before = CASE WHEN due = 0 THEN clock_timestamp() + $4::int * interval '1 millisecond' END, updated_at = clock_timestamp()
      WHERE workspace_id = $1 AND run_id = $2 AND epoch = $3::int AND lease IS NOT NULL`,
    values: [runId, epoch, afterMs],
  });
}

/** Clears `due` of a claimed run. Its activation must read decisions after this. Returns false if the activation lost the run. */
export async function clearDue(scope: RunScope, runId: string, epoch: number): Promise<boolean> {
  const count = await changedRows(scope.pool, {
    name: 'run_take_answers',
    text: `UPDATE run SET due = 0 WHERE workspace_id = $1 AND run_id = $2 AND epoch = $3::int AND lease IS NOT NULL`,
    values: [scope.workspaceId, runId, epoch],
  });
  return count === 1;
}

const BATCH = 500;

/** Makes runs due at their retry time. Returns their number. */
export const makeRetriesDue = (pool: Pool): Promise<number> =>
  changedRows(pool, {
    name: 'runs_tick',
    text: `WITH ready AS MATERIALIZED (
        SELECT run.workspace_id, run.run_id FROM run WHERE run.not_before <= statement_timestamp() AND run.status IN ('QUEUED', 'RUNNING')
        ORDER BY run.not_before LIMIT ${BATCH} FOR NO KEY UPDATE SKIP LOCKED
      ) UPDATE run SET due = greatest(run.due, 1), not_before = NULL, updated_at = clock_timestamp() FROM ready
      WHERE run.workspace_id = ready.workspace_id AND run.run_id = ready.run_id`,
  });

/** Counts the due and claimed runs of each workspace, without those that wait for a human or a retry. */
export async function countOpenRuns(pool: Pool): Promise<Map<string, number>> {
  const { rows } = await pool.query<{ workspaceId: string; n: number }>({
    name: 'runs_open',
    text: `SELECT workspace_id AS "workspaceId", count(*)::int AS n FROM (
        SELECT run.workspace_id FROM run WHERE run.due > 0 AND run.lease IS NULL
        UNION ALL SELECT run.workspace_id FROM run WHERE run.lease IS NOT NULL
      ) AS open GROUP BY workspace_id`,
  });
  return new Map(rows.map(({ workspaceId, n }) => [workspaceId, n]));
}
