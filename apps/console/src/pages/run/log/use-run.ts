// The head of a run and its plans.
import { keepPreviousData, useQuery } from '@tanstack/react-query';
import { useCallback, useEffect, useRef } from 'react';
import { useLive } from '../../../live/use-live.ts';
import { useClient, useWorkspaceId } from '../../../session/workspace.tsx';
import type { Plan, Run } from './phases.ts';

/** A run that changes all the time is read at most so often. */
const REFRESH_MS = 500;

export const runKey = (workspaceId: string, runId: string) => ['run', workspaceId, runId] as const;

/** The head of a run, kept up to date. */
export function useRun(runId: string) {
  const workspaceId = useWorkspaceId();
  const client = useClient();
  const query = useQuery({
    queryKey: runKey(workspaceId, runId),
    queryFn: ({ signal }) => client.runs.get.query({ runId }, { signal }),
    // Live frames say when it changes.
    staleTime: Number.POSITIVE_INFINITY,
    refetchOnMount: 'always',
  });
  const isEnded = query.data?.endedAt !== undefined;
  const refresh = useThrottled(() => void query.refetch({ cancelRefetch: false }), REFRESH_MS);
  useLive(
    { kind: 'runs', workspaceId },
    {
      onFrame: (frame) => {
        if (frame.type === 'run' && frame.runId === runId) refresh();
      },
      onCatchUp: () => {
        if (!isEnded) refresh();
      },
    },
  );
  return { ...query, refresh };
}

/** A function that runs at most once in a time: at once, and again at the end of the time if it was called in between. */
function useThrottled(run: () => void, ms: number): () => void {
  const latest = useRef(run);
  latest.current = run;
  const timer = useRef<ReturnType<typeof setTimeout>>(undefined);
  const isWanted = useRef(false);
  useEffect(() => () => clearTimeout(timer.current), []);
  return useCallback(() => {
    if (timer.current !== undefined) {
      isWanted.current = true;
      return;
    }
    const act = () => {
      isWanted.current = false;
      latest.current();
      timer.current = setTimeout(() => {
        timer.current = undefined;
        if (isWanted.current) act();
      }, ms);
    };
    act();
  }, [ms]);
}

/** A plan of a run: the newest, or an earlier version. Undefined while there is none. */
export function usePlan(run: Run, version?: number): { plan: Plan | undefined; isPending: boolean; error: unknown } {
  const workspaceId = useWorkspaceId();
  const client = useClient();
  const { executionPlanId, status, progress } = run;
  const key = ['plan', workspaceId, executionPlanId] as const;
  const { data, isPending, error } = useQuery({
    // A change of the status, or of the number of steps, may mean another plan.
    queryKey: version === undefined ? [...key, 'newest', status, progress?.total] : [...key, version],
    queryFn: ({ signal }) =>
      client.executionPlans.get.query({ executionPlanId, ...(version === undefined ? {} : { version }) }, { signal }),
    staleTime: Number.POSITIVE_INFINITY,
    placeholderData: keepPreviousData,
  });
  return { plan: data?.planType === 'json' ? data : undefined, isPending, error };
}
