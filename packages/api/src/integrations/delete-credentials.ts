import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { found } from '../found.ts';
import { grantsOf } from './grants-of.ts';

/** Erases here first: what follows may not work. */
export const deleteCredentials: Handler<typeof contract.integrations.deleteCredentials> = async ({ input, ctx }) => {
  const { customerIntegrationId, userId } = input;
  const giveBack = await grantsOf(ctx, userId, [customerIntegrationId]);
  found(await ctx.own.credentials.revokeUserToken(customerIntegrationId, userId), 'user at this integration');
  ctx.deps.changed(ctx.principal.workspaceId);
  await giveBack();
  return null;
};
