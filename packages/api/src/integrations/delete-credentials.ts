import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { found } from '../found.ts';

export const deleteCredentials: Handler<typeof contract.integrations.deleteCredentials> = async ({ input, ctx }) => {
  const { customerIntegrationId, userId } = input;
  found(await ctx.own.credentials.revokeUserToken(customerIntegrationId, userId), 'user at this integration');
  ctx.deps.changed(ctx.caller.workspaceId);
  return null;
};
