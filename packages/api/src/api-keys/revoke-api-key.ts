import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { orNotFound } from '../or-not-found.ts';

export const revokeApiKey: Handler<typeof contract.apiKeys.revoke> = async ({ input, ctx }) => {
  orNotFound(await ctx.deps.db.apiKeys.revoke(ctx.principal.workspaceId, input.apiKeyId, ctx.principal), 'API key');
  await ctx.workspaceDb.schedules.pauseOrphans();
  return null;
};
