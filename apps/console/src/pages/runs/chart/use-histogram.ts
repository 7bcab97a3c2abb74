// Counts the errands of the filters over time, again while they change.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useEffect, useRef } from 'react';
import { useLive } from '../../../live/use-live.ts';
import { useClient, useWorkspaceId } from '../../../session/workspace.tsx';
import { chartWindow } from '../period.ts';
import type { RunsSearch } from '../search.ts';
import { filtersWithoutTime } from '../use-runs.ts';
import { barsOf, type ChartBar } from './groups.ts';

/** The least time between two counts, and the part of the time that counting may take. */
const MIN_WAIT_MS = 10_000;
const MAX_SHARE = 1 / 20;
/** The window of an idle list moves on. */
const IDLE_MS = 300_000;

export type Histogram = { bars: readonly ChartBar[]; isCut: boolean };

export function useHistogram(search: RunsSearch) {
  const workspaceId = useWorkspaceId();
  const client = useClient();
  const { from, to, within } = search;
  const filters = filtersWithoutTime(search);
  const lastRead = useRef({ at: 0, tookMs: 0 });
  const query = useQuery({
    queryKey: ['histogram', workspaceId, filters, from, to, within],
    placeholderData: keepPreviousData,
    staleTime: MIN_WAIT_MS,
    refetchInterval: IDLE_MS,
    queryFn: async ({ signal }): Promise<Histogram> => {
      const window = chartWindow({ ...(from && { from }), ...(to && { to }), ...(within && { within }) }, Date.now());
      if (!window) return { bars: [], isCut: false };
      const { isCut, ...input } = window;
      const begin = Date.now();
      try {
        return { bars: barsOf(await client.runs.histogram.query({ ...filters, ...input }, { signal })), isCut };
      } finally {
        lastRead.current = { at: Date.now(), tookMs: Date.now() - begin };
      }
    },
  });
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  useEffect(() => () => clearTimeout(timer.current), []);
  const readSoon = () => {
    if (timer.current !== undefined) return;
    const { at, tookMs } = lastRead.current;
    const wait = Math.max(0, at + Math.max(MIN_WAIT_MS, tookMs / MAX_SHARE) - Date.now());
    timer.current = setTimeout(() => {
      timer.current = undefined;
      void query.refetch();
    }, wait);
  };
  useLive(
    { kind: 'runs', workspaceId },
    {
      onFrame: (frame) => {
        if (frame.type === 'gone' || (frame.type === 'run' && frame.changed.some((change) => change !== 'events')))
          readSoon();
      },
      onCatchUp: readSoon,
    },
  );
  return query;
}
