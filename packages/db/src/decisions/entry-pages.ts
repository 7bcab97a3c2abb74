import { allRows, type Runner, type RunScope } from '../statements/scope.ts';
import { ENTRY_SOURCES, type EntryFilter, type EntryRow, entryColumns } from './entries.ts';

/** `expires`: the first to expire. `decided`: the newest decision. */
export type EntryOrder = 'created' | 'expires' | 'decided';

/** Decided requests are those of order `decided`, without the requests of runs that ended first. `q`: a part of the text or of the intent. */
export type EntrySearch = EntryFilter & { order: EntryOrder; q?: string | undefined };

/** Maximum requests that one page searches. */
const SEARCHED = 2000;
const SEARCHED_CHARACTERS = 2000;

const OPEN = 'd.decided_at IS NULL';
const isBehind = (operator: '<' | '>', row: (alias: string) => string, cursor: string): string =>
  `(${row('d')}) ${operator} (SELECT ${row('c')} FROM decision_request c WHERE c.workspace_id = $1 AND c.decision_request_id = ${cursor})`;

const byExpiry = (alias: string) => `coalesce(${alias}.expires_at, 'infinity'), ${alias}.decision_request_id`;
const byDecision = (alias: string) => `${alias}.decided_at, ${alias}.decision_request_id`;

const ORDERS: Record<EntryOrder, { where: string; by: string; after: (cursor: string) => string }> = {
  created: {
    where: OPEN,
    by: 'd.decision_request_id DESC',
    after: (cursor) => `d.decision_request_id < ${cursor}`,
  },
  expires: { where: OPEN, by: byExpiry('d'), after: (cursor) => isBehind('>', byExpiry, cursor) },
  decided: {
    where: `d.decided_at IS NOT NULL AND d.decision <> 'void'`,
    by: 'd.decided_at DESC, d.decision_request_id DESC',
    after: (cursor) => isBehind('<', byDecision, cursor),
  },
};

export type EntryPage = {
  rows: EntryRow[];
  /** The last searched request, if there may be more; null if `rows` are all. */
  searchedTo: string | null;
};

type PageStart = Pick<EntrySearch, 'order' | 'runId'> & { cursor?: string | undefined };

/** SQL of the requests that a page searches. @param first the number of its first parameter */
function searchedBy({ order, runId, cursor }: PageStart, first: number): { text: string; values: string[] } {
  const { where, by, after } = ORDERS[order];
  const values: string[] = [];
  const parameter = (value: string) => `$${first + values.push(value) - 1}::uuid`;
  const ofRun = runId === undefined ? '' : ` AND d.run_id = ${parameter(runId)}`;
  const behind = cursor === undefined ? '' : ` AND ${after(parameter(cursor))}`;
  const text = `SELECT d.* FROM decision_request d WHERE d.workspace_id = $1 AND ${where}${ofRun}${behind} ORDER BY ${by} LIMIT ${SEARCHED}`;
  return { text, values };
}

/** `coalesce` is not leakproof: under row-level security Postgres cannot begin in the middle of decision_request_expiry_idx. */
const poolOf = (scope: RunScope, order: EntryOrder): Runner =>
  order === 'expires' ? (scope.bypassingRls ?? scope.pool) : scope.pool;

const nameOf = ({ order, runId, cursor }: PageStart): string =>
  `${order}${runId === undefined ? '' : '_r'}${cursor === undefined ? '' : '_c'}`;

// A subquery, so that runs are read only for a search, each by its key.
const INTENT = '(SELECT run.intent FROM run WHERE run.workspace_id = d.workspace_id AND run.run_id = d.run_id)';

const contains = (text: string, part: string): string =>
  `strpos(lower(left(${text}, ${SEARCHED_CHARACTERS})), lower(${part})) > 0`;

/**
 * Reads decision requests in an order. A page searches a limited number of requests, so it may have few rows though more follow.
 * @param page `cursor`: the request before the page; `maxBytes`: bytes of documents to read for each entry
 * @returns null if the request of the cursor does not exist
 */
export async function readEntryPage(
  scope: RunScope,
  { q, kinds, userId, customerIntegrationId, ...search }: EntrySearch,
  { cursor, limit, maxBytes }: { cursor?: string | undefined; limit: number; maxBytes: number },
): Promise<EntryPage | null> {
  const start = { ...search, cursor };
  const { by } = ORDERS[search.order];
  const searched = searchedBy(start, 8);
  const rows = await allRows<EntryRow>(poolOf(scope, search.order), {
    name: `entries_page_${nameOf(start)}`,
    text: `SELECT ${entryColumns('$2::int')} FROM (SELECT d.* FROM (${searched.text}) AS d
        WHERE ($4::text[] IS NULL OR d.kind = ANY($4)) AND ($5::text IS NULL OR d.user_id = $5)
          AND ($6::text IS NULL OR d.customer_integration_id = $6)
          AND ($7::text IS NULL OR ${contains('d.text', '$7')} OR ${contains(INTENT, '$7')})
        ORDER BY ${by} LIMIT $3) AS d ${ENTRY_SOURCES} ORDER BY ${by}`,
    values: [
      scope.workspaceId,
      maxBytes,
      limit,
      kinds ?? null,
      userId ?? null,
      customerIntegrationId ?? null,
      q ?? null,
      ...searched.values,
    ],
  });
  return rows.length === limit ? { rows, searchedTo: null } : readEnd(scope, start, rows);
}

async function readEnd(scope: RunScope, start: PageStart, rows: EntryRow[]): Promise<EntryPage | null> {
  const searched = searchedBy(start, 3);
  const [end] = await allRows<{ searchedTo: string | null; hasCursor: boolean }>(poolOf(scope, start.order), {
    name: `entries_end_${nameOf(start)}`,
    text: `SELECT (SELECT d.decision_request_id FROM (${searched.text}) AS d ORDER BY ${ORDERS[start.order].by}
        LIMIT 1 OFFSET ${SEARCHED - 1}) AS "searchedTo",
      $2::uuid IS NULL OR EXISTS (SELECT FROM decision_request c WHERE c.workspace_id = $1 AND c.decision_request_id = $2) AS "hasCursor"`,
    values: [scope.workspaceId, start.cursor ?? null, ...searched.values],
  });
  return end?.hasCursor ? { rows, searchedTo: end.searchedTo } : null;
}
