// Numbers for people.
import { duration } from '../../display/duration.ts';

export const percent = (part: number, whole: number): string =>
  whole === 0 ? '–' : (part / whole).toLocaleString(undefined, { style: 'percent', maximumFractionDigits: 1 });

export const time = (ms: number | undefined): string => (ms === undefined ? '–' : duration(ms));

export const quantiles = (phase: { p50Ms: number; p95Ms: number } | undefined): string =>
  phase ? `${duration(phase.p50Ms)} / ${duration(phase.p95Ms)}` : '–';

/** A day of UTC as a date. */
export const dayText = (day: string): string =>
  new Date(day).toLocaleDateString(undefined, { timeZone: 'UTC', day: 'numeric', month: 'short', year: 'numeric' });
