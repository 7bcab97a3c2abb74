import type { Json, RunUser, StoredApprover } from '@errand/contracts';
import { type Columns, numbered, valuesOf } from '../statements/columns.ts';
import { queryRow, queryRows, type RunScope } from '../statements/scope.ts';
import type { EventDraft } from './events.ts';
import { jsonText } from './json.ts';
import { wordsOf } from './list/words.ts';
import { type ClaimingWorker, type DueRun, HAS_LIMIT, type PlanOfRun } from './queue/claimed-run.ts';
import type { RunRow } from './row.ts';
import { ofRepeatKey, RUN_COLUMNS } from './row.ts';

export type NewRun = {
  runId: string;
  executionPlanId: string;
  /** Null: the id of the run. */
  repeatKey: string | null;
  repeatRunId: string | null;
  rerunOf?: string;
  actionKey?: string;
  intent: string;
  context: string;
  userId: string;
  user?: RunUser | null;
  approvalStrategy: string;
  selected: readonly string[];
  outputSchema: Json | null;
  /** SHA-256 over the properties that a repeat must share with the earlier run. */
  signature: Buffer;
  budget: Json;
  metadata: Json;
  /** Runs of higher priority are claimed first within the workspace. */
  priority: number;
  requestedBy: string | null;
  /** The name of the requester, if no other row has it. */
  requestedLabel?: string;
  /** The persons who alone decide; every principal with the scope by default. */
  approvers?: readonly StoredApprover[];
  /** The headers and parameters that the caller passes to integrations, sealed. */
  sealedPassThrough?: Buffer;
  /** Where the browser goes after a consent for the run. */
  redirectUri?: string;
  passedTo?: readonly string[];
  plan: StoredPlan;
  /** The run is due from this time; immediately by default. */
  startAt?: Date;
  schedule?: ScheduledBy;
  takeOver?: TakeOver;
};

/** The calls of some steps of an ended run that succeeded. The new run gets copies of them, and makes none of them again. */
export type TakeOver = { runId: string; stepIds: readonly string[] };

/** Calls that a new run would take over are no longer stored, so it was not created. */
export class EarlierCallsGone extends Error {
  override readonly name = 'EarlierCallsGone';
}

/** A run with this id is stored. An earlier attempt committed it, perhaps after this one looked for it. */
export class RunExists extends Error {
  override readonly name = 'RunExists';
}

/** A schedule that creates a run. `at`: its scheduled time, if it has one; `told`: the event that announces the run. */
export type ScheduledBy = { scheduleId: string; at?: Date; announcement?: EventDraft };

/** A stored plan: `json` contains the plan and the fingerprints of its tools, `text` a placeholder. */
export type StoredPlan = Omit<PlanOfRun, 'planVersion'> & {
  /** Ids of the integrations that it calls. */
  calls: readonly string[];
  /** Why it replaces another plan. */
  reason?: string;
  /** The number of its steps that have not ended yet; absent for a placeholder. */
  steps?: number;
};

/** A run to store, and the worker that may claim it in the same statement. */
type Creation = { run: NewRun; claimant: ClaimingWorker | null };

const RUN = {
  run_id: { type: 'uuid', value: ({ run }) => run.runId },
  execution_plan_id: { type: 'uuid', value: ({ run }) => run.executionPlanId },
  repeat_key: { type: 'text', value: ({ run }) => run.repeatKey },
  repeat_run_id: { type: 'uuid', value: ({ run }) => run.repeatRunId },
  rerun_of: { type: 'uuid', value: ({ run }) => run.rerunOf ?? null },
  action_key: { type: 'text', value: ({ run }) => run.actionKey ?? null },
  schedule_id: { type: 'uuid', value: ({ run }) => run.schedule?.scheduleId ?? null },
  scheduled_for: { type: 'timestamptz', value: ({ run }) => run.schedule?.at ?? null },
  not_before: { type: 'timestamptz', value: ({ run }) => run.startAt ?? null },
  intent: { type: 'text', value: ({ run }) => run.intent },
  context: { type: 'text', value: ({ run }) => run.context },
  user_id: { type: 'text', value: ({ run }) => run.userId },
  user_details: { type: 'jsonb', value: ({ run }) => (run.user ? jsonText(run.user) : null) },
  approval_strategy: { type: 'text', value: ({ run }) => run.approvalStrategy },
  selected: { type: 'text[]', value: ({ run }) => run.selected },
  integrations: { type: 'text[]', value: ({ run }) => integrationsOf(run) },
  planned_steps: { type: 'int', value: ({ run }) => run.plan.steps ?? null },
  passed_to: { type: 'text[]', value: ({ run }) => run.passedTo ?? [] },
  output_schema: { type: 'jsonb', value: ({ run }) => (run.outputSchema === null ? null : jsonText(run.outputSchema)) },
  signature: { type: 'bytea', value: ({ run }) => run.signature },
  budget: { type: 'jsonb', value: ({ run }) => jsonText(run.budget) },
  metadata: { type: 'jsonb', value: ({ run }) => jsonText(run.metadata) },
  priority: { type: 'int', value: ({ run }) => run.priority },
  requested_by: { type: 'text', value: ({ run }) => run.requestedBy },
  redirect_uri: { type: 'text', value: ({ run }) => run.redirectUri ?? null },
  requested_label: { type: 'text', value: ({ run }) => run.requestedLabel ?? null },
  approvers: { type: 'jsonb', value: ({ run }) => (run.approvers ? JSON.stringify(run.approvers) : null) },
  sealed_pass_through: { type: 'bytea', value: ({ run }) => run.sealedPassThrough ?? null },
} satisfies Columns<Creation>;

const PLAN = {
  plan_type: { type: 'text', value: ({ run }) => run.plan.planType },
  plan: { type: 'json', value: ({ run }) => jsonText(run.plan.plan) },
  made_by: { type: 'text', value: ({ run }) => run.plan.madeBy },
} satisfies Columns<Creation>;

const START = {
  worker: { type: 'text', value: ({ claimant }) => claimant?.worker ?? null },
  slots: { type: 'int', value: ({ claimant }) => claimant?.slots ?? 0 },
  scheduled: { type: 'bool', value: ({ run }) => run.schedule?.announcement !== undefined },
  type: { type: 'text', value: (creation) => firstEvent(creation)?.type ?? null },
  data: { type: 'json', value: (creation) => firstEvent(creation)?.data ?? null },
} satisfies Columns<Creation>;

const TAKE_OVER = {
  earlier_run_id: { type: 'uuid', value: ({ run }) => run.takeOver?.runId ?? null },
  earlier_step_ids: { type: 'text[]', value: ({ run }) => run.takeOver?.stepIds ?? [] },
} satisfies Columns<Creation>;

const firstEvent = ({ run, claimant }: Creation): EventDraft | undefined =>
  run.schedule?.announcement ?? claimant?.startEvent;

const integrationsOf = ({ selected, plan }: NewRun): string[] => [
  ...new Set([...selected.filter((id) => id !== '*'), ...plan.calls]),
];

const run = numbered(RUN);
const plan = numbered(PLAN, run.next);
const start = numbered(START, plan.next);
const takeOver = numbered(TAKE_OVER, start.next);

// Inside Postgres, because the outputs of a run may be large. Late outcomes of calls are recorded after the end of a run, so states are read here.
const EARLIER = `FROM ledger e WHERE e.workspace_id = $1 AND e.run_id = ${takeOver.of.earlier_run_id}
    AND e.step_id = ANY(${takeOver.of.earlier_step_ids}) AND e.state = 'DONE'`;
const INTACT = `EXISTS (SELECT FROM run e WHERE e.workspace_id = $1 AND e.run_id = ${takeOver.of.earlier_run_id} AND e.outputs_removed_at IS NULL)
    AND NOT EXISTS (SELECT ${EARLIER} AND e.args IS NULL)`;
const COPIED = `key, kind, step_id, iteration, tool, args, args_sha256, effect, state, output, error, link, idempotency_key, attempts,
    input_tokens, output_tokens, started_at, finished_at`;
const COPY = `, taken AS (
  INSERT INTO ledger (workspace_id, run_id, taken_from, ${COPIED})
  SELECT $1, ${run.of.run_id}, coalesce(e.taken_from, e.run_id), ${COPIED.replaceAll(/\w+/g, 'e.$&')}
  FROM created CROSS JOIN LATERAL (SELECT e.* ${EARLIER}) AS e
)`;

/** @param takesOver whether the run takes calls over: without them no run is created if they are no longer stored */
const creationText = (takesOver: boolean): string => `
WITH slot AS MATERIALIZED (
  SELECT CASE WHEN ${start.of.worker} IS NOT NULL AND (SELECT count(*) FROM run h
    WHERE h.workspace_id = $1 AND h.lease IS NOT NULL) < ${start.of.slots} AND NOT ${HAS_LIMIT} THEN ${start.of.worker} END AS lease
), created AS (
  INSERT INTO run (workspace_id, ${run.names}, status, due, lease, epoch, seq, started_at)
  SELECT $1, ${run.parameters}, CASE WHEN slot.lease IS NULL THEN 'QUEUED' ELSE 'RUNNING' END,
    CASE WHEN slot.lease IS NULL AND ${run.of.not_before} IS NULL THEN 1 ELSE 0 END, slot.lease,
    CASE WHEN slot.lease IS NULL THEN 0 ELSE 1 END, CASE WHEN slot.lease IS NULL AND NOT ${start.of.scheduled} THEN 0 ELSE 1 END,
    CASE WHEN slot.lease IS NOT NULL THEN clock_timestamp() END
  FROM slot${takesOver ? ` WHERE ${INTACT}` : ''}
  RETURNING run.*
), planned AS (
  INSERT INTO execution_plan (workspace_id, execution_plan_id, run_id, ${plan.names})
  SELECT $1, ${run.of.execution_plan_id}, ${run.of.run_id}, ${plan.parameters} FROM created
), texts AS (
  INSERT INTO run_text (workspace_id, run_id, words) SELECT $1, ${run.of.run_id}, ${wordsOf('$1', run.of.intent)} FROM created
), used AS (
  INSERT INTO run_integration (workspace_id, customer_integration_id, run_id)
  SELECT $1, id, ${run.of.run_id} FROM unnest(${run.of.integrations}) AS id
), started AS (
  INSERT INTO run_event (workspace_id, run_id, seq, type, data, created_at)
  SELECT $1, ${run.of.run_id}, created.seq, ${start.of.type}, ${start.of.data}, created.updated_at FROM created WHERE created.seq > 0
)${takesOver ? COPY : ''}
SELECT ${RUN_COLUMNS} FROM created AS run`;

const CREATE = { name: 'run_create', text: creationText(false) };
const CREATE_FROM_STEP = { name: 'run_create_from_step', text: creationText(true) };

/**
 * Stores a run as QUEUED and due, with its plan or placeholder, in one statement. With a claimant the statement also claims the
 * run if its workspace has a free slot, unless the run starts later or has a `told` event. From then on the run is executed even
 * if processes crash.
 * @throws EarlierCallsGone, RunExists
 */
export async function createRun(
  scope: RunScope,
  run: NewRun,
  claimant: ClaimingWorker | null = null,
): Promise<DueRun & { row: RunRow }> {
  const creation = { run, claimant };
  const values = [...valuesOf(RUN, creation), ...valuesOf(PLAN, creation), ...valuesOf(START, creation)];
  const row = await queryRow<RunRow>(
    scope,
    run.takeOver
      ? { ...CREATE_FROM_STEP, values: [...values, ...valuesOf(TAKE_OVER, creation)] }
      : { ...CREATE, values },
  ).catch((error: { constraint?: string }) => {
    throw error.constraint === 'run_pkey' ? new RunExists(`The run ${run.runId} is stored.`, { cause: error }) : error;
  });
  if (!row) throw new EarlierCallsGone('The calls of the earlier run are no longer stored.');
  const { planType, plan, madeBy } = run.plan;
  const claimed = { run: row, exceedsSlots: false, plan: { planType, plan, madeBy, planVersion: 1 } };
  return { runId: run.runId, row, claimed: row.epoch === 1 ? claimed : null };
}

export type Repeatable = { runId: string; context: string; plan: Json };

/** Finds the newest successful run of the same key, signature and context, with its plan. */
export async function findRepeatable(
  scope: RunScope,
  repeatKey: string,
  signature: Buffer,
  context: string,
): Promise<Repeatable | null> {
  const key = ofRepeatKey(repeatKey, 2);
  return queryRow<Repeatable>(scope, {
    name: key.named ? 'run_repeatable' : undefined,
    text: `SELECT run.run_id AS "runId", run.context, p.plan FROM run
      JOIN execution_plan p ON p.workspace_id = run.workspace_id AND p.execution_plan_id = run.execution_plan_id
      WHERE run.workspace_id = $1 AND ${key.where} AND run.signature = $3 AND run.status = 'SUCCESS'
        AND hashtextextended(run.context, 0) = hashtextextended($4, 0) AND run.context = $4 AND p.plan_type = 'json'
      ORDER BY run.run_id DESC LIMIT 1`,
    values: [repeatKey, signature, context],
  });
}

/** Finds successful runs of the same key and signature with another context, newest first: at most 8 of the newest 100 runs. */
export async function findOfOtherContexts(
  scope: RunScope,
  repeatKey: string,
  signature: Buffer,
  context: string,
): Promise<Repeatable[]> {
  const key = ofRepeatKey(repeatKey, 2);
  return queryRows<Repeatable>(scope, {
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
