// The writes of the plans of several errands, which a rerun with the same plans repeats.
import type { ConsoleClient } from '@errand/client/console';
import { useQuery } from '@tanstack/react-query';
import { problemFor } from '../../session/problem.ts';
import { useClient, useWorkspaceId } from '../../session/workspace.tsx';
import type { Run } from './live-runs.ts';

export type RepeatedWrites = {
  /** Errands whose plans have steps that write. */
  writers: number;
  /** The steps by their titles, and how many errands have them. */
  titles: readonly (readonly [title: string, errands: number])[];
  /** Errands without a plan, which the service refuses. */
  withoutPlan: number;
};

const AT_ONCE = 3;

export function useRepeatedWrites(runs: readonly Run[], isOn: boolean) {
  const client = useClient();
  return useQuery({
    queryKey: ['repeated writes', useWorkspaceId(), runs.map(({ executionPlanId }) => executionPlanId)],
    queryFn: ({ signal }) => readWrites(client, runs, signal),
    enabled: isOn,
  });
}

async function readWrites(client: ConsoleClient, runs: readonly Run[], signal: AbortSignal): Promise<RepeatedWrites> {
  const waiting = [...runs];
  const titles = new Map<string, number>();
  let [writers, withoutPlan] = [0, 0];
  const work = async () => {
    for (let run = waiting.pop(); run; run = waiting.pop()) {
      const written = await writesOf(client, run.executionPlanId, signal);
      if (!written) withoutPlan++;
      else if (written.size > 0) writers++;
      for (const title of written ?? []) titles.set(title, (titles.get(title) ?? 0) + 1);
    }
  };
  await Promise.all(Array.from({ length: AT_ONCE }, work));
  return { writers, withoutPlan, titles: [...titles].sort(([, a], [, b]) => b - a) };
}

async function writesOf(client: ConsoleClient, executionPlanId: string, signal: AbortSignal) {
  try {
    const answer = await client.executionPlans.get.query({ executionPlanId }, { signal });
    if (answer.planType === 'text') return undefined;
    return new Set(answer.steps.filter(({ effect }) => effect === 'write').map(({ title }) => title));
  } catch (error) {
    if (problemFor(error).code === 'not_found') return undefined;
    throw error;
  }
}
