import type { ListRunsInput } from '@errand/contracts';
import type { RunScope } from '../../statements/scope.ts';
import { parseOpenRequests, type RunForResponse, runsForResponse } from '../run-for-response.ts';
import { bypassesRls, conditions, matchingRuns, poolFor, type RunFilter } from './filter.ts';

export type RunSort = ListRunsInput['sort'];

/** The last run of the previous page. `durationMs`: from creation to end, for pages by duration. */
export type ListPosition = { runId: string; durationMs?: number };

/** Pages of at most this many runs share a prepared plan. */
const MAX_PREPARED_PAGE = 100;

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

/** Lists by words, a tool or metadata first search this many next runs, which usually contain frequent words. */
const SEARCHED_FIRST = 5000;

type Query = RunFilter & { sort?: RunSort };
type Page = { after?: ListPosition; offset?: number; pageSize: number };
type Rendering = { maxBytes: number; requests: number };

/**
 * Returns `pageSize` runs that match a filter, and one more if it exists.
 * @param page `after`: only runs behind this one (keyset); `offset`: the number of runs to skip
 * @param rendering `room`: bytes of documents to read for the page, divided equally among its runs. `requests`: open decision
 * requests for each run
 */
export async function listRuns(
  scope: RunScope,
  query: Query,
  page: Page,
  rendering: Rendering,
): Promise<RunForResponse[]> {
  const { q, tool, metadata = {} } = query;
  const isKnown = q === undefined && tool === undefined && Object.keys(metadata).length === 0;
  if (isKnown) return queryRuns(scope, query, page, { ...rendering, plan: 'first' });
  // Postgres has no statistics for these conditions, or not for the runs that match them. It might read all runs to fill a page with few matches.
  if (query.sort !== '-duration' && !page.offset) {
    const rows = await queryRuns(scope, query, page, { ...rendering, plan: 'next' });
    if (rows.length > page.pageSize) return rows;
  }
  return queryRuns(scope, query, page, { ...rendering, plan: 'all' });
}

/**
 * @param plan how to find the page. `first`: its first rows, with the statistics of the filter. `all`: all matching runs, then
 * sorted. `next`: only the next runs, so that the page may be incomplete
 */
async function queryRuns(
  scope: RunScope,
  { sort = '-createdAt', ...filter }: Query,
  { pageSize, ...from }: Page,
  { plan, ...rendering }: Rendering & { plan: 'first' | 'all' | 'next' },
): Promise<RunForResponse[]> {
  const { after, where: orderCondition } = orders[sort];
  const { name, where, values } = conditions(filter, plan === 'next' ? 'each' : 'index');
  const params = [scope.workspaceId, ...values];
  const add = (value: unknown) => params.push(value as string);
  const behind = from.after && after(add(from.after.runId), sort === '-duration' ? add(from.after.durationMs) : 0);
  const all = [where, orderCondition, behind].filter((part) => part !== undefined).join(' AND ');
  const size = `$${add(pageSize)}::int`;
  const order = orderOf(sort, filter);
  const next = `SELECT run.* FROM run WHERE run.workspace_id = $1${behind ? ` AND ${behind}` : ''} ${order} LIMIT ${SEARCHED_FIRST}`;
  // Postgres estimates an unknown LIMIT as a tenth of all rows, which prevents a generic plan. With a filter, the plan must
  // depend on its values.
  const keepsPlan = values.length === 0 && name !== undefined && !from.offset && pageSize <= MAX_PREPARED_PAGE;
  const offset = keepsPlan ? '0' : `$${add(from.offset ?? 0)}::int`;
  const matching = {
    first: `${matchingRuns(filter, all, ` ${order} LIMIT ${size} + 1 + ${offset}`)} ${order}`,
    all: `SELECT run.* FROM (${matchingRuns(filter, all)} OFFSET 0) AS run ${order}`,
    next: `SELECT run.* FROM (${next}) AS run WHERE ${where} ${order}`,
  }[plan];
  const page = keepsPlan
    ? `SELECT run.* FROM (${matching} LIMIT ${MAX_PREPARED_PAGE + 1}) AS run ${order} LIMIT ${size} + 1`
    : `${matching} LIMIT ${size} + 1 OFFSET ${offset}`;
  const { rows } = await poolFor(scope, bypassesRls(filter) || sort === '-duration').query<RunForResponse>({
    name: name === undefined ? undefined : `runs_list${name}_${sort}${behind ? '_b' : ''}${keepsPlan ? '_k' : ''}`,
    text: runsForResponse(page, order, {
      maxBytes: `$${add(rendering.maxBytes)}::int / least(run.many, ${size})`,
      requests: `$${add(rendering.requests)}::int + 1`,
    }),
    values: params,
  });
  return rows.map(parseOpenRequests);
}

function orderOf(sort: RunSort, { errorCode }: RunFilter): string {
  // Constant within the list. It lets Postgres use the order of an index, which row-level security would hide.
  const code = errorCode === undefined ? '' : `(run.error->>'code')${sort === 'createdAt' ? '' : ' DESC'}, `;
  return `ORDER BY ${code}${orders[sort].by}`;
}

/** Counts runs that match a filter; with sort=-duration, only ended ones. */
export async function countRuns(
  scope: RunScope,
  { sort = '-createdAt', ...filter }: RunFilter & { sort?: RunSort },
): Promise<number> {
  const { name, where, values } = conditions(filter);
  const { where: only } = orders[sort];
  const { rows } = await poolFor(scope, bypassesRls(filter)).query<{ n: number }>({
    name: name === undefined ? undefined : `runs_count${name}${only ? '_e' : ''}`,
    text: `SELECT count(*)::int AS n FROM (${matchingRuns(filter, only ? `${where} AND ${only}` : where)}) AS run`,
    values: [scope.workspaceId, ...values],
  });
  return rows[0]!.n;
}
