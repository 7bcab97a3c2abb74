// The bars of the chart: days, or weeks where there are too many.
import { daysIn, daysLater, type Range } from './search.ts';

type Counts = { runs: number; succeeded: number; failed: number };
export type Bar = Range & Counts;

/** The most bars of days. Each is a link, so it has a least width. */
const MAX_DAYS = 42;
/** The most bars: the weeks of the longest range. */
export const MAX_BARS = 53;
const WEEK = 7;

/** Bars of the whole range, also of days on which no errand ended. */
export function barsOf(range: Range, rows: readonly (Counts & { key: string })[]): Bar[] {
  const byDay = new Map(rows.map((row) => [row.key, row]));
  const days = daysIn(range);
  const width = days > MAX_DAYS ? WEEK : 1;
  return Array.from({ length: Math.ceil(days / width) }, (_, index) => {
    const from = daysLater(range.from, index * width);
    const length = Math.min(width, days - index * width);
    const bar: Bar = { from, to: daysLater(from, length - 1), runs: 0, succeeded: 0, failed: 0 };
    for (let day = 0; day < length; day++) {
      const counts = byDay.get(daysLater(from, day));
      if (!counts) continue;
      bar.runs += counts.runs;
      bar.succeeded += counts.succeeded;
      bar.failed += counts.failed;
    }
    return bar;
  });
}
