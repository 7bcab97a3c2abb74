import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { revokeErased } from '../integrations/revoke-erased.ts';

/** Erases a user's credentials at all integrations, then revokes the grants at the authorization servers, which may fail. */
export const eraseUser: Handler<typeof contract.users.erase> = async ({ input, ctx }) => {
  const { userId } = input;
  const { user, grants } = await ctx.workspaceDb.credentials.eraseUser(userId);
  ctx.deps.accessChanged(ctx.principal.workspaceId);
  await revokeErased(ctx, grants);
  return user;
};
