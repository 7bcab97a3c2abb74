import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';

export const getPlan: Handler<typeof contract.executionPlans.get> = ({ input, ctx }) =>
  ctx.deps.engine.readPlanDetails(ctx.principal.workspaceId, input.executionPlanId);
