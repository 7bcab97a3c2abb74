import type { Pool } from 'pg';
import { wordsOf } from '../runs/list/words.ts';

const CHUNK = 20_000;

// One run a second, the newest now. Of a hundred users; one in ten shares its repeatKey with others; one in three selects all
// integrations; a few wait for a human; one in ten is of an action, one in 5000 of another one and by another principal. One intent in 50 names Fabrikam, one in 5000 Contoso, the others Northwind.
const SEED = `
WITH ids AS MATERIALIZED (
  SELECT n, uuidv7((n - $5::int) * interval '1 second') AS run_id, uuidv7() AS plan_id FROM generate_series($2::int, $3::int) AS n
), runs AS (
  INSERT INTO run (workspace_id, run_id, execution_plan_id, repeat_key, status, intent, context, user_id, selected, signature, metadata,
    result, error, steps, tool_calls, active_ms, seq, epoch, created_at, updated_at, started_at, ended_at, integrations,
    due, not_before, action_key, requested_by)
  SELECT $1, run_id, plan_id, CASE WHEN n % 10 = 0 THEN 'weekly-' || n % 1000 END, status,
    'Which deals over 50000 does the account ' || CASE WHEN n % 5000 = 7 THEN 'Contoso' WHEN n % 50 = 3 THEN 'Fabrikam' ELSE 'Northwind' END
      || ' have, and who owns them?', 'region=north; quarter=3', 'user-' || n % 100,
    CASE WHEN n % 3 = 0 THEN ARRAY['*'] ELSE integrations END, '\\x00',
    CASE WHEN n % 4 = 0 THEN jsonb_build_object('team', 'team-' || n % 20, 'ticket', n::text) ELSE '{}' END,
    '{"deals": [{"id": "d-1", "amount": 60000, "owner": "Ada"}]}',
    CASE WHEN status = 'FAILED' THEN jsonb_build_object('code', CASE WHEN n % 2000 = 0 THEN 'budget_exhausted' ELSE 'tool_failed' END,
      'message', 'It did not work.', 'retryable', false) END, 5, 5, 12, 7, 1, at, at, at,
    CASE WHEN status <> 'PAUSED' THEN least(at + (n::bigint * 7919 % 100000) * interval '1 millisecond', clock_timestamp()) END, integrations,
    0, CASE WHEN status = 'PAUSED' THEN now() + interval '7 days' END,
    CASE WHEN n % 10 = 2 THEN 'large-deals' WHEN n % 5000 = 8 THEN 'small-deals' END, CASE WHEN n % 5000 = 7 THEN 'person:00000000-0000-7000-8000-000000000001' ELSE 'api_key:' || n % 2 END
  FROM ids, LATERAL (SELECT clock_timestamp() + (n - $5::int) * interval '1 second' AS at,
    CASE WHEN n % 1000 = 13 THEN 'PAUSED' WHEN n % 20 = 0 THEN 'FAILED' WHEN n % 50 = 1 THEN 'NO_SUCCESS' ELSE 'SUCCESS' END AS status,
    CASE WHEN n % 5000 = 7 THEN ARRAY['erp_00000000'] ELSE ARRAY['crm_0000000' || n % 4] END AS integrations) AS x
  RETURNING run_id, intent, integrations
), plans AS (
  INSERT INTO execution_plan (workspace_id, execution_plan_id, run_id, plan_type, plan, made_by)
  SELECT $1, plan_id, run_id, 'json', '{"fingerprints": {}, "plan": {"goal": "g", "steps": []}}', 'caller' FROM ids
), used AS (
  INSERT INTO run_integration (workspace_id, customer_integration_id, run_id)
  SELECT $1, unnest(integrations), run_id FROM runs
), texts AS (
  INSERT INTO run_text (workspace_id, run_id, words) SELECT $1, run_id, ${wordsOf('$1', 'intent')} FROM runs
), events AS (
  INSERT INTO run_event (workspace_id, run_id, seq, type, data, tool_calls)
  SELECT $1, run_id, e, CASE e WHEN 1 THEN 'start' WHEN 7 THEN 'end' ELSE 'step' END,
    json_build_object('runStatus', 'RUNNING', 'step', json_build_object('stepId', 's' || e, 'text', 'Found the next item of the list')),
    CASE WHEN e BETWEEN 2 AND 6 THEN json_build_array('s' || e) END
  FROM ids, generate_series(1, 7) AS e WHERE $4
), calls AS (
  INSERT INTO ledger (workspace_id, run_id, key, kind, step_id, tool, args, args_sha256, effect, state, output, attempts, finished_at)
  SELECT $1, run_id, 's' || c, 'tool', 's' || c, CASE WHEN n % 5000 = 7 AND c = 2 THEN 'erp_00000000.getBill' ELSE 'crm_0000000' || n % 4 || '.getItem' END, '{"path": {"id": 1}}', decode(repeat('0', 64), 'hex'), 'read', 'DONE',
    '{"id": 1, "next": 2, "name": "Item 1", "price": 12.5, "stock": [1, 2]}', 1, now()
  FROM ids, generate_series(2, 6) AS c WHERE $4
)
SELECT count(*) FROM ids`;

/**
 * Writes ended runs of five calls directly into the tables, as after a long operation. Needs Postgres 18.
 * @param from number of the first, so that more can be added later
 * @param whole also their events and ledgers
 */
export async function seedRuns(
  pool: Pool,
  workspaceId: string,
  count: number,
  { whole, from = 1 }: { whole: boolean; from?: number },
): Promise<void> {
  const end = from + count - 1;
  await pool.query(`SELECT errand_partitions.ensure_run_event(now() - $1::int * interval '1 second')`, [count]);
  for (let first = from; first <= end; first += CHUNK) {
    await pool.query(SEED, [workspaceId, first, Math.min(first + CHUNK - 1, end), whole, end]);
  }
  await pool.query('ANALYZE run, run_event, execution_plan, ledger');
}
