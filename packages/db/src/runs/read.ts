import type { RunError, RunStatus } from '@errand/contracts';
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

export const readRunOfPlan = (
  scope: RunScope,
  executionPlanId: string,
): Promise<{ intent: string; context: string; createdAt: Date } | null> =>
  queryRow(scope, {
    name: 'plan_run',
    text: `SELECT run.intent, run.context, run.created_at AS "createdAt" FROM execution_plan p
      JOIN run ON run.workspace_id = p.workspace_id AND run.run_id = p.run_id WHERE p.workspace_id = $1 AND p.execution_plan_id = $2`,
    values: [executionPlanId],
  });

type TypedPlan = Pick<StoredPlan, 'planType' | 'plan'>;

export const readPlan = (scope: RunScope, executionPlanId: string): Promise<TypedPlan | null> =>
  queryRow<TypedPlan>(scope, {
    name: 'plan_read',
    text: 'SELECT plan_type AS "planType", plan FROM execution_plan WHERE workspace_id = $1 AND execution_plan_id = $2',
    values: [executionPlanId],
  });

export type EarlierRun = RunRow & {
  passedTo: string[];
} & TypedPlan;

export const readEarlierRun = (scope: RunScope, runId: string): Promise<EarlierRun | null> =>
  queryRow<EarlierRun>(scope, {
    name: 'run_earlier',
    text: `SELECT ${RUN_COLUMNS}, run.passed_to AS "passedTo", p.plan_type AS "planType", p.plan FROM run
      JOIN execution_plan p ON p.workspace_id = run.workspace_id AND p.execution_plan_id = run.execution_plan_id
      WHERE run.workspace_id = $1 AND run.run_id = $2`,
    values: [runId],
  });
