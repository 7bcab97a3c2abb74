import type { Json } from '@errand/contracts';
import { type RunScope, rowOf } from '../statements/scope.ts';
import { RUN_COLUMNS, type RunRow } from './row.ts';

/** A run that another one is made from, with its plan. */
export type EarlierRun = RunRow & {
  /** Ids of the integrations to which its caller passed headers or parameters. */
  passedTo: string[];
  planType: 'text' | 'json';
  plan: Json;
};

/** A run with its plan; null when the workspace has none with this id. */
export const readEarlierRun = (scope: RunScope, runId: string): Promise<EarlierRun | null> =>
  rowOf<EarlierRun>(scope, {
    name: 'run_earlier',
    text: `SELECT ${RUN_COLUMNS}, run.passed_to AS "passedTo", p.plan_type AS "planType", p.plan FROM run
      JOIN execution_plan p ON p.workspace_id = run.workspace_id AND p.execution_plan_id = run.execution_plan_id
      WHERE run.workspace_id = $1 AND run.run_id = $2`,
    values: [runId],
  });
