// Intervals of time, in ms.
export type Interval = { from: number; to: number };

/** Intervals without overlaps, in order: several requests may wait at once. */
export function mergeIntervals(intervals: readonly Interval[]): Interval[] {
  const merged: Interval[] = [];
  for (const { from, to } of intervals.toSorted((a, b) => a.from - b.from)) {
    const last = merged.at(-1);
    if (last && from <= last.to) last.to = Math.max(last.to, to);
    else if (to > from) merged.push({ from, to });
  }
  return merged;
}

export const totalOf = (intervals: readonly Interval[]): number =>
  intervals.reduce((sum, { from, to }) => sum + to - from, 0);

/** The part of an interval that others do not cover, in ms. */
export const uncovered = ({ from, to }: Interval, others: readonly Interval[]): number =>
  Math.max(0, to - from) -
  totalOf(
    mergeIntervals(others)
      .map((other) => ({ from: Math.max(from, other.from), to: Math.min(to, other.to) }))
      .filter((other) => other.to > other.from),
  );
