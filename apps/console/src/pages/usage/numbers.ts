// Numbers for people.
import { duration } from '../../display/duration.ts';
import type { UsageTotal } from './use-usage.ts';

export const percent = (part: number, whole: number): string =>
  whole === 0 ? '–' : (part / whole).toLocaleString(undefined, { style: 'percent', maximumFractionDigits: 1 });

export function money(cost: UsageTotal['cost']): string {
  if (!cost) return '–';
  const { amount, currency } = cost;
  const digits = amount < 1 ? 4 : 2;
  try {
    return amount.toLocaleString(undefined, { style: 'currency', currency, maximumFractionDigits: digits });
  } catch {
    // The operator's price table may name any currency.
    return `${amount.toFixed(digits)} ${currency}`;
  }
}

export const time = (ms: number | undefined): string => (ms === undefined ? '–' : duration(ms));

export const quantiles = (phase: { p50Ms: number; p95Ms: number } | undefined): string =>
  phase ? `${duration(phase.p50Ms)} / ${duration(phase.p95Ms)}` : '–';

/** A day of UTC as a date. */
export const dayText = (day: string): string =>
  new Date(day).toLocaleDateString(undefined, { timeZone: 'UTC', day: 'numeric', month: 'short', year: 'numeric' });
