import type { RunScope } from '../statements/scope.ts';
import {
  addUsage,
  type EndedRun,
  endedRuns,
  NOT_COUNTED,
  noUsage,
  type Usage,
  type UsageKind,
  usageByKey,
} from './count.ts';
import { OTHER_KEYS } from './roll-up.ts';

/** Maximum number of recent runs, of all workspaces, that a read counts because the periodic task has not reached them. */
const MAX_RECENT = 5000;
/** Maximum calls of these runs; at least one run is counted. */
const MAX_RECENT_CALLS = 100_000;

/** Usage by key, largest first, and the sum of all other keys. `asOf`: all runs that ended until then are included. */
export type UsageReport = { rows: { key: string; usage: Usage }[]; other: Usage | null; asOf: Date };

type StoredSums = Omit<Usage, 'times'> & { key: string };
type UsageRead = {
  kept: StoredSums[] | null;
  times: { key: string; times: Usage['times'] }[] | null;
  recent: EndedRun[] | null;
  asOf: Date;
};

const SUMS = `sum(u.runs)::float8 AS runs, sum(u.succeeded)::float8 AS succeeded, sum(u.failed)::float8 AS failed, sum(u.calls)::float8 AS calls,
  sum(u.call_errors)::float8 AS "callErrors", sum(u.tokens)::float8 AS tokens,
  CASE WHEN count(u.cost) = count(*) AND count(DISTINCT u.cost_currency) <= 1 THEN sum(u.cost) END AS cost, max(u.cost_currency) AS currency`;

// One statement, so that each run counts either as stored or as recent.
const usageSql = (key: string): string => `
  WITH mark AS MATERIALIZED (SELECT through_at, through_id FROM usage_progress),
  next AS MATERIALIZED (
    SELECT n.*, sum(n.tool_calls) OVER (ORDER BY n.ended_at, n.run_id) - n.tool_calls AS calls_before FROM (
      SELECT run.* FROM run WHERE ${NOT_COUNTED}
        AND (run.ended_at, run.run_id) > ((SELECT through_at FROM mark), (SELECT through_id FROM mark))
      ORDER BY run.ended_at, run.run_id LIMIT ${MAX_RECENT}) AS n
  ), recent AS MATERIALIZED (
    SELECT * FROM next WHERE calls_before <= ${MAX_RECENT_CALLS}
  ), days AS MATERIALIZED (
    SELECT u.*, ${key} AS name FROM usage_day u WHERE u.workspace_id = $1 AND u.day BETWEEN $2::date AND $3::date AND u.kind = $4
  ), sums AS MATERIALIZED (
    SELECT u.name AS key, ${SUMS} FROM days u GROUP BY u.name
  ), top AS MATERIALIZED (
    SELECT * FROM sums WHERE key <> '' ORDER BY runs DESC, key LIMIT $5
  ), rest AS (
    SELECT '' AS key, ${SUMS.replaceAll('u.cost_currency', 'u.currency').replaceAll('u.call_errors', 'u."callErrors"')}
    FROM sums u WHERE u.key NOT IN (SELECT key FROM top)
  )
  SELECT (SELECT json_agg(k) FROM (SELECT * FROM top UNION ALL SELECT * FROM rest WHERE runs > 0) AS k) AS kept,
    (SELECT json_agg(json_build_object('key', u.name, 'times', u.times)) FROM days u WHERE u.name IN (SELECT key FROM top)) AS times,
    (SELECT json_agg(e) FROM (${endedRuns(`SELECT * FROM recent WHERE workspace_id = $1
      AND (ended_at AT TIME ZONE 'UTC')::date BETWEEN $2::date AND $3::date`)}) AS e) AS recent,
    CASE WHEN (SELECT count(*) FROM next) = ${MAX_RECENT} OR (SELECT count(*) FROM recent) < (SELECT count(*) FROM next)
      THEN (SELECT max(ended_at) FROM recent) ELSE clock_timestamp() END AS "asOf"`;

/**
 * Reads the usage of the runs that ended between two days (UTC, inclusive).
 * @param range `by`: one row for each day, or for each key of a kind; `limit`: the number of rows; others are summed up
 */
export async function readUsage(
  scope: RunScope,
  { from, to, by, limit }: { from: string; to: string; by: UsageKind | 'day'; limit: number },
): Promise<UsageReport> {
  const kind = by === 'day' ? 'status' : by;
  const { rows } = await (scope.bypassingRls ?? scope.pool).query<UsageRead>({
    text: usageSql(by === 'day' ? `to_char(u.day, 'YYYY-MM-DD')` : 'u.key'),
    values: [scope.workspaceId, from, to, kind, limit],
  });
  const read = rows[0]!;
  const usages = usagesOf(read, kind, by === 'day');
  const rest = usages.get(OTHER_KEYS) ?? noUsage();
  usages.delete(OTHER_KEYS);
  const sorted = [...usages]
    .map(([key, usage]) => ({ key, usage }))
    .sort((a, b) => (by === 'day' ? 0 : b.usage.runs - a.usage.runs) || (a.key < b.key ? -1 : 1));
  for (const { usage } of sorted.slice(limit)) addUsage(rest, usage);
  return { rows: sorted.slice(0, limit), other: rest.runs > 0 ? rest : null, asOf: read.asOf };
}

function usagesOf({ kept, times, recent }: UsageRead, kind: UsageKind, byDay: boolean): Map<string, Usage> {
  const usages = new Map<string, Usage>();
  const add = (key: string, usage: Usage) => {
    if (!usages.has(key)) usages.set(key, noUsage());
    addUsage(usages.get(key)!, usage);
  };
  for (const { key, ...sums } of kept ?? []) add(key, { ...noUsage(), ...sums });
  for (const { key, times: buckets } of times ?? []) add(key, { ...noUsage(), times: buckets });
  for (const run of recent ?? []) {
    const counted = usageByKey(run).filter((each) => each.kind === kind);
    for (const { key, usage } of counted) add(byDay ? run.day : key, usage);
  }
  return usages;
}
