import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';

export const eraseUser: Handler<typeof contract.users.erase> = async ({ input, ctx }) => {
  const erased = await ctx.own.credentials.eraseUser(input.userId);
  ctx.deps.changed(ctx.caller.workspaceId);
  return erased;
};
