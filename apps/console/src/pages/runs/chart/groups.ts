// The statuses of the chart: statuses of similar meaning share a color.
import type { RunStatus, RunsSearch } from '../search.ts';

export type Group = { name: string; statuses: readonly RunStatus[]; fill: string; dot: string };

/** From the foot of a bar to its top. */
export const GROUPS: readonly Group[] = [
  { name: 'success', statuses: ['SUCCESS'], fill: 'fill-good', dot: 'bg-good' },
  { name: 'partial or none', statuses: ['PARTIAL_SUCCESS', 'NO_SUCCESS'], fill: 'fill-plan', dot: 'bg-plan' },
  { name: 'failed', statuses: ['FAILED'], fill: 'fill-bad', dot: 'bg-bad' },
  { name: 'canceled', statuses: ['CANCELED'], fill: 'fill-edge', dot: 'bg-edge' },
  { name: 'waits', statuses: ['AUTH_REQUIRED', 'PAUSED'], fill: 'fill-wait', dot: 'bg-wait' },
  { name: 'open', statuses: ['QUEUED', 'RUNNING'], fill: 'fill-accent', dot: 'bg-accent' },
];

export type ChartBar = {
  /** Moments, of which the last is not included. */
  from: string;
  to: string;
  total: number;
  /** Errands of each group, in the order of `GROUPS`. */
  counts: readonly number[];
};

type Histogram = {
  to: string;
  bucketMs: number;
  buckets: readonly { from: string; counts: readonly { status: RunStatus; runs: number }[] }[];
};

export const barsOf = ({ to, bucketMs, buckets }: Histogram): ChartBar[] =>
  buckets.map(({ from, counts: byStatus }) => {
    const end = Math.min(Date.parse(from) + bucketMs, Date.parse(to));
    const runsOf = (group: Group) =>
      byStatus.filter(({ status }) => group.statuses.includes(status)).reduce((sum, { runs }) => sum + runs, 0);
    const counts = GROUPS.map(runsOf);
    return { from, to: new Date(end).toISOString(), counts, total: counts.reduce((sum, runs) => sum + runs, 0) };
  });

/** "12 errands: 10 success, 2 failed". */
export function countsText({ total, counts }: Pick<ChartBar, 'total' | 'counts'>): string {
  const parts = GROUPS.flatMap(({ name }, index) =>
    counts[index] ? [`${counts[index].toLocaleString()} ${name}`] : [],
  );
  return `${total.toLocaleString()} ${total === 1 ? 'errand' : 'errands'}${parts.length > 0 ? `: ${parts.join(', ')}` : ''}`;
}

export const sumOf = (bars: readonly ChartBar[]): Pick<ChartBar, 'total' | 'counts'> => ({
  total: bars.reduce((sum, { total }) => sum + total, 0),
  counts: GROUPS.map((_, index) => bars.reduce((sum, { counts }) => sum + counts[index]!, 0)),
});

/** The filters with the time of a bar. */
export function searchOfBar(
  { within: _, all: __, peek: ___, ...filters }: RunsSearch,
  { from, to }: ChartBar,
): RunsSearch {
  return { ...filters, from: from.replace('.000Z', 'Z'), to: to.replace('.000Z', 'Z') };
}
