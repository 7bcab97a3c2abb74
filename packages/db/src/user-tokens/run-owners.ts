import { queryRow, type RunScope } from '../statements/scope.ts';

/** The user and the integrations of a run, by which a user token is confined. */
export type RunOwner = { runId: string; userId: string; selected: string[] };

const COLUMNS = 'run.run_id AS "runId", run.user_id AS "userId", run.selected';

/** The owners of runs, and of plans and decision requests by their runs. Null if there is none. */
export const runOwners = (scope: RunScope) => ({
  ofRun: (runId: string): Promise<RunOwner | null> =>
    queryRow(scope, {
      name: 'owner_of_run',
      text: `SELECT ${COLUMNS} FROM run WHERE workspace_id = $1 AND run_id = $2`,
      values: [runId],
    }),

  ofPlan: (executionPlanId: string): Promise<RunOwner | null> =>
    queryRow(scope, {
      name: 'owner_of_plan',
      text: `SELECT ${COLUMNS} FROM execution_plan p JOIN run ON run.workspace_id = p.workspace_id AND run.run_id = p.run_id
        WHERE p.workspace_id = $1 AND p.execution_plan_id = $2`,
      values: [executionPlanId],
    }),

  ofRequest: (decisionRequestId: string): Promise<RunOwner | null> =>
    queryRow(scope, {
      name: 'owner_of_request',
      text: `SELECT ${COLUMNS} FROM decision_request d JOIN run ON run.workspace_id = d.workspace_id AND run.run_id = d.run_id
        WHERE d.workspace_id = $1 AND d.decision_request_id = $2`,
      values: [decisionRequestId],
    }),

  /** How many of these runs exist and belong to the user. */
  async countOf(userId: string, runIds: readonly string[]): Promise<number> {
    const text =
      'SELECT count(*)::int AS n FROM run WHERE workspace_id = $1 AND user_id = $2 AND run_id = ANY($3::uuid[])';
    const row = await queryRow<{ n: number }>(scope, { name: 'owner_count', text, values: [userId, runIds] });
    return row?.n ?? 0;
  },
});
