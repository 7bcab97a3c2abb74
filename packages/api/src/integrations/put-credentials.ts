import { type contract, problem, Secret } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { found } from '../found.ts';

/** Stores a user's token sealed, in place of any earlier one; makes the integration know the user. */
export const putCredentials: Handler<typeof contract.integrations.putCredentials> = async ({ input, ctx }) => {
  const { customerIntegrationId, userId, apiToken } = input;
  const connection = found(await ctx.own.integrations.connection(customerIntegrationId), 'integration');
  if (connection.auth.type !== 'API_TOKEN') {
    throw problem(
      'validation_failed',
      `The integration takes no token (authType ${connection.auth.type}). Set auth to API_TOKEN first, by PATCH.`,
    );
  }
  const stored = await ctx.own.credentials.putUserToken(customerIntegrationId, userId, new Secret(apiToken));
  ctx.deps.changed(ctx.caller.workspaceId);
  return found(stored, 'integration');
};
