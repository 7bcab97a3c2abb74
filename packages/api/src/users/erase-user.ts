import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { grantsOf } from '../integrations/grants-of.ts';

export const eraseUser: Handler<typeof contract.users.erase> = async ({ input, ctx }) => {
  const { userId } = input;
  const known = (await ctx.own.users.get(userId))?.connections ?? [];
  const giveBack = await grantsOf(
    ctx,
    userId,
    known.map((one) => one.customerIntegrationId),
  );
  const erased = await ctx.own.credentials.eraseUser(userId);
  ctx.deps.changed(ctx.principal.workspaceId);
  await giveBack();
  return erased;
};
