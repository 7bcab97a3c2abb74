import type { Json, RunError, RunStatus } from '@errand/contracts';
import { isoText } from '../statements/iso-text.ts';
import { queryRow, type RunScope } from '../statements/scope.ts';
import type { StoredPlan } from './create.ts';
import { RUN_COLUMNS, type RunHead, type RunRow } from './row.ts';

export const readHead = (scope: RunScope, runId: string): Promise<RunHead | null> =>
  queryRow<RunHead>(scope, {
    name: 'run_head',
    text: 'SELECT status, seq FROM run WHERE workspace_id = $1 AND run_id = $2',
    values: [runId],
  });

/** Reads the outcome of a run. `result` is JSON text. */
export const readOutcome = (
  scope: RunScope,
  runId: string,
): Promise<{ status: RunStatus; result: string | null; error: RunError | null } | null> =>
  queryRow(scope, {
    name: 'run_outcome',
    text: 'SELECT status, result::text, error FROM run WHERE workspace_id = $1 AND run_id = $2',
    values: [runId],
  });

type TypedPlan = Pick<StoredPlan, 'planType' | 'plan'>;

/** A plan without its content. `isRerun`: its run reruns another one. */
export type PlanVersion = { madeBy: string; madeAt: Date; reason: string | null; isRerun: boolean };

const ORIGIN = `EXISTS (SELECT FROM run WHERE run.workspace_id = p.workspace_id AND run.run_id = p.run_id AND run.rerun_of IS NOT NULL)`;

export const readPlan = (scope: RunScope, executionPlanId: string): Promise<(TypedPlan & PlanVersion) | null> =>
  queryRow<TypedPlan & PlanVersion>(scope, {
    name: 'plan_read',
    text: `SELECT p.plan_type AS "planType", p.plan, p.made_by AS "madeBy", p.updated_at AS "madeAt", p.reason, ${ORIGIN} AS "isRerun"
      FROM execution_plan p WHERE p.workspace_id = $1 AND p.execution_plan_id = $2`,
    values: [executionPlanId],
  });

/** A plan with its run and all its versions. */
export type PlanOfAnyVersion = TypedPlan &
  PlanVersion & {
    /** The plans that it replaced, oldest first. `madeAt`: ISO-8601. */
    earlier: { madeBy: string; madeAt: string; reason: string | null }[];
    /** The requested one of them. */
    earlierPlan: Json | null;
    /** The request of its run. */
    request: { intent: string; context: string; createdAt: Date };
  };

/** @param version of the earlier plan to return: 1 is the first one of the run; null: none */
export async function readPlanVersions(
  scope: RunScope,
  executionPlanId: string,
  version: number | null,
): Promise<PlanOfAnyVersion | null> {
  const OF_PLAN = 'FROM earlier_plan e WHERE e.workspace_id = $1 AND e.execution_plan_id = $2';
  const row = await queryRow<Omit<PlanOfAnyVersion, 'request'> & PlanOfAnyVersion['request']>(scope, {
    name: 'plan_versions',
    text: `SELECT p.plan_type AS "planType", p.plan, p.made_by AS "madeBy", p.updated_at AS "madeAt", p.reason, run.rerun_of IS NOT NULL AS "isRerun",
        run.intent, run.context, run.created_at AS "createdAt",
        (SELECT coalesce(json_agg(json_build_object('madeBy', e.made_by, 'madeAt', ${isoText('e.made_at')}, 'reason', e.reason)
          ORDER BY e.version), '[]') ${OF_PLAN}) AS earlier,
        (SELECT e.plan ${OF_PLAN} AND $3::int IS NOT NULL ORDER BY e.version LIMIT 1 OFFSET $3::int - 1) AS "earlierPlan"
      FROM execution_plan p JOIN run ON run.workspace_id = p.workspace_id AND run.run_id = p.run_id
      WHERE p.workspace_id = $1 AND p.execution_plan_id = $2`,
    values: [executionPlanId, version],
  });
  if (!row) return null;
  const { intent, context, createdAt, ...rest } = row;
  return { ...rest, request: { intent, context, createdAt } };
}

export type EarlierRun = RunRow & {
  passedTo: string[];
  redirectUri: string | null;
  endedAt: Date | null;
  outputsRemovedAt: Date | null;
} & TypedPlan;

export const readEarlierRun = (scope: RunScope, runId: string): Promise<EarlierRun | null> =>
  queryRow<EarlierRun>(scope, {
    name: 'run_earlier',
    text: `SELECT ${RUN_COLUMNS}, run.passed_to AS "passedTo", run.redirect_uri AS "redirectUri", run.ended_at AS "endedAt", run.outputs_removed_at AS "outputsRemovedAt",
      p.plan_type AS "planType", p.plan FROM run
      JOIN execution_plan p ON p.workspace_id = run.workspace_id AND p.execution_plan_id = run.execution_plan_id
      WHERE run.workspace_id = $1 AND run.run_id = $2`,
    values: [runId],
  });
