import type { ExecutionPlan } from '@errand/contracts';
import type { Scoped } from '../workspaces/scoped.ts';

export function executionPlans({ prisma, workspaceId }: Scoped) {
  return {
    async get(executionPlanId: string): Promise<ExecutionPlan | null> {
      const row = await prisma.executionPlan.findFirst({
        where: { workspaceId, executionPlanId },
        select: { planType: true, plan: true },
      });
      return row as ExecutionPlan | null;
    },
  };
}
