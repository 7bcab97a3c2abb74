import type { Json } from '@errand/contracts';
import { enqueue } from './job.ts';
import { jsonText } from './json.ts';
import type { RunRow } from './row.ts';
import { runColumns } from './row.ts';
import type { RunScope } from './scope.ts';

/** What a new run is made of. */
export type NewRun = {
  runId: string;
  executionPlanId: string;
  repeatKey: string;
  repeatRunId: string | null;
  intent: string;
  context: string;
  userId: string;
  approvalStrategy: string;
  selected: readonly string[];
  outputSchema: Json | null;
  /** SHA-256 over what must be equal for a repeat. */
  signature: Buffer;
  budget: Json;
  metadata: Json;
  plan: StoredPlan;
};

/** A plan as it is kept: `json` once there is a program, with the fingerprints of the tools that it was made for. */
export type StoredPlan = { planType: 'text' | 'json'; plan: Json; madeBy: string };

const insert = `
WITH made AS (
  INSERT INTO run (workspace_id, run_id, execution_plan_id, repeat_key, repeat_run_id, status, intent, context, user_id,
    approval_strategy, selected, output_schema, signature, budget, metadata)
  VALUES ($1, $2, $3, $4, $5, 'QUEUED', $6, $7, $8, $9, $10, $11::jsonb, $12, $13::jsonb, $14::jsonb)
  RETURNING run.*
), planned AS (
  INSERT INTO execution_plan (workspace_id, execution_plan_id, run_id, plan_type, plan, made_by)
  SELECT $1, $3, $2, $15, $16::jsonb, $17 FROM made
), job AS (
  SELECT ${enqueue('$1::uuid', '$2::uuid')} FROM made
)
SELECT ${runColumns} FROM made AS run, job`;

/**
 * Stores a run as QUEUED, its plan (or the placeholder) and the job that advances it, in one statement.
 * Once it has returned the run is accepted: it will be carried out whatever crashes.
 */
export async function createRun(scope: RunScope, run: NewRun): Promise<RunRow> {
  const { rows } = await scope.pool.query<RunRow>({
    name: 'run_create',
    text: insert,
    values: [
      scope.workspaceId,
      run.runId,
      run.executionPlanId,
      run.repeatKey,
      run.repeatRunId,
      run.intent,
      run.context,
      run.userId,
      run.approvalStrategy,
      run.selected,
      run.outputSchema === null ? null : jsonText(run.outputSchema),
      run.signature,
      jsonText(run.budget),
      jsonText(run.metadata),
      run.plan.planType,
      jsonText(run.plan.plan),
      run.plan.madeBy,
    ],
  });
  return rows[0]!;
}

/** The newest SUCCESS that an equal run would repeat, with the context it had and its plan; null when there is none. */
export async function findRepeatable(
  scope: RunScope,
  repeatKey: string,
  signature: Buffer,
): Promise<{ runId: string; context: string; plan: Json } | null> {
  const { rows } = await scope.pool.query<{ runId: string; context: string; plan: Json }>({
    name: 'run_repeatable',
    text: `SELECT run.run_id AS "runId", run.context, p.plan FROM run
      JOIN execution_plan p ON p.workspace_id = run.workspace_id AND p.execution_plan_id = run.execution_plan_id
      WHERE run.workspace_id = $1 AND run.repeat_key = $2 AND run.signature = $3 AND run.status = 'SUCCESS' AND p.plan_type = 'json'
      ORDER BY run.run_id DESC LIMIT 1`,
    values: [scope.workspaceId, repeatKey, signature],
  });
  return rows[0] ?? null;
}
