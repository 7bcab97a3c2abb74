import type { ListRunsInput } from '@errand/contracts';
import type { RunScope } from '../../statements/scope.ts';
import { type RenderedRun, renderedRuns, toRenderedRun } from '../rendered-run.ts';
import { bypassesRls, conditions, poolFor, type RunFilter } from './filter.ts';

export type RunSort = ListRunsInput['sort'];

/** The last run of the page before. `durationMs`: from its create to its end, for pages by duration. */
export type ListPosition = { runId: string; durationMs?: number };

/** Pages of at most this many runs share one plan, which Postgres keeps. */
const KEPT_UP_TO = 100;

const DURATION = '(run.ended_at - run.created_at)';
const orders: Record<RunSort, { by: string; after: (id: number, duration: number) => string; where?: string }> = {
  '-createdAt': {
    by: 'run.workspace_id DESC, run.run_id DESC',
    after: (id) => `run.run_id < $${id}::uuid`,
  },
  createdAt: {
    by: 'run.workspace_id, run.run_id',
    after: (id) => `run.run_id > $${id}::uuid`,
  },
  '-duration': {
    by: `run.workspace_id DESC, ${DURATION} DESC, run.run_id DESC`,
    after: (id, ms) => `(${DURATION}, run.run_id) < ($${ms}::float8 * interval '1 millisecond', $${id}::uuid)`,
    where: 'run.ended_at IS NOT NULL',
  },
};

/** Lists by words or metadata look at so many runs first, the next ones in the order of the list: what is frequent is there. */
const LOOKED_THROUGH = 5000;

type Query = RunFilter & { sort?: RunSort };
type Page = { after?: ListPosition; offset?: number; pageSize: number };
type Rendering = { room: number; requests: number };

/**
 * Runs that match a filter: `pageSize`, and one more if there is one.
 * @param page `after`: only runs behind this one (keyset, the same cost on every page); `offset`: the number of runs to skip
 * @param rendering `room`: bytes of documents that may be read for the page; each run gets an equal part. `requests`: open decision
 *   requests to show of each run
 */
export async function listRuns(
  scope: RunScope,
  query: Query,
  page: Page,
  rendering: Rendering,
): Promise<RenderedRun[]> {
  const isKnown = query.q === undefined && Object.keys(query.metadata ?? {}).length === 0;
  if (isKnown) return send(scope, query, page, { ...rendering, plan: 'first' });
  // Postgres does not know how frequent these are, so it may not be left to choose: it would read all runs to fill a page with few.
  if (query.sort !== '-duration' && !page.offset) {
    const rows = await send(scope, query, page, { ...rendering, plan: 'next' });
    if (rows.length > page.pageSize) return rows;
  }
  return send(scope, query, page, { ...rendering, plan: 'all' });
}

/**
 * @param plan how Postgres looks for the page: `first`: for its first rows, with the statistics of the filter; `all`: for all runs that
 *   match, which it then sorts; `next`: in the next runs only, so that the page may lack some
 */
async function send(
  scope: RunScope,
  { sort = '-createdAt', ...filter }: Query,
  { pageSize, ...from }: Page,
  { plan, ...rendering }: Rendering & { plan: 'first' | 'all' | 'next' },
): Promise<RenderedRun[]> {
  const { after, where: only } = orders[sort];
  const { name, where, values } = conditions(filter, plan === 'next' ? 'each' : 'index');
  const params = [scope.workspaceId, ...values];
  const add = (value: unknown) => params.push(value as string);
  const behind = from.after && after(add(from.after.runId), sort === '-duration' ? add(from.after.durationMs) : 0);
  const all = [where, only, behind].filter((part) => part !== undefined).join(' AND ');
  const size = `$${add(pageSize)}::int`;
  const order = orderOf(sort, filter);
  const next = `SELECT run.* FROM run WHERE run.workspace_id = $1${behind ? ` AND ${behind}` : ''} ${order} LIMIT ${LOOKED_THROUGH}`;
  const matching = {
    first: `SELECT run.* FROM run WHERE ${all} ${order}`,
    all: `SELECT run.* FROM (SELECT run.* FROM run WHERE ${all} OFFSET 0) AS run ${order}`,
    next: `SELECT run.* FROM (${next}) AS run WHERE ${where} ${order}`,
  }[plan];
  // Postgres takes an unknown LIMIT for a tenth of all rows, so it would not keep a plan. With a filter, the plan should depend on its values.
  const keepsPlan = values.length === 0 && name !== undefined && !from.offset && pageSize <= KEPT_UP_TO;
  const page = keepsPlan
    ? `SELECT run.* FROM (${matching} LIMIT ${KEPT_UP_TO + 1}) AS run ${order} LIMIT ${size} + 1`
    : `${matching} LIMIT ${size} + 1 OFFSET $${add(from.offset ?? 0)}`;
  const { rows } = await poolFor(scope, bypassesRls(filter) || sort === '-duration').query<RenderedRun>({
    name: name === undefined ? undefined : `runs_list${name}_${sort}${behind ? '_b' : ''}${keepsPlan ? '_k' : ''}`,
    text: renderedRuns(page, order, {
      room: `$${add(rendering.room)}::int / least(run.many, ${size})`,
      requests: `$${add(rendering.requests)}::int + 1`,
    }),
    values: params,
  });
  return rows.map(toRenderedRun);
}

function orderOf(sort: RunSort, { errorCode }: RunFilter): string {
  // Equal for all of the list. It lets Postgres read an index in its order: under policies it does not see by itself that it may.
  const code = errorCode === undefined ? '' : `(run.error->>'code')${sort === 'createdAt' ? '' : ' DESC'}, `;
  return `ORDER BY ${code}${orders[sort].by}`;
}

/** The number of runs that match a filter; with sort=-duration, of those that have ended. */
export async function countRuns(
  scope: RunScope,
  { sort = '-createdAt', ...filter }: RunFilter & { sort?: RunSort },
): Promise<number> {
  const { name, where, values } = conditions(filter);
  const { where: only } = orders[sort];
  const { rows } = await poolFor(scope, bypassesRls(filter)).query<{ n: number }>({
    name: name === undefined ? undefined : `runs_count${name}${only ? '_e' : ''}`,
    text: `SELECT count(*)::int AS n FROM run WHERE ${where}${only ? ` AND ${only}` : ''}`,
    values: [scope.workspaceId, ...values],
  });
  return rows[0]!.n;
}
