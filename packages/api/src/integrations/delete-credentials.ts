import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { orNotFound } from '../or-not-found.ts';
import { revokeErased } from './revoke-erased.ts';

/** Deletes a user's credential at an integration. Erases it here first, because revoking it at the authorization server may fail. */
export const deleteCredentials: Handler<typeof contract.integrations.deleteCredentials> = async ({ input, ctx }) => {
  const { customerIntegrationId, userId } = input;
  const { user, grants } = await ctx.workspaceDb.credentials.revokeUserToken(customerIntegrationId, userId);
  orNotFound(user, 'user at this integration');
  ctx.deps.accessChanged(ctx.principal.workspaceId);
  await revokeErased(ctx, grants);
  return null;
};
