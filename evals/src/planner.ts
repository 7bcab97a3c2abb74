import { aSource } from '@errand/planner/testing';
import type { Planner } from '@errand/ports/planner';
import { plannerWithoutModel } from '@errand/server/planner';

/** The figures must not depend on the speed of the machine. */
const PLAN_MS = 600_000;

/** The built-in planner in a thread, as the service runs it. The tools of an integration must not change while it is open. */
export function openPlanner(): Planner & { close(): Promise<void> } {
  const { plan, looks, close } = plannerWithoutModel({ threads: 1, planMs: PLAN_MS, largePlanMs: PLAN_MS });
  return {
    looks,
    plan: ({ tools, ...request }) => {
      const ids = new Set(tools.map(({ customerIntegrationId }) => customerIntegrationId));
      const setOf = (id: string) => tools.filter(({ customerIntegrationId }) => customerIntegrationId === id);
      const { source } = aSource(Object.fromEntries([...ids].map((id) => [id, setOf(id)])));
      return plan({ ...request, tools: source });
    },
    close,
  };
}
