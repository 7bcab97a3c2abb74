import type { Outputs } from '@errand/client/console';
import { useQuery } from '@tanstack/react-query';
import { useClient, useWorkspaceId } from '../../session/workspace.tsx';
import { filterOf, rangeOf, type UsageBy, type UsageSearch } from './search.ts';

export type UsageReport = Outputs['usage']['get'];
export type UsageRow = UsageReport['rows'][number];
export type UsageTotal = NonNullable<UsageReport['total']>;

export const inputOf = (search: UsageSearch, by: UsageBy) => ({ ...rangeOf(search), by, ...filterOf(search) });

/** The report of the range by one grouping. While another range is read, the earlier report stays. */
export function useUsage(search: UsageSearch, by: UsageBy) {
  const client = useClient();
  const input = inputOf(search, by);
  return useQuery({
    queryKey: ['usage', useWorkspaceId(), input],
    queryFn: ({ signal }) => client.usage.get.query(input, { signal }),
    placeholderData: (before) => (before?.by === by ? before : undefined),
  });
}
