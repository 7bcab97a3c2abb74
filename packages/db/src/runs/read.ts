import type { Json, ListRunsInput } from '@errand/contracts';
import { type RenderedRun, renderedRuns, toRenderedRun } from './rendered-run.ts';
import { ofRepeatKey, type RunHead } from './row.ts';
import { type RunScope, rowOf } from './scope.ts';

/** The status of a run and the number of its newest event; null when the workspace has none with this id. */
export async function readHead(scope: RunScope, runId: string): Promise<RunHead | null> {
  return rowOf<RunHead>(scope, {
    name: 'run_head',
    text: 'SELECT status, seq FROM run WHERE workspace_id = $1 AND run_id = $2',
    values: [runId],
  });
}

/** A stored plan; null when the workspace has none with this id. */
export async function readPlan(
  scope: RunScope,
  executionPlanId: string,
): Promise<{ planType: 'text' | 'json'; plan: Json } | null> {
  return rowOf<{ planType: 'text' | 'json'; plan: Json }>(scope, {
    name: 'plan_read',
    text: 'SELECT plan_type AS "planType", plan FROM execution_plan WHERE workspace_id = $1 AND execution_plan_id = $2',
    values: [executionPlanId],
  });
}

export type RunFilter = Pick<ListRunsInput, 'userId' | 'status' | 'customerIntegrationIds' | 'repeatKey' | 'metadata'>;

// A run belongs to an integration when its selection names it or it called one of its tools. `run_integration` has these runs, and some
// whose plan never got to the call. OFFSET keeps Postgres from reading the ledger of all runs at once.
const used = (n: number): string => `run.run_id IN (SELECT i.run_id FROM run_integration i
    WHERE i.workspace_id = $1 AND i.customer_integration_id = ANY($${n}::text[])) AND (run.selected && $${n}::text[] OR EXISTS (
    SELECT 1 FROM ledger l WHERE l.workspace_id = run.workspace_id AND l.run_id = run.run_id AND l.kind = 'tool'
      AND split_part(l.tool, '.', 1) = ANY($${n}::text[]) OFFSET 0))`;

// The conditions of a filter and their values, after the workspace ($1). If some values match few runs and others many, the statement has
// no name, so that Postgres plans it for its values.
function conditions(filter: RunFilter): {
  name: string | undefined;
  where: string;
  values: unknown[];
} {
  const where = ['run.workspace_id = $1'];
  const values: unknown[] = [];
  let name = '';
  const key = filter.repeatKey === undefined ? undefined : ofRepeatKey(filter.repeatKey, 0);
  const add = (key: string, sql: (n: number) => string, value: unknown) => {
    if (value === undefined) return;
    values.push(value);
    where.push(sql(values.length + 1));
    name += key;
  };
  add('u', (n) => `run.user_id = $${n}`, filter.userId);
  add('s', (n) => `run.status = $${n}`, filter.status);
  add('i', used, filter.customerIntegrationIds);
  add(key?.named ? 'k' : 'o', (n) => ofRepeatKey(filter.repeatKey!, n).where, filter.repeatKey);
  const pairs =
    filter.metadata && Object.keys(filter.metadata).length > 0 ? JSON.stringify(filter.metadata) : undefined;
  add('m', (n) => `run.metadata @> $${n}::jsonb AND run.metadata <> '{}'`, pairs);
  return { name: /[imo]/.test(name) ? undefined : `_${name}`, where: where.join(' AND '), values };
}

const poolFor = (scope: RunScope, { metadata }: RunFilter) =>
  metadata ? (scope.bypassingRls ?? scope.pool) : scope.pool;

/** Pages of at most this many runs share one plan, which Postgres keeps. */
const KEPT_UP_TO = 100;

/**
 * Runs that match a filter, newest first: `pageSize`, and one more if there is one.
 * @param page `before`: only runs with a smaller id (keyset, the same cost on every page); `offset`: the number of runs to skip
 * @param room bytes of documents that may be read for the page; each run gets an equal part
 * @param requests open decision requests to show of each run
 */
export async function listRuns(
  scope: RunScope,
  filter: RunFilter,
  { pageSize, ...from }: { before?: string; offset?: number; pageSize: number },
  { room, requests }: { room: number; requests: number },
): Promise<RenderedRun[]> {
  const { name, where, values } = conditions(filter);
  const params = [scope.workspaceId, ...values];
  const before = from.before === undefined ? '' : `AND run.run_id < $${params.push(from.before)}`;
  const size = `$${params.push(pageSize)}::int`;
  const order = 'ORDER BY run.workspace_id DESC, run.run_id DESC';
  const found = `SELECT run.* FROM run WHERE ${where} ${before} ${order}`;
  // Postgres takes an unknown LIMIT for a tenth of all rows, so it would not keep a plan. With a filter, the plan should depend on its values.
  const kept = values.length === 0 && !from.offset && pageSize <= KEPT_UP_TO;
  const page = kept
    ? `SELECT run.* FROM (${found} LIMIT ${KEPT_UP_TO + 1}) AS run ${order} LIMIT ${size} + 1`
    : `${found} LIMIT ${size} + 1 OFFSET $${params.push(from.offset ?? 0)}`;
  const { rows } = await poolFor(scope, filter).query<RenderedRun>({
    name: name && `runs_list${name}${before && '_b'}${kept ? '_k' : ''}`,
    text: renderedRuns(
      page,
      `$${params.push(room)}::int / least(run.many, ${size})`,
      `$${params.push(requests)}::int + 1`,
    ),
    values: params,
  });
  return rows.map(toRenderedRun);
}

/** The number of runs that match a filter. */
export async function countRuns(scope: RunScope, filter: RunFilter): Promise<number> {
  const { name, where, values } = conditions(filter);
  const { rows } = await poolFor(scope, filter).query<{ n: number }>({
    name: name && `runs_count${name}`,
    text: `SELECT count(*)::int AS n FROM run WHERE ${where}`,
    values: [scope.workspaceId, ...values],
  });
  return rows[0]!.n;
}
