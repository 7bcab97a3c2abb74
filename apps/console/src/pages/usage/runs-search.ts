// The list of errands to which a bar or a row leads.
import { runStatusLabels } from '@errand/contracts/labels';
import type { RunsSearch } from '../runs/search.ts';
import { type Range, rangeOf, type UsageBy, type UsageSearch } from './search.ts';
import type { UsageRow } from './use-usage.ts';

/** The errands of some days, by the filter of the page. */
export function runsSearchOf(search: UsageSearch, range: Range = rangeOf(search)): RunsSearch {
  const { userId, integration, tool, requestedBy } = search;
  return {
    ...range,
    ...(userId !== undefined && { userId }),
    ...(integration !== undefined && { integration }),
    ...(tool !== undefined && { tool }),
    ...(requestedBy !== undefined && { requestedBy }),
  };
}

type Status = NonNullable<RunsSearch['status']>[number];
const isStatus = (key: string): key is Status => key in runStatusLabels;

/** The errands of a row; undefined if no filter of the list has them. */
export function runsSearchOfRow(search: UsageSearch, by: UsageBy, row: UsageRow): RunsSearch | undefined {
  const { key, other, requester } = row;
  if (other) return undefined;
  if (by === 'day') return runsSearchOf(search, { from: key, to: key });
  const filter: Partial<Record<UsageBy, RunsSearch | undefined>> = {
    status: isStatus(key) ? { status: [key] } : undefined,
    integration: { integration: key },
    tool: { tool: key },
    user: { userId: key },
    requester: requester && { requestedBy: key },
  };
  return filter[by] && { ...rangeOf(search), ...filter[by] };
}

/** The same page for one key of a row, by day. */
export function usageSearchOfRow(search: UsageSearch, by: UsageBy, { key, other }: UsageRow): UsageSearch | undefined {
  if (other) return undefined;
  const filter: Partial<Record<UsageBy, UsageSearch>> = {
    integration: { integration: key },
    tool: { tool: key },
    user: { userId: key },
    requester: { requestedBy: key },
  };
  return filter[by] && { ...rangeOf(search), ...filter[by] };
}
