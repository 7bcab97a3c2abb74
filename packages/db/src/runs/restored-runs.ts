import type { ClientBase } from 'pg';

/**
 * Marks the runs that were open in a backup, and frees them from the workers of the original. Their writes without an outcome may have been
 * made since the backup, so the engine asks about each before it makes it. Returns the number of runs.
 */
export async function markRestoredRuns(owner: ClientBase): Promise<number> {
  const { rowCount } = await owner.query(
    `UPDATE run SET restored_at = clock_timestamp(), lease = NULL, epoch = epoch + CASE WHEN lease IS NULL THEN 0 ELSE 1 END,
       due = CASE WHEN lease IS NULL THEN due ELSE 2 END
     WHERE status NOT IN ('SUCCESS', 'PARTIAL_SUCCESS', 'NO_SUCCESS', 'FAILED', 'CANCELED')`,
  );
  return rowCount ?? 0;
}
