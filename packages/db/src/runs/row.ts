import type { Budget, JsonSchema, Metadata, RunStatus, RunUser } from '@errand/contracts';

/** What is read of every run, with the names of the contract. */
export type RunFields = {
  runId: string;
  executionPlanId: string;
  repeatKey: string;
  repeatRunId: string | null;
  /** The run that it was made from by rerun. */
  rerunOf: string | null;
  /** The action that it is a run of. */
  actionKey: string | null;
  /** The schedule that created it, and the time for which it did. */
  scheduleId: string | null;
  scheduledFor: Date | null;
  /** When it may start; null when it may, or has. */
  startAt: Date | null;
  status: RunStatus;
  userId: string;
  /** What the caller tells of the user. */
  user: RunUser | null;
  approvalStrategy: 'NONE' | 'ON_START' | 'ON_TOOL_CALL' | 'ON_WRITE';
  selected: string[];
  steps: number;
  toolCalls: number;
  inputTokens: number;
  cachedInputTokens: number;
  outputTokens: number;
  /** What models cost; null when a price is not known. The currency is null while none was asked. */
  cost: number | null;
  costCurrency: string | null;
  activeMs: number;
  /** The number of its newest event. */
  seq: number;
  createdAt: Date;
  updatedAt: Date;
  startedAt: Date | null;
};

/** A run that has not ended, as those who carry it out need it. */
export type RunRow = RunFields & {
  workspaceId: string;
  intent: string;
  context: string;
  /** Identity of the principal that created it. */
  requestedBy: string | null;
  outputSchema: JsonSchema | null;
  budget: Budget;
  metadata: Metadata;
  /** How often it was claimed. */
  epoch: number;
  /** The number of workers that died while they held it. */
  deaths: number;
  /** What the caller passes through to integrations, sealed; null when nothing. */
  sealedPassThrough: Buffer | null;
};

/** The status of a run, and the number of its newest event. */
export type RunHead = Pick<RunRow, 'status' | 'seq'>;

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

/** The select list of RunFields. The repeat key is the id of the run when its caller named none. */
export const RUN_FIELDS = `run.run_id AS "runId", run.execution_plan_id AS "executionPlanId",
  coalesce(run.repeat_key, run.run_id::text) AS "repeatKey", run.repeat_run_id AS "repeatRunId", run.rerun_of AS "rerunOf", run.action_key AS "actionKey", run.schedule_id AS "scheduleId", run.scheduled_for AS "scheduledFor",
  CASE WHEN run.epoch = 0 AND run.ended_at IS NULL THEN run.not_before END AS "startAt", run.status, run.user_id AS "userId", run.user_details AS "user",
  run.approval_strategy AS "approvalStrategy", run.selected, run.steps, run.tool_calls AS "toolCalls", run.input_tokens AS "inputTokens",
  run.cached_input_tokens AS "cachedInputTokens", run.output_tokens AS "outputTokens", run.cost, run.cost_currency AS "costCurrency",
  run.active_ms AS "activeMs", run.seq, run.created_at AS "createdAt", run.updated_at AS "updatedAt", run.started_at AS "startedAt"`;

/** The select list of a RunRow. */
export const RUN_COLUMNS = `${RUN_FIELDS}, run.workspace_id AS "workspaceId", run.intent, run.context, run.requested_by AS "requestedBy",
  run.output_schema AS "outputSchema", run.budget, run.metadata, run.epoch, run.deaths, run.sealed_pass_through AS "sealedPassThrough"`;
