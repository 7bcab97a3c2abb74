import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { orNotFound } from '../or-not-found.ts';

export const deleteIntegration: Handler<typeof contract.integrations.delete> = async ({ input, ctx }) => {
  const deleted = await ctx.workspaceDb.integrations.delete(input.customerIntegrationId);
  orNotFound(deleted || null, 'integration');
  ctx.deps.accessChanged(ctx.principal.workspaceId);
  return null;
};
