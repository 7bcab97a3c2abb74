import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { orNotFound } from '../or-not-found.ts';

export const revokeRule: Handler<typeof contract.approvalRules.revoke> = async ({ input, ctx }) => {
  orNotFound(await ctx.workspaceDb.rules.revoke(input.approvalRuleId), 'approval rule');
  ctx.deps.accessChanged(ctx.principal.workspaceId);
  return null;
};
