import { type GetUsageInput, problem, type UsageReport, type UsageRow } from '@errand/contracts';
import { quantileOf, RELATIVE_ERROR, type Usage } from '@errand/db';
import type { Context, ContractHandlers } from '../context.ts';

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;
const MAX_DAYS = 366;
/** Maximum days of a report by a dimension with many keys. */
const MAX_DAYS_BY_KEY = 92;
const FEW_KEYS: ReadonlySet<string> = new Set(['day', 'status', 'request']);
const MAX_ROWS = 100;

/** Counts and durations of runs. */
export const usage: ContractHandlers['usage'] = { get: ({ input, ctx }) => usageReport(ctx, input) };

async function usageReport({ workspaceDb, principal, deps }: Context, input: GetUsageInput): Promise<UsageReport> {
  const { from, to, by } = reportRange(input);
  const of = filterOf(input);
  const limit = by === 'day' ? MAX_DAYS : MAX_ROWS;
  const { rows, other: rest, total, feedback, asOf } = await workspaceDb.usage({ from, to, by, limit, of });
  const keys = by === 'requester' ? rows.map(({ key }) => key).filter((key) => PERSONAL.test(key)) : [];
  const requesterOf = await deps.db.people.requesters(principal.workspaceId, keys);
  return {
    from,
    to,
    by,
    asOf: asOf.toISOString(),
    relativeError: RELATIVE_ERROR,
    ...(total && { total: { ...countsOf(total), ...timesOf(total) } }),
    ...(!of && { feedback }),
    rows: [
      ...rows.map(({ key, usage }) => rowOf(by, key, usage, requesterOf(key))),
      ...(rest ? [{ key: 'other', other: true as const, ...countsOf(rest) }] : []),
    ],
  };
}

/** Requesters that are one principal. */
const PERSONAL = /^(api_key|person|system):/;

const FILTERS = [
  ['userId', 'user'],
  ['customerIntegrationId', 'integration'],
  ['tool', 'tool'],
  ['requestedBy', 'requester'],
] as const;

/** @throws ProblemError validation_failed */
function filterOf(input: GetUsageInput) {
  const [filter, second] = FILTERS.flatMap(([name, kind]) => {
    const key = input[name];
    return key === undefined ? [] : [{ name, kind, key }];
  });
  if (!filter) return undefined;
  if (second) throw invalid(`/${second.name}`, `Must be the only filter, without ${filter.name}`);
  if (input.by !== 'day') throw invalid(`/${filter.name}`, `Needs by=day, not by=${input.by}`);
  return { kind: filter.kind, key: filter.key };
}

/** @throws ProblemError validation_failed */
function reportRange({ from, to, by }: GetUsageInput): Pick<UsageReport, 'from' | 'to' | 'by'> {
  const lastMs = to === undefined ? Date.now() : Date.parse(to);
  const firstMs = from === undefined ? lastMs - (DEFAULT_DAYS - 1) * DAY_MS : Date.parse(from);
  const days = Math.floor(lastMs / DAY_MS) - Math.floor(firstMs / DAY_MS) + 1;
  const maxDays = FEW_KEYS.has(by) ? MAX_DAYS : MAX_DAYS_BY_KEY;
  if (days < 1) throw invalid('/from', from === undefined ? 'Must be given with this to' : 'Must not be later than to');
  if (days > maxDays) throw invalid('/from', `Must be at most ${maxDays} days before the end of to, by ${by}`);
  return { from: dayOf(firstMs), to: dayOf(lastMs), by };
}

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const invalid = (pointer: string, message: string) =>
  problem('validation_failed', `${pointer}: ${message}.`, { errors: [{ pointer, message }] });

const countsOf = ({ times: _, cost, currency, ...counts }: Usage): Omit<UsageRow, 'key'> => ({
  ...counts,
  ...(cost !== null && currency !== null && { cost: { amount: cost, currency } }),
});

function rowOf(by: UsageReport['by'], key: string, usage: Usage, requester: UsageRow['requester']): UsageRow {
  const row = { key, ...(requester && { requester }), ...countsOf(usage), ...timesOf(usage) };
  if (by !== 'request') return row;
  const { deciding } = usage.times;
  return { ...row, decided: countOf(deciding), timeToDecide: quantilesOf(deciding) };
}

const countOf = (buckets: Usage['times']['total']): number => Object.values(buckets).reduce((sum, n) => sum + n, 0);

/** The phases of runs, without the times of calls and of decisions. */
function timesOf({ times }: Usage): Pick<UsageRow, 'p50Ms' | 'p95Ms' | 'phases'> {
  const { total, call: _call, deciding: _deciding, ...phases } = times;
  const phasesWithTimes = Object.entries(phases).map(([name, buckets]) => [name, quantilesOf(buckets)] as const);
  return { ...quantilesOf(total), phases: Object.fromEntries(phasesWithTimes.filter(([, quantiles]) => quantiles)) };
}

function quantilesOf(buckets: Usage['times']['total']): { p50Ms: number; p95Ms: number } | undefined {
  const [p50, p95] = [quantileOf(buckets, 0.5), quantileOf(buckets, 0.95)];
  return p50 === null || p95 === null ? undefined : { p50Ms: round(p50), p95Ms: round(p95) };
}

/** Four significant digits, because the quantiles are estimates. */
const round = (ms: number): number => Number(ms.toPrecision(4));
