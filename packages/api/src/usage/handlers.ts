import { type GetUsageInput, problem, type UsageReport, type UsageRow } from '@errand/contracts';
import { quantileOf, RELATIVE_ERROR, type Usage } from '@errand/db';
import type { Context, ContractHandlers } from '../context.ts';

const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;
const MAX_DAYS = 366;
/** Maximum days of a report by a dimension with many keys. */
const MAX_DAYS_BY_KEY = 92;
const MAX_ROWS = 100;

/** Counts and durations of runs. */
export const usage: ContractHandlers['usage'] = { get: ({ input, ctx }) => usageReport(ctx, input) };

async function usageReport({ workspaceDb }: Context, input: GetUsageInput): Promise<UsageReport> {
  const { from, to, by } = reportRange(input);
  const limit = by === 'day' ? MAX_DAYS : MAX_ROWS;
  const { rows, other: rest, asOf } = await workspaceDb.usage({ from, to, by, limit });
  return {
    from,
    to,
    by,
    asOf: asOf.toISOString(),
    relativeError: RELATIVE_ERROR,
    rows: [
      ...rows.map(({ key, usage }) => ({ key, ...countsOf(usage), ...timesOf(usage) })),
      ...(rest ? [{ key: 'other', other: true as const, ...countsOf(rest) }] : []),
    ],
  };
}

/** @throws ProblemError validation_failed */
function reportRange({ from, to, by }: GetUsageInput): Required<GetUsageInput> {
  const lastMs = to === undefined ? Date.now() : Date.parse(to);
  const firstMs = from === undefined ? lastMs - (DEFAULT_DAYS - 1) * DAY_MS : Date.parse(from);
  const days = Math.floor(lastMs / DAY_MS) - Math.floor(firstMs / DAY_MS) + 1;
  const maxDays = by === 'day' || by === 'status' ? MAX_DAYS : MAX_DAYS_BY_KEY;
  if (days < 1)
    throw invalidRange('/from', from === undefined ? 'Must be given with this to' : 'Must not be later than to');
  if (days > maxDays) throw invalidRange('/from', `Must be at most ${maxDays} days before the end of to, by ${by}`);
  return { from: dayOf(firstMs), to: dayOf(lastMs), by };
}

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
const invalidRange = (pointer: string, message: string) =>
  problem('validation_failed', `${pointer}: ${message}.`, { errors: [{ pointer, message }] });

const countsOf = ({ times: _, cost, currency, ...counts }: Usage): Omit<UsageRow, 'key'> => ({
  ...counts,
  ...(cost !== null && currency !== null && { cost: { amount: cost, currency } }),
});

function timesOf({ times: { total, ...phases } }: Usage): Pick<UsageRow, 'p50Ms' | 'p95Ms' | 'phases'> {
  const phasesWithTimes = Object.entries(phases).map(([name, buckets]) => [name, quantilesOf(buckets)] as const);
  return { ...quantilesOf(total), phases: Object.fromEntries(phasesWithTimes.filter(([, quantiles]) => quantiles)) };
}

function quantilesOf(buckets: Usage['times']['total']): { p50Ms: number; p95Ms: number } | undefined {
  const [p50, p95] = [quantileOf(buckets, 0.5), quantileOf(buckets, 0.95)];
  return p50 === null || p95 === null ? undefined : { p50Ms: round(p50), p95Ms: round(p95) };
}

/** Four significant digits, because the quantiles are estimates. */
const round = (ms: number): number => Number(ms.toPrecision(4));
