import type { Pool } from 'pg';

// Outputs of each call number are the same in all runs: they are made once.
const SEED = `
WITH ids AS MATERIALIZED (
  SELECT n, uuidv7((n - $2::int) * interval '1 second') AS run_id FROM generate_series(1, $2::int) AS n
), texts AS MATERIALIZED (
  SELECT c, json_build_object('text', string_agg(md5(random()::text), '')) AS output
  FROM generate_series(1, $3::int) AS c, generate_series(1, $4::int / 32) AS part GROUP BY c
), runs AS (
  INSERT INTO run (workspace_id, run_id, execution_plan_id, repeat_key, status, intent, context, user_id, selected, integrations,
    signature, result, steps, tool_calls, active_ms, seq, epoch, started_at, ended_at, due)
  SELECT $1, run_id, gen_random_uuid(), NULL, 'SUCCESS', 'Read much', 'context', 'user-1', ARRAY['crm_00000000'],
    ARRAY['crm_00000000'], '\\x00',
    (SELECT json_build_object('text', left(output->>'text', $5::int)) FROM texts WHERE c = 1), $3, $3, 12, $3 + 2, 1, now(), now(), 0 FROM ids
  RETURNING run_id, integrations
), used AS (
  INSERT INTO run_integration (workspace_id, customer_integration_id, run_id)
  SELECT $1, unnest(integrations), run_id FROM runs
), events AS (
  INSERT INTO run_event (workspace_id, run_id, seq, type, data, tool_calls)
  SELECT $1, run_id, e, CASE e WHEN 1 THEN 'start' WHEN $3 + 2 THEN 'end' ELSE 'step' END,
    CASE WHEN e IN (1, $3 + 2) THEN json_build_object('runStatus', 'RUNNING') ELSE json_build_object('runStatus', 'RUNNING', 'step',
      json_build_object('stepId', 's' || e, 'reason', 'Read much', 'approval', 'NOT_REQUIRED', 'text', 'Found the next item')) END,
    CASE WHEN e BETWEEN 2 AND $3 + 1 THEN json_build_array('s' || e) END
  FROM ids, generate_series(1, $3::int + 2) AS e
), calls AS (
  INSERT INTO ledger (workspace_id, run_id, key, kind, step_id, tool, args, args_sha256, effect, state, output, attempts, finished_at)
  SELECT $1, run_id, 's' || c + 1, 'tool', 's' || c + 1, 'crm_00000000.getItem', '{"path": {"id": 1}}', decode(repeat('0', 64), 'hex'), 'read', 'DONE',
    output, 1, now()
  FROM ids, texts
)
SELECT run_id AS id FROM ids ORDER BY run_id`;

/** Writes ended runs with large outputs directly into the tables. Needs Postgres 18. Returns their ids, oldest first. */
export async function seedLargeRuns(
  pool: Pool,
  workspaceId: string,
  {
    runs,
    calls,
    outputBytes,
    resultBytes = 0,
  }: { runs: number; calls: number; outputBytes: number; resultBytes?: number },
): Promise<string[]> {
  const values = [workspaceId, runs, calls, outputBytes, resultBytes];
  return (await pool.query<{ id: string }>(SEED, values)).rows.map((row) => row.id);
}
