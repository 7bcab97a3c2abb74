import type { Pool } from 'pg';

const SEED = `
WITH made AS (
  INSERT INTO run (workspace_id, run_id, execution_plan_id, repeat_key, intent, user_id, selected, signature, due)
  SELECT w.id, uuidv7(), uuidv7(), 'k', 'Wait for a turn', 'user-1', '{*}', '\\x00', 1
  FROM unnest($1::uuid[]) WITH ORDINALITY AS w(id, n), generate_series(1, $2::int) AS of ORDER BY w.n, of
  RETURNING workspace_id, run_id, execution_plan_id
), plans AS (
  INSERT INTO execution_plan (workspace_id, execution_plan_id, run_id, plan_type, plan, made_by)
  SELECT workspace_id, execution_plan_id, run_id, 'text', '"Planning has not finished."', '' FROM made
)
SELECT run_id AS id FROM made ORDER BY run_id`;

/**
 * Stores runs that are due, the same number in each workspace. Needs Postgres 18.
 * @returns their ids, oldest first
 */
export async function seedDueRuns(pool: Pool, workspaceIds: readonly string[], each: number): Promise<string[]> {
  return (await pool.query<{ id: string }>(SEED, [workspaceIds, each])).rows.map(({ id }) => id);
}
