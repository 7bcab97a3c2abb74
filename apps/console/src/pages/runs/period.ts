// The time of creation in the filters, and the bars of the chart over it.

const SECOND = 1000;
const MINUTE = 60 * SECOND;
const HOUR = 60 * MINUTE;
const DAY = 24 * HOUR;

export type Within = '1h' | '24h' | '7d' | '30d';
export type Period = {
  /** Days of UTC, both included, or moments, of which the last is not included. */
  from?: string;
  to?: string;
  /** A distance from now; not together with `from` and `to`. */
  within?: Within;
};

/** The distances from now. Their bars are whole steps, so that a list keeps its begin for a while. */
export const WITHIN: Readonly<Record<Within, { name: string; ms: number; stepMs: number }>> = {
  '1h': { name: 'the last hour', ms: HOUR, stepMs: MINUTE },
  '24h': { name: 'the last 24 hours', ms: DAY, stepMs: 30 * MINUTE },
  '7d': { name: 'the last 7 days', ms: 7 * DAY, stepMs: 3 * HOUR },
  '30d': { name: 'the last 30 days', ms: 30 * DAY, stepMs: 12 * HOUR },
};
/** The chart of a list without a period. */
const DEFAULT_WITHIN = '7d';

const DAY_TEXT = /^[1-9]\d{3}-\d\d-\d\d$/;
const MOMENT_TEXT = /^[1-9]\d{3}-\d\d-\d\dT\d\d:\d\d(:\d\d(\.\d{1,3})?)?Z$/;

export const isDay = (value: unknown): value is string =>
  typeof value === 'string' && DAY_TEXT.test(value) && !Number.isNaN(Date.parse(value));

const isTime = (value: unknown): value is string =>
  isDay(value) || (typeof value === 'string' && MOMENT_TEXT.test(value) && !Number.isNaN(Date.parse(value)));

export function periodOf({ from, to, within }: Record<string, unknown>): Period {
  if (isTime(from) || isTime(to)) return { ...(isTime(from) && { from }), ...(isTime(to) && { to }) };
  return typeof within === 'string' && Object.hasOwn(WITHIN, within) ? { within: within as Within } : {};
}

export const isoOf = (ms: number): string => new Date(ms).toISOString();
const endOf = (to: string): number => Date.parse(to) + (isDay(to) ? DAY : 0);

/** The last boundary of steps, which begin at midnight of the browser. */
function floorTo(ms: number, stepMs: number): number {
  const zoneMs = new Date(ms).getTimezoneOffset() * MINUTE;
  return Math.floor((ms - zoneMs) / stepMs) * stepMs + zoneMs;
}

const beginOf = (within: Within, now: number): number => floorTo(now, WITHIN[within].stepMs) - WITHIN[within].ms;

/** The period as filters of the contract. */
export function createdIn({ from, to, within }: Period, now: number) {
  if (within) return { createdAfter: isoOf(beginOf(within, now)), createdBefore: undefined };
  return { createdAfter: from && isoOf(Date.parse(from)), createdBefore: to && isoOf(endOf(to)) };
}

/** The longest window of the operation, and the most bars that it has. */
const MAX_WINDOW = 31 * DAY;
const MAX_BARS = 62;
const STEPS = [
  ...[1, 5, 10, 30].map((seconds) => seconds * SECOND),
  ...[1, 5, 10, 30].map((minutes) => minutes * MINUTE),
  ...[1, 3, 6, 12].map((hours) => hours * HOUR),
];

export type ChartWindow = {
  from: string;
  to: string;
  buckets: number;
  /** Whether the period is longer than the window, which has its end. */
  isCut: boolean;
};

/** The window of the chart; undefined for a period that has not begun. */
export function chartWindow({ from, to, within }: Period, now: number): ChartWindow | undefined {
  if (from === undefined && to === undefined) {
    const { stepMs } = WITHIN[within ?? DEFAULT_WITHIN];
    return windowOf({ begin: beginOf(within ?? DEFAULT_WITHIN, now), end: floorTo(now, stepMs) + stepMs, stepMs });
  }
  const end = to === undefined ? now : endOf(to);
  const begin = from === undefined ? end - MAX_WINDOW : Date.parse(from);
  if (begin >= end) return undefined;
  const first = Math.max(begin, end - MAX_WINDOW);
  const stepMs = STEPS.find((step) => (end - first) / step <= MAX_BARS) ?? STEPS.at(-1)!;
  // The window of a period until now grows by whole steps.
  const last = to === undefined ? first + Math.ceil((end - first) / stepMs) * stepMs : end;
  return {
    ...windowOf({ begin: Math.max(first, last - MAX_WINDOW), end: last, stepMs }),
    isCut: begin < first || from === undefined,
  };
}

const windowOf = ({ begin, end, stepMs }: { begin: number; end: number; stepMs: number }): ChartWindow => ({
  from: isoOf(begin),
  to: isoOf(end),
  buckets: Math.max(1, Math.ceil((end - begin) / stepMs)),
  isCut: false,
});

/** The name of a period, to complete "created in …". */
export function periodName({ from, to, within }: Period, isCut: boolean): string {
  if (within) return WITHIN[within].name;
  if (from === undefined && to === undefined) return WITHIN[DEFAULT_WITHIN].name;
  return isCut ? 'the last 31 days of this time' : 'this time';
}
