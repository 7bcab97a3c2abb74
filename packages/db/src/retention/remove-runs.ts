// Removes ended runs with everything of them. The run comes last: after a crash the next call finds it again.
import { setTimeout as pause } from 'node:timers/promises';
import { type Principal, problem } from '@errand/contracts';
import type { Pool } from 'pg';
import { auditRow, writeAuditRows } from '../audit/write.ts';
import { changedRows, type Runner, withTransaction } from '../statements/scope.ts';
import { countAhead, type RunsToCount } from '../usage/roll-up.ts';

/** Maximum rows of one transaction. */
export const ROWS_AT_ONCE = 2000;

export type RemovableRun = { runId: string; executionPlanId: string; integrations: string[] };
export type RunsOfWorkspace = { workspaceId: string; runs: readonly RemovableRun[] };

/** The columns that lead to a run: $2 are ids of runs, $3 of their plans, $4 of their integrations. */
const BY_RUN = 's.run_id = ANY($2::uuid[])';
const BY_PLAN = 's.execution_plan_id = ANY($3::uuid[])';

/** The tables with rows of a run: condition, and key columns next to the workspace. */
const TABLES = {
  run_event: [BY_RUN, 'run_id', 'seq'],
  ledger: [BY_RUN, 'run_id', 'key'],
  earlier_plan: [BY_PLAN, 'execution_plan_id', 'version'],
  execution_plan: [BY_PLAN, 'execution_plan_id'],
  decision_request: [BY_RUN, 'decision_request_id'],
  feedback: [BY_RUN, 'run_id'],
  run_text: [BY_RUN, 'run_id'],
  run_integration: [`s.customer_integration_id = ANY($4::text[]) AND ${BY_RUN}`, 'customer_integration_id', 'run_id'],
  idempotency: [BY_RUN, 'operation', 'key'],
  open_run_claim: [BY_RUN, 'user_id', 'run_id'],
  // A relay moves messages to deliveries, so messages come first.
  webhook_message: [BY_RUN, 'message_id'],
  webhook_delivery: [BY_RUN, 'webhook_id', 'delivery_id'],
} as const satisfies Record<string, readonly [where: string, ...keys: string[]]>;

const statements = Object.entries(TABLES).map(([table, [where, ...keys]]) => {
  const columns = (alias: string) => ['workspace_id', ...keys].map((key) => `${alias}.${key}`).join(', ');
  // Each statement has all parameters; Postgres needs their types.
  return `WITH ids AS (SELECT $2::uuid[], $3::uuid[], $4::text[])
    DELETE FROM ${table} AS t USING (SELECT ${columns('s')} FROM ${table} AS s WHERE s.workspace_id = $1 AND ${where} LIMIT $5) AS batch
    WHERE (${columns('t')}) = (${columns('batch')})`;
});

/** Counts runs in the usage, if the periodic task has not done so yet. Call it within a transaction, before their rows are removed. */
export async function countBeforeRemoval(runner: Runner, runs: RunsToCount): Promise<void> {
  const counted = await countAhead(runner, runs);
  const text = 'UPDATE run SET usage_counted = true WHERE workspace_id = $1 AND run_id = ANY($2::uuid[])';
  if (counted.length > 0) await runner.query(text, [runs.workspaceId, counted]);
}

type Pace = { rowsAtOnce: number; signal?: AbortSignal | undefined };

/**
 * Removes the rows of ended runs in batches, with pauses of the same length, but not the runs.
 * @returns whether all are removed; false if the signal stopped it
 */
export async function removeRowsOfRuns(
  runner: Runner,
  { workspaceId, runs }: RunsOfWorkspace,
  pace: Pace,
): Promise<boolean> {
  const values = [
    workspaceId,
    runs.map(({ runId }) => runId),
    runs.map(({ executionPlanId }) => executionPlanId),
    [...new Set(runs.flatMap(({ integrations }) => integrations))],
    pace.rowsAtOnce,
  ];
  for (const text of statements) if (!(await emptyTable(runner, { text, values }, pace))) return false;
  return true;
}

/** Removes runs whose rows are removed. Returns their number. */
export const removeEmptyRuns = (runner: Runner, workspaceId: string, runIds: readonly string[]): Promise<number> =>
  changedRows(runner, {
    text: 'DELETE FROM run WHERE workspace_id = $1 AND run_id = ANY($2::uuid[]) AND ended_at IS NOT NULL',
    values: [workspaceId, runIds],
  });

/** Repeats a statement until it changes fewer rows than a batch. @returns false if the signal stopped it */
export async function emptyTable(
  runner: Runner,
  statement: { text: string; values: unknown[] },
  { rowsAtOnce, signal }: Pace,
): Promise<boolean> {
  for (let rows = rowsAtOnce; rows === rowsAtOnce; ) {
    if (signal?.aborted) return false;
    const from = performance.now();
    rows = await changedRows(runner, statement);
    if (rows === rowsAtOnce) await pause(performance.now() - from, undefined, signal && { signal }).catch(() => {});
  }
  return true;
}

/** Events and calls of a run that is removed in one transaction. */
const SMALL_RUN = 500;

type LockedRun = RemovableRun & { status: string; hasEnded: boolean; size: number };

/**
 * Removes an ended run with everything of it: a small one in one transaction, a large one in batches.
 * @param pool without row-level security
 * @throws ProblemError not_found, run_unfinished
 */
export async function removeRun(
  pool: Pool,
  { workspaceId, actor }: { workspaceId: string; actor: Principal },
  runId: string,
  { rowsAtOnce = ROWS_AT_ONCE, smallRun = SMALL_RUN }: { rowsAtOnce?: number; smallRun?: number } = {},
): Promise<void> {
  const pace = { rowsAtOnce };
  const removeEmpty = async (runner: Runner, { status }: LockedRun) => {
    // Another request may have removed it meanwhile.
    if ((await removeEmptyRuns(runner, workspaceId, [runId])) === 0) return;
    const note = { actor, action: 'run.deleted', target: runId, details: { runId, status } } as const;
    await writeAuditRows(runner, [auditRow(workspaceId, note)]);
  };
  const largeRun = await withTransaction(pool, async (client) => {
    const run = await lockRun(client, workspaceId, runId);
    if (!run) throw problem('not_found', 'There is no such run.');
    const { status } = run;
    if (!run.hasEnded)
      throw problem('run_unfinished', `The run is ${status}; only an ended run can be deleted.`, {
        values: { status },
      });
    await countBeforeRemoval(client, { workspaceId, runIds: [runId], isErased: false });
    if (run.size > smallRun) return run;
    await removeRowsOfRuns(client, { workspaceId, runs: [run] }, pace);
    await removeEmpty(client, run);
    return undefined;
  });
  if (!largeRun) return;
  await removeRowsOfRuns(pool, { workspaceId, runs: [largeRun] }, pace);
  await withTransaction(pool, (client) => removeEmpty(client, largeRun));
}

async function lockRun(runner: Runner, workspaceId: string, runId: string): Promise<LockedRun | undefined> {
  // Decision requests are locked before their run, as in decisions.
  const requests =
    'SELECT FROM decision_request WHERE workspace_id = $1 AND run_id = $2 ORDER BY decision_request_id FOR UPDATE';
  await runner.query(requests, [workspaceId, runId]);
  const { rows } = await runner.query<LockedRun>(
    `SELECT run_id AS "runId", execution_plan_id AS "executionPlanId", integrations, status, ended_at IS NOT NULL AS "hasEnded",
      seq + tool_calls AS size FROM run WHERE workspace_id = $1 AND run_id = $2 FOR UPDATE`,
    [workspaceId, runId],
  );
  return rows[0];
}
