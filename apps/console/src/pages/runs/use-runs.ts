// The list of a workspace and its filters, live while it is shown, and kept for the way back.
import { useEffect, useMemo, useSyncExternalStore } from 'react';
import { useLive } from '../../live/use-live.ts';
import { clientOf } from '../../session/clients.ts';
import { useWorkspaceId } from '../../session/workspace.tsx';
import { type Filters, LiveRuns, PAGE_SIZE, rowOf } from './live-runs.ts';
import { createdIn } from './period.ts';
import type { RunsSearch } from './search.ts';

/** Lists that are kept, so that Back shows them at once. */
const MAX_KEPT = 5;
const kept = new Map<string, LiveRuns>();

/** @param now the moment from which "the last hour" is counted */
export const filtersOf = (search: RunsSearch, now: number): Filters => ({
  ...filtersWithoutTime(search),
  ...createdIn(search, now),
  sort: search.sort,
});

export const filtersWithoutTime = ({ from, to, within, all, peek, sort, integration, ...filters }: RunsSearch) => ({
  ...filters,
  customerIntegrationIds: integration === undefined ? undefined : [integration],
});

export function useRuns(search: RunsSearch) {
  const workspaceId = useWorkspaceId();
  // biome-ignore lint/correctness/useExhaustiveDependencies: the list keeps its begin while it is shown
  const openedAt = useMemo(() => Date.now(), [search.within]);
  const filters = filtersOf(search, openedAt);
  const key = JSON.stringify([workspaceId, filters]);
  // biome-ignore lint/correctness/useExhaustiveDependencies: the key holds the workspace and the filters
  const list = useMemo(() => listOf(key, workspaceId, filters), [key]);
  const state = useSyncExternalStore(list.subscribe, list.get);
  useEffect(() => list.start(), [list]);
  useLive(
    { kind: 'runs', workspaceId },
    {
      onFrame: (frame) => list.apply(frame),
      onCatchUp: () => void list.catchUp(),
    },
  );
  return { list, state };
}

function listOf(key: string, workspaceId: string, filters: Filters): LiveRuns {
  const list = kept.get(key) ?? createList(workspaceId, filters);
  kept.delete(key);
  kept.set(key, list);
  for (const old of [...kept.keys()].slice(0, -MAX_KEPT)) kept.delete(old);
  return list;
}

function createList(workspaceId: string, filters: Filters): LiveRuns {
  const { runs } = clientOf(workspaceId);
  return new LiveRuns({
    filters,
    read: {
      page: async (cursor) => {
        const answer = await runs.list.query({ ...filters, pageSize: PAGE_SIZE, cursor });
        const { totalItems: total, nextCursor } = answer.pagination;
        return { runs: answer.runs.map(rowOf), total, nextCursor };
      },
      heads: async (runIds) => (await runs.list.query({ ...filters, runIds, pageSize: PAGE_SIZE })).runs.map(rowOf),
    },
  });
}
