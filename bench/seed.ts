// Finished runs, written straight into the tables: what a service that has run for long holds.
import { newId } from '@errand/db';
import type pg from 'pg';

const CHUNK = 5000;

const rows = `
WITH ids AS (SELECT * FROM unnest($2::uuid[], $3::uuid[]) WITH ORDINALITY AS t(run_id, plan_id, n)),
runs AS (
  INSERT INTO run (workspace_id, run_id, execution_plan_id, repeat_key, status, intent, context, user_id, selected, signature,
    result, steps, tool_calls, active_ms, seq, epoch, started_at, ended_at)
  SELECT $1, run_id, plan_id, run_id::text, CASE WHEN n % 20 = 0 THEN 'FAILED' ELSE 'SUCCESS' END,
    'Which deals over 50000 does the account Northwind have, and who owns them?', 'region=north; quarter=3', 'user-' || n % 100,
    ARRAY['crm_0000000' || n % 4], '\\x00', '{"deals": [{"id": "d-1", "amount": 60000, "owner": "Ada"}]}', 5, 5, 12, 7, 1, now(), now()
  FROM ids
), plans AS (
  INSERT INTO execution_plan (workspace_id, execution_plan_id, run_id, plan_type, plan, made_by)
  SELECT $1, plan_id, run_id, 'json', '{"pins": {}, "plan": {"goal": "g", "steps": []}}', 'caller' FROM ids
)
SELECT count(*) FROM ids`;

const events = `
INSERT INTO run_event (workspace_id, run_id, seq, type, data)
SELECT $1, id, n, CASE n WHEN 1 THEN 'start' WHEN 7 THEN 'end' ELSE 'step' END,
  json_build_object('runStatus', 'RUNNING', 'step', json_build_object('stepId', 's' || n, 'text', 'Found the next item of the list'))
FROM unnest($2::uuid[]) AS id, generate_series(1, 7) AS n`;

const calls = `
INSERT INTO ledger (workspace_id, run_id, key, kind, step_id, tool, args, args_sha256, effect, state, output, attempts, finished_at)
SELECT $1, id, 's' || n, 'tool', 's' || n, 'crm_00000000.getItem', '{"path": {"id": 1}}', repeat('0', 64), 'read', 'DONE',
  '{"id": 1, "next": 2, "name": "Item 1", "price": 12.5, "stock": [1, 2]}', 1, now()
FROM unnest($2::uuid[]) AS id, generate_series(1, 5) AS n`;

/** Adds `count` finished runs. @param whole also their events and their ledger */
export async function addRuns(pool: pg.Pool, workspaceId: string, count: number, whole: boolean): Promise<void> {
  for (let done = 0; done < count; done += CHUNK) {
    const ids = Array.from({ length: Math.min(CHUNK, count - done) }, newId);
    await pool.query(rows, [workspaceId, ids, ids.map(() => newId())]);
    if (!whole) continue;
    await pool.query(events, [workspaceId, ids]);
    await pool.query(calls, [workspaceId, ids]);
  }
  await pool.query('ANALYZE run, run_event, execution_plan, ledger');
}

/** Adds `count` runs that wait on a human, so that nothing happens to them. @returns their ids */
export async function addWaitingRuns(pool: pg.Pool, workspaceId: string, count: number): Promise<string[]> {
  const ids = Array.from({ length: count }, newId);
  await pool.query(
    `INSERT INTO run (workspace_id, run_id, execution_plan_id, repeat_key, status, intent, user_id, selected, signature, seq, epoch, started_at)
     SELECT $1, id, gen_random_uuid(), id::text, 'PAUSED', 'Wait', 'user-1', ARRAY['crm_00000000'], '\\x00', 1, 1, now() FROM unnest($2::uuid[]) AS id`,
    [workspaceId, ids],
  );
  await pool.query(
    `INSERT INTO run_event (workspace_id, run_id, seq, type, data) SELECT $1, id, 1, 'start', '{"runStatus":"RUNNING"}' FROM unnest($2::uuid[]) AS id`,
    [workspaceId, ids],
  );
  return ids;
}
