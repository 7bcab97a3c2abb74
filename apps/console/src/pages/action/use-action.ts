import type { Outputs } from '@errand/client/console';
import { useQuery } from '@tanstack/react-query';
import { problemFor } from '../../session/problem.ts';
import { useClient, useWorkspaceId } from '../../session/workspace.tsx';

export type Action = Outputs['actions']['get'];
export type ReadPlan = Extract<Outputs['executionPlans']['get'], { planType: 'json' }>;

/** What is old after a change of an action. */
export const AFTER_CHANGE = [['actions']] as const;

export function useAction(key: string) {
  const client = useClient();
  return useQuery({
    queryKey: ['actions', useWorkspaceId(), 'one', key],
    queryFn: ({ signal }) => client.actions.get.query({ key }, { signal }),
  });
}

/** The plan of the saved errand, with the titles and effects of its steps; undefined if the errand was removed. */
export function useSavedPlan(runId: string): ReadPlan | undefined {
  const client = useClient();
  const { data } = useQuery({
    queryKey: ['plan', useWorkspaceId(), 'of an action', runId],
    queryFn: async ({ signal }) => {
      try {
        const { executionPlanId } = await client.runs.get.query({ runId }, { signal });
        return await client.executionPlans.get.query({ executionPlanId }, { signal });
      } catch (error) {
        if (problemFor(error).code === 'not_found') return null;
        throw error;
      }
    },
    staleTime: Number.POSITIVE_INFINITY,
  });
  return data?.planType === 'json' ? data : undefined;
}
