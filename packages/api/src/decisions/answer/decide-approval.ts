import type { contract } from '@errand/contracts';
import type { Handler } from '../../context.ts';

export const decideApproval: Handler<typeof contract.approvals.decide> = ({ input, ctx }) =>
  ctx.deps.engine.decideApproval(ctx.principal.workspaceId, input, ctx.principal);
