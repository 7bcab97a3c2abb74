import { addBuckets, addValue, type Buckets, bucketSql } from './sketch.ts';

/** The calls of a tool in a run. `times`: a histogram of their durations. */
type ToolCalls = { tool: string; n: number; errors: number; times: Buckets | null };

/** An ended run for the usage counts. Times are ms. */
export type EndedRun = {
  workspaceId: string;
  runId: string;
  endedAt: string;
  day: string;
  status: string;
  userId: string;
  tokens: number;
  cost: number | null;
  currency: string | null;
  /** From creation to end, and from creation to start. */
  total: number;
  queued: number | null;
  /** Null if no planner was used. */
  planning: number | null;
  /** The time with an open decision request. */
  waiting: number | null;
  requestedBy: string | null;
  /** The decision requests by their kind, with the times in which people decided. */
  requests: { kind: string; times: number[] }[] | null;
  calls: ToolCalls[] | null;
};

const ms = (interval: string): string => `(extract(epoch FROM ${interval}) * 1000)::float8`;
/** Maximum number of counted tools of one run. */
const MAX_TOOLS = 500;

/**
 * SQL of the times of an ended run. Planning ends with the first stored plan. After a replan only the last plan has a time, so the
 * first call and the first request count too. @param r the alias of the run
 */
export const phaseColumns = (r: string) => ({
  total: ms(`${r}.ended_at - ${r}.created_at`),
  queued: ms(`${r}.started_at - ${r}.created_at`),
  planning: `(SELECT CASE WHEN p.made_by NOT IN ('caller', 'repeat', 'action') THEN ${ms(`least(CASE WHEN p.plan_type = 'json' THEN p.updated_at END, ${r}.ended_at,
        (SELECT min(l.started_at) FROM ledger l WHERE l.workspace_id = ${r}.workspace_id AND l.run_id = ${r}.run_id AND l.kind = 'tool' AND l.taken_from IS NULL),
        (SELECT min(d.created_at) FROM decision_request d WHERE d.workspace_id = ${r}.workspace_id AND d.run_id = ${r}.run_id)) - ${r}.started_at`)} END
      FROM execution_plan p WHERE p.workspace_id = ${r}.workspace_id AND p.execution_plan_id = ${r}.execution_plan_id)`,
  waiting: `(SELECT sum(${ms('upper(w) - lower(w)')}) FROM unnest((SELECT range_agg(tstzrange(d.created_at,
        greatest(d.created_at, least(d.decided_at, ${r}.ended_at)))) FROM decision_request d
      WHERE d.workspace_id = ${r}.workspace_id AND d.run_id = ${r}.run_id)) AS w)`,
});

const { total, queued, planning, waiting } = phaseColumns('r');

/** SQL of the ended runs in `run` that no removal has counted. */
export const NOT_COUNTED = 'run.ended_at IS NOT NULL AND run.usage_counted IS NOT TRUE';

/** SQL that selects EndedRuns. @param source a statement that selects ended rows of `run` */
export const endedRuns = (source: string): string => `
  SELECT r.workspace_id AS "workspaceId", r.run_id AS "runId", to_char(r.ended_at AT TIME ZONE 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.MS"Z"') AS "endedAt",
    to_char(r.ended_at AT TIME ZONE 'UTC', 'YYYY-MM-DD') AS day, r.status, r.user_id AS "userId", r.input_tokens + r.output_tokens AS tokens,
    r.cost, r.cost_currency AS currency, ${total} AS total, ${queued} AS queued, ${planning} AS planning, ${waiting} AS waiting,
    r.requested_by AS "requestedBy", (SELECT json_agg(json_build_object('kind', d.kind, 'times', d.times)) FROM (
      SELECT d.kind, coalesce(json_agg(${ms('d.decided_at - d.created_at')}) FILTER (WHERE d.decided_by IS NOT NULL AND d.decision <> 'void'), '[]') AS times
      FROM decision_request d WHERE d.workspace_id = r.workspace_id AND d.run_id = r.run_id GROUP BY d.kind) AS d) AS requests,
    (SELECT json_agg(c) FROM (
      SELECT b.tool, sum(b.n)::int AS n, sum(b.errors)::int AS errors, json_object_agg(b.bucket, b.n) FILTER (WHERE b.bucket IS NOT NULL) AS times
      FROM (SELECT l.tool, ${bucketSql(ms('l.finished_at - l.started_at'))} AS bucket,
          count(*) AS n, count(*) FILTER (WHERE l.state IN ('FAILED', 'UNCERTAIN')) AS errors FROM ledger l
        WHERE l.workspace_id = r.workspace_id AND l.run_id = r.run_id AND l.kind = 'tool' AND l.state <> 'SKIPPED' AND l.tool IS NOT NULL AND l.taken_from IS NULL
        GROUP BY l.tool, bucket) AS b
      GROUP BY b.tool LIMIT ${MAX_TOOLS}) AS c) AS calls
  FROM (${source}) AS r`;

/** Kinds of which a workspace has any number of keys. */
export const keyedKinds = ['integration', 'tool', 'user', 'requester'] as const;
export type KeyedKind = (typeof keyedKinds)[number];
/** sum: all keys of a kind whose keys do not add up to the runs, because a run counts for several. */
export type UsageKind = KeyedKind | 'status' | 'request' | 'sum';

/** `call`: each call of an integration or a tool. `deciding`: each decision of a person, by kind of request. The others are of runs. */
const phases = ['total', 'queued', 'planning', 'calls', 'waiting', 'call', 'deciding'] as const;
type Phase = (typeof phases)[number];
const counts = ['runs', 'succeeded', 'failed', 'calls', 'callErrors', 'tokens'] as const;

export type Usage = Record<(typeof counts)[number], number> & {
  /** Null: a price is unknown, or currencies differ. */
  cost: number | null;
  currency: string | null;
  /** Durations in ms of the runs that had the phase, of calls and of decisions. */
  times: Record<Phase, Buckets>;
};

export const noUsage = (): Usage => ({
  ...(Object.fromEntries(counts.map((name) => [name, 0])) as Record<(typeof counts)[number], number>),
  cost: 0,
  currency: null,
  times: Object.fromEntries(phases.map((phase) => [phase, {}])) as Usage['times'],
});

export function addUsage(usage: Usage, more: Usage): void {
  for (const count of counts) usage[count] += more[count];
  const mixed = usage.currency !== null && more.currency !== null && usage.currency !== more.currency;
  usage.cost = mixed || usage.cost === null || more.cost === null ? null : usage.cost + more.cost;
  usage.currency ??= more.currency;
  for (const phase of phases) addBuckets(usage.times[phase], more.times[phase] ?? {});
}

/** Subtracts the counts and the cost of a part. Costs are sums of fractions: what is left by rounding is no cost. */
export function subtractUsage(usage: Usage, part: Omit<Usage, 'times'>): void {
  for (const count of counts) usage[count] -= part[count];
  if (usage.cost !== null)
    usage.cost = part.cost === null ? null : Math.max(0, Number((usage.cost - part.cost).toFixed(9)));
}

/** The times of the phases of an ended run, in ms; null if it never started. */
export function phaseTimes({ total, queued, ...run }: Pick<EndedRun, 'total' | 'queued' | 'planning' | 'waiting'>) {
  if (queued === null) return null;
  const planning = run.planning === null ? undefined : Math.max(0, run.planning);
  const waiting = run.waiting ?? 0;
  return { queued, planning, waiting, calls: Math.max(0, total - queued - (planning ?? 0) - waiting) };
}

function usageOf(run: EndedRun, calls: { n: number; errors: number }): Usage {
  const { tokens, cost, currency, status } = run;
  const usage = { ...noUsage(), runs: 1, calls: calls.n, callErrors: calls.errors, tokens, cost, currency };
  usage.succeeded = status === 'SUCCESS' ? 1 : 0;
  usage.failed = status === 'FAILED' ? 1 : 0;
  addValue(usage.times.total, run.total);
  const times = phaseTimes(run);
  if (!times) return usage;
  addValue(usage.times.queued, times.queued);
  if (times.planning !== undefined) addValue(usage.times.planning, times.planning);
  if (times.waiting > 0) addValue(usage.times.waiting, times.waiting);
  addValue(usage.times.calls, times.calls);
  return usage;
}

const sumOf = (calls: readonly { n: number; errors: number }[]) =>
  calls.reduce((sum, { n, errors }) => ({ n: sum.n + n, errors: sum.errors + errors }), { n: 0, errors: 0 });

function withCallTimes(usage: Usage, calls: readonly ToolCalls[]): Usage {
  for (const { times } of calls) addBuckets(usage.times.call, times ?? {});
  return usage;
}

/** The names of the contract for kinds of requests with another one. */
const REQUEST_KINDS: Readonly<Record<string, string>> = { plan_approval: 'plan', tool_approval: 'call' };

/** The requester of a run without the users of products and of other issuers, whose ids would outlive their erasure. */
function requesterKey(requestedBy: string): string {
  const [type, first = ''] = requestedBy.split(':');
  if (type === 'claimed') return `claimed:${first}`;
  return type === 'subject' ? requestedBy.slice(0, `${requestedBy} `.indexOf(' ')) : requestedBy;
}

/** The key of the keys that were merged, and of runs without one. */
export const OTHER_KEYS = '';

type KeyUsage = { kind: UsageKind; key: string; usage: Usage };

/** The keys of a run with its usage. A run counts for each integration and tool that it called. */
export function usageByKey(run: EndedRun): KeyUsage[] {
  const calls = run.calls ?? [];
  const integrations = new Map<string, typeof calls>();
  for (const call of calls) {
    const id = call.tool.slice(0, call.tool.indexOf('.'));
    integrations.set(id, [...(integrations.get(id) ?? []), call]);
  }
  const whole = () => usageOf(run, sumOf(calls));
  const byTool = calls.map(
    (call): KeyUsage => ({ kind: 'tool', key: call.tool, usage: withCallTimes(usageOf(run, call), [call]) }),
  );
  const byIntegration = [...integrations].map(([key, ofIntegration]): KeyUsage => {
    return { kind: 'integration', key, usage: withCallTimes(usageOf(run, sumOf(ofIntegration)), ofIntegration) };
  });
  return [
    { kind: 'status', key: run.status, usage: whole() },
    { kind: 'user', key: run.userId, usage: whole() },
    { kind: 'requester', key: run.requestedBy === null ? OTHER_KEYS : requesterKey(run.requestedBy), usage: whole() },
    ...byTool,
    ...byIntegration,
    ...[byTool, byIntegration].flatMap(sumOfKeys),
    ...(run.requests ?? []).map(({ kind, times }): KeyUsage => {
      const usage = whole();
      for (const time of times) addValue(usage.times.deciding, Math.max(0, time));
      return { kind: 'request', key: REQUEST_KINDS[kind] ?? kind, usage };
    }),
  ];
}

function sumOfKeys(all: readonly KeyUsage[]): KeyUsage[] {
  const [first] = all;
  if (!first) return [];
  const usage = noUsage();
  for (const each of all) addUsage(usage, { ...each.usage, times: noUsage().times });
  return [{ kind: 'sum', key: first.kind, usage }];
}
