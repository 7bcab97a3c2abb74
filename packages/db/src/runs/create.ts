import type { Json, RunUser } from '@errand/contracts';
import type { EventDraft } from './events.ts';
import { jsonText } from './json.ts';
import { wordsOf } from './list/words.ts';
import type { ClaimingWorker, DueRun } from './queue/claimed-run.ts';
import type { RunRow } from './row.ts';
import { ofRepeatKey, RUN_COLUMNS } from './row.ts';
import { type RunScope, rowOf, rowsOf } from './scope.ts';

export type NewRun = {
  runId: string;
  executionPlanId: string;
  /** Null: the id of the run. */
  repeatKey: string | null;
  repeatRunId: string | null;
  /** The run that it is made from by rerun. */
  rerunOf?: string;
  /** The action that it is a run of. */
  actionKey?: string;
  intent: string;
  context: string;
  userId: string;
  user?: RunUser | null;
  approvalStrategy: string;
  selected: readonly string[];
  outputSchema: Json | null;
  /** SHA-256 over what a repeat must have in common with the earlier run. */
  signature: Buffer;
  budget: Json;
  metadata: Json;
  /** Within the workspace, runs of higher priority are claimed first. */
  priority: number;
  /** Identity of the principal that creates it; null when there is none. */
  requestedBy: string | null;
  /** What the caller passes through to integrations, sealed. */
  sealedPassThrough?: Buffer;
  /** Ids of the integrations that it is for. */
  passedTo?: readonly string[];
  plan: StoredPlan;
  /** It is due from then on; at once by default. */
  startAt?: Date;
  /** The schedule that creates it. */
  schedule?: ScheduledBy;
};

/** A schedule that creates a run. `at`: for which of its times, if for one; `told`: an event that tells of it. */
export type ScheduledBy = { scheduleId: string; at?: Date; told?: EventDraft };

/** A plan as it is stored: `json` is a plan with the fingerprints of its tools, `text` a placeholder. */
export type StoredPlan = {
  planType: 'text' | 'json';
  plan: Json;
  madeBy: string;
  /** Ids of the integrations that it calls. */
  calls: readonly string[];
};

const TEXT = `
WITH slot AS MATERIALIZED (
  SELECT CASE WHEN $22::text IS NOT NULL AND (SELECT count(*) FROM run h
    WHERE h.workspace_id = $1 AND h.lease IS NOT NULL) < $23::int THEN $22::text END AS lease
), made AS (
  INSERT INTO run (workspace_id, run_id, execution_plan_id, repeat_key, repeat_run_id, status, intent, context, user_id,
    approval_strategy, selected, output_schema, signature, budget, metadata, priority, requested_by, sealed_pass_through,
    integrations, user_details, rerun_of, passed_to, action_key, schedule_id, scheduled_for, not_before, due, lease, epoch, seq, started_at)
  SELECT $1, $2, $3, $4, $5, CASE WHEN slot.lease IS NULL THEN 'QUEUED' ELSE 'RUNNING' END, $6, $7, $8, $9, $10, $11::jsonb, $12,
    $13::jsonb, $14::jsonb, $18, $19::text, $20::bytea, $21::text[], $26::jsonb, $27::uuid, $28::text[], $29::text, $30::uuid, $31::timestamptz,
    $32::timestamptz, CASE WHEN slot.lease IS NULL AND $32::timestamptz IS NULL THEN 1 ELSE 0 END, slot.lease,
    CASE WHEN slot.lease IS NULL THEN 0 ELSE 1 END, CASE WHEN slot.lease IS NULL AND $33::text IS NULL THEN 0 ELSE 1 END,
    CASE WHEN slot.lease IS NOT NULL THEN clock_timestamp() END
  FROM slot
  RETURNING run.*
), planned AS (
  INSERT INTO execution_plan (workspace_id, execution_plan_id, run_id, plan_type, plan, made_by)
  SELECT $1, $3, $2, $15, $16::json, $17 FROM made
), texts AS (
  INSERT INTO run_text (workspace_id, run_id, words) SELECT $1, $2, ${wordsOf('$1', '$6')} FROM made
), used AS (
  INSERT INTO run_integration (workspace_id, customer_integration_id, run_id) SELECT $1, id, $2 FROM unnest($21::text[]) AS id
), started AS (
  INSERT INTO run_event (workspace_id, run_id, seq, type, data, created_at)
  SELECT $1, $2, made.seq, coalesce($33::text, $24), coalesce($34, $25)::json, made.updated_at FROM made WHERE made.seq > 0
)
SELECT ${RUN_COLUMNS} FROM made AS run`;

/**
 * Stores a run as QUEUED and due, with its plan or placeholder, in one statement. With a claimant the same statement claims the run if its
 * workspace has a free slot; not one that starts later or is told to be scheduled. Once this returns, the run is carried out even if processes crash.
 * @returns the stored run
 */
export async function createRun(
  scope: RunScope,
  run: NewRun,
  claimant: ClaimingWorker | null = null,
): Promise<DueRun & { row: RunRow }> {
  const rows = await rowsOf<RunRow>(scope, {
    name: 'run_create',
    text: TEXT,
    values: [
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
      run.priority,
      run.requestedBy,
      run.sealedPassThrough ?? null,
      [...new Set([...run.selected.filter((id) => id !== '*'), ...run.plan.calls])],
      claimant?.worker ?? null,
      claimant?.slots ?? 0,
      claimant?.startEvent.type ?? null,
      claimant?.startEvent.data ?? null,
      run.user ? jsonText(run.user) : null,
      run.rerunOf ?? null,
      run.passedTo ?? [],
      run.actionKey ?? null,
      run.schedule?.scheduleId ?? null,
      run.schedule?.at ?? null,
      run.startAt ?? null,
      run.schedule?.told?.type ?? null,
      run.schedule?.told?.data ?? null,
    ],
  });
  const row = rows[0]!;
  const { planType, plan, madeBy } = run.plan;
  const claimed = { run: row, exceedsSlots: false, plan: { planType, plan, madeBy, planVersion: 1 } };
  return { runId: run.runId, row, claimed: row.epoch === 1 ? claimed : null };
}

/** A successful run whose plan may be repeated. */
export type Repeatable = { runId: string; context: string; plan: Json };

/** The newest successful run of the same key, signature and context, with its plan; null when there is none. */
export async function findRepeatable(
  scope: RunScope,
  repeatKey: string,
  signature: Buffer,
  context: string,
): Promise<Repeatable | null> {
  const key = ofRepeatKey(repeatKey, 2);
  return rowOf<Repeatable>(scope, {
    name: key.named ? 'run_repeatable' : undefined,
    text: `SELECT run.run_id AS "runId", run.context, p.plan FROM run
      JOIN execution_plan p ON p.workspace_id = run.workspace_id AND p.execution_plan_id = run.execution_plan_id
      WHERE run.workspace_id = $1 AND ${key.where} AND run.signature = $3 AND run.status = 'SUCCESS'
        AND hashtextextended(run.context, 0) = hashtextextended($4, 0) AND run.context = $4 AND p.plan_type = 'json'
      ORDER BY run.run_id DESC LIMIT 1`,
    values: [repeatKey, signature, context],
  });
}

/** Successful runs of the same key and signature with another context, newest first: at most 8 of the newest 100 runs of the key. */
export async function findOfOtherContexts(
  scope: RunScope,
  repeatKey: string,
  signature: Buffer,
  context: string,
): Promise<Repeatable[]> {
  const key = ofRepeatKey(repeatKey, 2);
  return rowsOf<Repeatable>(scope, {
    name: key.named ? 'run_of_other_contexts' : undefined,
    text: `SELECT r.run_id AS "runId", r.context, p.plan FROM (
        SELECT run_id, context, signature, status, execution_plan_id FROM run
        WHERE run.workspace_id = $1 AND ${key.where} ORDER BY run_id DESC LIMIT 100) r
      JOIN execution_plan p ON p.workspace_id = $1 AND p.execution_plan_id = r.execution_plan_id
      WHERE r.signature = $3 AND r.status = 'SUCCESS' AND r.context <> $4 AND p.plan_type = 'json'
      ORDER BY r.run_id DESC LIMIT 8`,
    values: [repeatKey, signature, context],
  });
}
