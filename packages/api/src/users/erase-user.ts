import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { prepareRevocation } from '../integrations/prepare-revocation.ts';

/** Erases a user's credentials at all integrations, then revokes their grants at the authorization servers, which may fail. */
export const eraseUser: Handler<typeof contract.users.erase> = async ({ input, ctx }) => {
  const { userId } = input;
  const connections = (await ctx.workspaceDb.users.get(userId))?.connections ?? [];
  const revokeThere = await prepareRevocation(
    ctx,
    userId,
    connections.map((one) => one.customerIntegrationId),
  );
  const erased = await ctx.workspaceDb.credentials.eraseUser(userId);
  ctx.deps.accessChanged(ctx.principal.workspaceId);
  await revokeThere();
  return erased;
};
