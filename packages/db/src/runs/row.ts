import type { Budget, JsonSchema, Metadata, RunStatus, RunUser, StoredApprover } from '@errand/contracts';

export type RunFields = {
  runId: string;
  executionPlanId: string;
  repeatKey: string;
  repeatRunId: string | null;
  rerunOf: string | null;
  actionKey: string | null;
  scheduleId: string | null;
  scheduledFor: Date | null;
  /** The earliest start of a run that has not started; null for none. */
  startAt: Date | null;
  status: RunStatus;
  userId: string;
  /** Details of the user from the caller. */
  user: RunUser | null;
  approvalStrategy: 'NONE' | 'ON_START' | 'ON_TOOL_CALL' | 'ON_WRITE';
  selected: string[];
  /** Those of its selection and of its plans. */
  integrations: string[];
  /** Identity of the principal that created it. */
  requestedBy: string | null;
  /** Its name, if the run stores it. */
  requestedLabel: string | null;
  /** The persons who alone decide; null: every principal with the scope. */
  approvers: StoredApprover[] | null;
  steps: number;
  /** The steps taken by earlier plans, and those of the present one; null before a plan. */
  plannedSteps: number | null;
  toolCalls: number;
  inputTokens: number;
  cachedInputTokens: number;
  outputTokens: number;
  /** The cost of models; null if a price is unknown. The currency is null before the first model call. */
  cost: number | null;
  costCurrency: string | null;
  activeMs: number;
  seq: number;
  createdAt: Date;
  updatedAt: Date;
  startedAt: Date | null;
};

/** An unfinished run for its execution. */
export type RunRow = RunFields & {
  workspaceId: string;
  intent: string;
  context: string;
  outputSchema: JsonSchema | null;
  budget: Budget;
  metadata: Metadata;
  epoch: number;
  /** The number of workers that died during its execution. */
  deaths: number;
  sealedPassThrough: Buffer | null;
  /** When it was restored from a backup in which it was open; null for other runs. */
  restoredAt: Date | null;
};

export type RunHead = Pick<RunRow, 'status' | 'seq'>;

const uuid = /^[0-9a-f]{8}(-[0-9a-f]{4}){3}-[0-9a-f]{12}$/;

/**
 * SQL of whether a run has a repeat key. A key in the form of an id may also be the id of the run. That statement has no name, so
 * that Postgres plans it for its values.
 * @param n number of the parameter with the key
 */
export const ofRepeatKey = (key: string, n: number): { named: boolean; where: string } =>
  uuid.test(key)
    ? {
        named: false,
        where: `(run.repeat_key = $${n}::text OR (run.run_id = $${n}::text::uuid AND run.repeat_key IS NULL))`,
      }
    : { named: true, where: `run.repeat_key = $${n}::text` };

/** The select list of RunFields. The repeat key defaults to the id of the run. */
export const RUN_FIELDS = `run.run_id AS "runId", run.execution_plan_id AS "executionPlanId",
  coalesce(run.repeat_key, run.run_id::text) AS "repeatKey", run.repeat_run_id AS "repeatRunId", run.rerun_of AS "rerunOf", run.action_key AS "actionKey", run.schedule_id AS "scheduleId", run.scheduled_for AS "scheduledFor",
  CASE WHEN run.epoch = 0 AND run.ended_at IS NULL THEN run.not_before END AS "startAt", run.status, run.user_id AS "userId", run.user_details AS "user",
  run.approval_strategy AS "approvalStrategy", run.selected, run.integrations, run.requested_by AS "requestedBy",
  run.requested_label AS "requestedLabel", run.approvers, run.steps, run.planned_steps AS "plannedSteps", run.tool_calls AS "toolCalls", run.input_tokens AS "inputTokens",
  run.cached_input_tokens AS "cachedInputTokens", run.output_tokens AS "outputTokens", run.cost, run.cost_currency AS "costCurrency",
  run.active_ms AS "activeMs", run.seq, run.created_at AS "createdAt", run.updated_at AS "updatedAt", run.started_at AS "startedAt"`;

export const RUN_COLUMNS = `${RUN_FIELDS}, run.workspace_id AS "workspaceId", run.intent, run.context,
  run.output_schema AS "outputSchema", run.budget, run.metadata, run.epoch, run.deaths, run.sealed_pass_through AS "sealedPassThrough",
  run.restored_at AS "restoredAt"`;
