import type { Budget, Json, JsonSchema, Metadata, RunError, RunStatus } from '@errand/contracts';

/** The row of a run, with the names of the contract. */
export type RunRow = {
  runId: string;
  executionPlanId: string;
  repeatKey: string;
  repeatRunId: string | null;
  status: RunStatus;
  intent: string;
  context: string;
  userId: string;
  approvalStrategy: 'NONE' | 'ON_START' | 'ON_TOOL_CALL' | 'ON_WRITE';
  /** Identity of the principal that created it. */
  requestedBy: string | null;
  selected: string[];
  outputSchema: JsonSchema | null;
  budget: Budget;
  metadata: Metadata;
  result: Json | null;
  /** Whether there is a result, which may be null. */
  hasResult: boolean;
  error: RunError | null;
  steps: number;
  toolCalls: number;
  inputTokens: number;
  cachedInputTokens: number;
  outputTokens: number;
  /** What models cost; null when a price is not known. The currency is null while none was asked. */
  cost: number | null;
  costCurrency: string | null;
  activeMs: number;
  seq: number;
  createdAt: Date;
  updatedAt: Date;
  startedAt: Date | null;
  endedAt: Date | null;
  /** When its result and the outputs of its calls were removed, by age. */
  outputsRemovedAt: Date | null;
  /** What it waits for; null while a worker holds it, and when it has ended. */
  waitsFor: 'slot' | 'retry' | 'human' | 'suspect' | null;
};

/** The status of a run, and the number of its newest event. */
export type RunHead = Pick<RunRow, 'status' | 'seq'>;

/** SQL: what a run waits for. */
export const WAITS_FOR = `CASE WHEN run.lease IS NOT NULL OR run.ended_at IS NOT NULL THEN NULL WHEN run.status IN ('PAUSED', 'AUTH_REQUIRED') THEN 'human'
    WHEN run.due = 0 THEN 'retry' WHEN run.deaths >= 2 THEN 'suspect' ELSE 'slot' END AS "waitsFor"`;

/** SQL: the repeat key of a run; its id when its caller named none. */
export const REPEAT_KEY_OF = 'coalesce(run.repeat_key, run.run_id::text)';

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * SQL: whether a run has a repeat key. If the key can be the id of a run, the condition looks for both; its statement has no name, so that
 * Postgres plans it for its values.
 * @param n number of the parameter with the key
 */
export const ofRepeatKey = (key: string, n: number): { named: boolean; where: string } =>
  uuid.test(key)
    ? {
        named: false,
        where: `(run.repeat_key = $${n}::text OR (run.run_id = $${n}::text::uuid AND run.repeat_key IS NULL))`,
      }
    : { named: true, where: `run.repeat_key = $${n}::text` };

/** SQL: what models used, and what that cost. */
export const TOKEN_COLUMNS = `run.input_tokens AS "inputTokens", run.cached_input_tokens AS "cachedInputTokens",
  run.output_tokens AS "outputTokens", run.cost, run.cost_currency AS "costCurrency"`;

/** The select list of a RunRow. */
export const RUN_COLUMNS = `run.run_id AS "runId", run.execution_plan_id AS "executionPlanId", ${REPEAT_KEY_OF} AS "repeatKey",
  run.repeat_run_id AS "repeatRunId", run.status, run.intent, run.context, run.user_id AS "userId",
  run.approval_strategy AS "approvalStrategy", run.requested_by AS "requestedBy", run.selected, run.output_schema AS "outputSchema", run.budget, run.metadata,
  run.result, run.result IS NOT NULL AS "hasResult", run.error, run.steps, run.tool_calls AS "toolCalls",
  ${TOKEN_COLUMNS}, run.active_ms AS "activeMs", run.seq,
  run.created_at AS "createdAt", run.updated_at AS "updatedAt", run.started_at AS "startedAt", run.ended_at AS "endedAt",
  run.outputs_removed_at AS "outputsRemovedAt", ${WAITS_FOR}`;
