// The range, the grouping and the filter of the usage page, as they stand in the address.
import type { Inputs } from '@errand/client/console';

export type UsageBy = NonNullable<Inputs['usage']['get']['by']>;
/** from and to: days in UTC, both included; the last 30 days by default. Of the filters at most one is set. */
export type UsageSearch = {
  from?: string;
  to?: string;
  by?: UsageBy;
  userId?: string;
  integration?: string;
  tool?: string;
  requestedBy?: string;
};
export type Range = { from: string; to: string };

export const BY_LABELS: Readonly<Record<UsageBy, string>> = {
  day: 'Days',
  status: 'Statuses',
  integration: 'Integrations',
  tool: 'Tools',
  user: 'Users',
  requester: 'Requesters',
  request: 'Decisions',
};
const FILTERS = ['userId', 'integration', 'tool', 'requestedBy'] as const;
const DAY_MS = 86_400_000;
const DEFAULT_DAYS = 30;
/** The longest range: by days and by keys. */
const [MAX_DAYS, MAX_DAYS_BY_KEY] = [366, 92];
const FEW_KEYS: ReadonlySet<UsageBy> = new Set(['day', 'status', 'request']);

export const isDay = (value: unknown): value is string =>
  typeof value === 'string' && /^[1-9]\d{3}-\d\d-\d\d$/.test(value) && !Number.isNaN(Date.parse(value));

export function searchOf(search: Record<string, unknown>): UsageSearch {
  const by = (Object.keys(BY_LABELS) as UsageBy[]).find((each) => each === search.by);
  const filter = FILTERS.find((name) => typeof search[name] === 'string' && search[name] !== '');
  const { from, to } = search;
  return {
    ...(isDay(from) && { from }),
    ...(isDay(to) && { to }),
    ...(by && by !== 'day' && !filter && { by }),
    ...(filter && { [filter]: search[filter] }),
  };
}

const dayOf = (ms: number): string => new Date(ms).toISOString().slice(0, 10);
export const daysLater = (day: string, days: number): string => dayOf(Date.parse(day) + days * DAY_MS);
export const daysIn = ({ from, to }: Range): number => Math.round((Date.parse(to) - Date.parse(from)) / DAY_MS) + 1;

/** The last days until today. */
export const lastDays = (days: number, now = Date.now()): Range => ({
  from: dayOf(now - (days - 1) * DAY_MS),
  to: dayOf(now),
});

/** The range of the address, shortened to what the service accepts: its end stays. */
export function rangeOf({ from, to, by = 'day' }: UsageSearch, now = Date.now()): Range {
  const last = to ?? (from !== undefined && from > dayOf(now) ? from : dayOf(now));
  const first = from ?? daysLater(last, 1 - DEFAULT_DAYS);
  const max = FEW_KEYS.has(by) ? MAX_DAYS : MAX_DAYS_BY_KEY;
  const days = daysIn({ from: first, to: last });
  if (days < 1) return { from: last, to: last };
  return { from: days > max ? daysLater(last, 1 - max) : first, to: last };
}

/** The filter of the operation. */
export function filterOf({ userId, integration, tool, requestedBy }: UsageSearch): Partial<Inputs['usage']['get']> {
  return {
    ...(userId !== undefined && { userId }),
    ...(integration !== undefined && { customerIntegrationId: integration }),
    ...(tool !== undefined && { tool }),
    ...(requestedBy !== undefined && { requestedBy }),
  };
}
