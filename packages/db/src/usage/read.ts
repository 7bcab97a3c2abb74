import type { RunScope } from '../statements/scope.ts';
import {
  addUsage,
  type EndedRun,
  endedRuns,
  type KeyedKind,
  keyedKinds,
  NOT_COUNTED,
  noUsage,
  OTHER_KEYS,
  subtractUsage,
  type Usage,
  type UsageKind,
  usageByKey,
} from './count.ts';

/** Maximum number of recent runs, of all workspaces, that a read counts because the periodic task has not reached them. */
const MAX_RECENT = 5000;
/** Maximum calls of these runs; at least one run is counted. */
const MAX_RECENT_CALLS = 100_000;
/** Rows that are read to find the largest keys of a range: the largest keys of each day. */
const MAX_RANKED = 1200;
/** The fewest keys of a day among these, and the most that a day can have. */
const [MIN_RANKED_OF_DAY, MAX_RANKED_OF_DAY] = [16, 602];
/** Rows that are read of the keys with a prefix: the largest of each day. */
const MAX_WITH_PREFIX = 3000;
const DAY_MS = 86_400_000;

type UsageBy = 'day' | Exclude<UsageKind, 'sum'>;
/** Days (UTC), inclusive. */
export type UsageRange = {
  from: string;
  to: string;
  by: UsageBy;
  /** The number of rows; others are summed up. */
  limit: number;
  /** By day: only the usage of this key. */
  of?: { kind: KeyedKind; key: string } | undefined;
  /** By a kind: only these keys, or only keys with a prefix. Then there is no sum of the others. */
  only?: { keys: readonly string[] } | { prefix: string } | undefined;
};

/** Usage by key, largest first, and the sum of all other keys. `asOf`: all runs that ended until then are included. */
export type UsageReport = {
  rows: { key: string; usage: Usage }[];
  other: Usage | null;
  /** All runs, if each has one row; otherwise null. */
  total: Usage | null;
  /** Ratings of the days. */
  feedback: { positive: number; negative: number };
  asOf: Date;
};

type StoredSums = Omit<Usage, 'times'>;
type UsageRead = {
  sums: (StoredSums & { key: string })[] | null;
  times: { key: string; times: Usage['times'] }[] | null;
  /** Of all keys; null without runs, and where every key is read. */
  total: StoredSums | null;
  /** Whether keys of a day were left out, so that a key without a row may have usage. */
  isCut: boolean;
  recent: EndedRun[] | null;
  feedback: Partial<UsageReport['feedback']> | null;
  asOf: Date;
};

const SUMS = `sum(u.runs)::float8 AS runs, sum(u.succeeded)::float8 AS succeeded, sum(u.failed)::float8 AS failed, sum(u.calls)::float8 AS calls,
  sum(u.call_errors)::float8 AS "callErrors", sum(u.tokens)::float8 AS tokens,
  CASE WHEN count(u.cost) = count(*) AND count(DISTINCT u.cost_currency) <= 1 THEN sum(u.cost) END AS cost, max(u.cost_currency) AS currency`;

const RANGE = 'u.workspace_id = $1 AND u.day BETWEEN $2::date AND $3::date';
const CALENDAR = `SELECT day::date FROM generate_series($2::date, $3::date, interval '1 day') AS day`;

/** SQL of the rows of some keys, one a day, by the primary key. @param keys the relation `k` with the column `key` */
const rowsOf = (keys: string, name: string): string =>
  `days AS MATERIALIZED (SELECT u.*, ${name} AS name FROM ${keys} CROSS JOIN (${CALENDAR}) AS c CROSS JOIN LATERAL (
      SELECT * FROM usage_day u WHERE u.workspace_id = $1 AND u.day = c.day AND u.kind = $4 AND u.key = k.key LIMIT 1) AS u)`;

/**
 * SQL of the stored rows with their key in the report as `name`. $5 is the limit, $6 the ranked keys of a day, $7 the only keys, $8 the
 * prefix.
 */
const STORED = {
  /** All keys of a kind that has few. */
  every: `days AS MATERIALIZED (SELECT u.*, u.key AS name FROM usage_day u WHERE ${RANGE} AND u.kind = $4)`,
  eachDay: `days AS MATERIALIZED (SELECT u.*, to_char(u.day, 'YYYY-MM-DD') AS name FROM usage_day u WHERE ${RANGE} AND u.kind = $4)`,
  eachDayOfKey: rowsOf('unnest($7::text[]) AS k(key)', `to_char(u.day, 'YYYY-MM-DD')`),
  eachKey: rowsOf('unnest($7::text[]) AS k(key)', 'u.key'),
  /** The largest keys of each day among those with the prefix. */
  withPrefix: `days AS MATERIALIZED (SELECT u.*, u.key AS name FROM (${CALENDAR}) AS c CROSS JOIN LATERAL (
      SELECT * FROM usage_day u WHERE u.workspace_id = $1 AND u.kind = $4 AND u.day = c.day AND starts_with(u.key, $8)
      ORDER BY u.runs DESC LIMIT $6) AS u)`,
  /** The largest keys of each day are candidates. The rows of those with most runs are read by the primary key. */
  largest: `ranked AS MATERIALIZED (SELECT u.key, u.runs, u.n FROM (${CALENDAR}) AS c CROSS JOIN LATERAL (
      SELECT u.key, u.runs, row_number() OVER () AS n FROM usage_day u WHERE u.workspace_id = $1 AND u.kind = $4 AND u.day = c.day
      ORDER BY u.runs DESC LIMIT $6) AS u),
    top AS MATERIALIZED (SELECT key FROM ranked WHERE key <> '' GROUP BY key ORDER BY sum(runs) DESC, key LIMIT $5),
    ${rowsOf('top AS k', 'u.key')}`,
} as const;

const TOTALS = {
  none: 'SELECT u.* FROM usage_day u WHERE false',
  /** Each run has one of these keys, and one status. */
  ofRuns: `SELECT u.* FROM usage_day u WHERE ${RANGE} AND u.kind = 'status'`,
  ofKeys: `SELECT u.* FROM usage_day u WHERE ${RANGE} AND u.kind = 'sum' AND u.key = $4`,
} as const;

type Form = { stored: string; total: string; isCut: string };

function formOf({ by, of, only }: Pick<UsageRange, 'by' | 'of' | 'only'>): Form {
  const complete = { total: TOTALS.none, isCut: 'false' };
  if (of) return { stored: STORED.eachDayOfKey, ...complete };
  if (only) return { stored: 'keys' in only ? STORED.eachKey : STORED.withPrefix, ...complete };
  if (by === 'day') return { stored: STORED.eachDay, ...complete };
  if (!isKeyed(by)) return { stored: STORED.every, ...complete };
  const total = by === 'user' || by === 'requester' ? TOTALS.ofRuns : TOTALS.ofKeys;
  const isCut = `(SELECT coalesce(max(n), 0) = $6 FROM ranked) OR (SELECT count(*) FROM top) = $5`;
  return { stored: STORED.largest, total, isCut };
}

const isKeyed = (by: UsageBy): by is KeyedKind => (keyedKinds as readonly string[]).includes(by);

// One statement, so that each run counts either as stored or as recent.
const usageSql = ({ stored, total, isCut }: Form): string => `
  WITH limits AS (SELECT $5::int, $6::int, $7::text[], $8::text),
  mark AS MATERIALIZED (SELECT through_at, through_id FROM usage_progress),
  next AS MATERIALIZED (
    SELECT n.*, sum(n.tool_calls) OVER (ORDER BY n.ended_at, n.run_id) - n.tool_calls AS calls_before FROM (
      SELECT run.* FROM run WHERE ${NOT_COUNTED}
        AND (run.ended_at, run.run_id) > ((SELECT through_at FROM mark), (SELECT through_id FROM mark))
      ORDER BY run.ended_at, run.run_id LIMIT ${MAX_RECENT}) AS n
  ), recent AS MATERIALIZED (
    SELECT * FROM next WHERE calls_before <= ${MAX_RECENT_CALLS}
  ), ${stored}
  SELECT (SELECT json_agg(s) FROM (SELECT u.name AS key, ${SUMS} FROM days u GROUP BY u.name) AS s) AS sums,
    (SELECT json_agg(json_build_object('key', u.name, 'times', u.times)) FROM days u) AS times,
    (SELECT row_to_json(s) FROM (SELECT ${SUMS} FROM (${total}) AS u HAVING count(*) > 0) AS s) AS total,
    ${isCut} AS "isCut",
    (SELECT json_object_agg(f.key, f.n) FROM (SELECT u.key, sum(u.runs)::float8 AS n FROM usage_day u
      WHERE ${RANGE} AND u.kind = 'feedback' GROUP BY u.key) AS f) AS feedback,
    (SELECT json_agg(e) FROM (${endedRuns(`SELECT * FROM recent WHERE workspace_id = $1
      AND (ended_at AT TIME ZONE 'UTC')::date BETWEEN $2::date AND $3::date`)}) AS e) AS recent,
    CASE WHEN (SELECT count(*) FROM next) = ${MAX_RECENT} OR (SELECT count(*) FROM recent) < (SELECT count(*) FROM next)
      THEN (SELECT max(ended_at) FROM recent) ELSE clock_timestamp() END AS "asOf"`;

const kindOf = (by: UsageBy): UsageKind => (by === 'day' ? 'status' : by);

/** The statement that reads the usage of a range. */
export function usageStatement(workspaceId: string, { from, to, limit, ...range }: UsageRange) {
  const { by, of, only } = range;
  const { keys, prefix } = { keys: of && [of.key], prefix: undefined, ...only };
  const days = Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS) + 1;
  const ranked = Math.floor((prefix === undefined ? MAX_RANKED : MAX_WITH_PREFIX) / days);
  const rankedOfDay = Math.min(Math.max(ranked, MIN_RANKED_OF_DAY), MAX_RANKED_OF_DAY);
  const kind = of?.kind ?? kindOf(by);
  const values = [workspaceId, from, to, kind, limit, rankedOfDay, keys && [...new Set(keys)], prefix];
  return { text: usageSql(formOf(range)), values };
}

/** Reads the usage of the runs that ended between two days. */
export async function readUsage(scope: RunScope, range: UsageRange): Promise<UsageReport> {
  const { rows } = await (scope.bypassingRls ?? scope.pool).query<UsageRead>(usageStatement(scope.workspaceId, range));
  const read = rows[0]!;
  const { usages, rest } = usagesOf(read, range);
  const sorted = [...usages]
    .map(([key, usage]) => ({ key, usage }))
    .sort((a, b) => (range.by === 'day' ? 0 : b.usage.runs - a.usage.runs) || (a.key < b.key ? -1 : 1));
  for (const { usage } of sorted.slice(range.limit)) addUsage(rest, usage);
  return {
    rows: sorted.slice(0, range.limit),
    other: rest.runs > 0 ? rest : null,
    total: range.by === 'day' || range.by === 'status' ? sumOf(usages.values()) : null,
    feedback: { positive: 0, negative: 0, ...read.feedback },
    asOf: read.asOf,
  };
}

function sumOf(usages: Iterable<Usage>): Usage {
  const total = noUsage();
  for (const usage of usages) addUsage(total, usage);
  return total;
}

/** The usage of each key, and of all others together. */
function usagesOf({ sums, times, total, isCut, recent }: UsageRead, range: UsageRange) {
  const usages = new Map<string, Usage>();
  const add = (key: string, usage: Usage) => {
    if (!usages.has(key)) usages.set(key, noUsage());
    addUsage(usages.get(key)!, usage);
  };
  const rest = noUsage();
  if (total) addUsage(rest, { ...total, times: rest.times });
  for (const { key, ...stored } of sums ?? []) {
    add(key, { ...noUsage(), ...stored });
    if (total) subtractUsage(rest, stored);
  }
  for (const { key, times: buckets } of times ?? []) add(key, { ...noUsage(), times: buckets });
  for (const { key, usage } of recentOf(recent ?? [], range)) {
    // A key without a row may have usage that was not read.
    if (key === OTHER_KEYS || (isCut && !usages.has(key))) addUsage(rest, usage);
    else add(key, usage);
  }
  return { usages, rest };
}

/** The usage of runs that are not stored yet, by the keys of the report. */
const recentOf = (recent: readonly EndedRun[], range: UsageRange): { key: string; usage: Usage }[] =>
  recent.flatMap((run) =>
    usageByKey(run)
      .filter((counted) => isWanted(counted, range))
      .map(({ key, usage }) => ({ key: range.by === 'day' ? run.day : key, usage })),
  );

function isWanted({ kind, key }: { kind: UsageKind; key: string }, { by, of, only }: UsageRange): boolean {
  if (of) return kind === of.kind && key === of.key;
  if (kind !== kindOf(by) || !only) return kind === kindOf(by);
  return 'keys' in only ? only.keys.includes(key) : key.startsWith(only.prefix);
}
