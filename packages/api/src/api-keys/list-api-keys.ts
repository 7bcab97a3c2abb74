import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { isGood, toApiKey } from './to-api-key.ts';

export const listApiKeys: Handler<typeof contract.apiKeys.list> = async ({ input, ctx }) => {
  const keys = await ctx.deps.db.apiKeys.list(ctx.principal.workspaceId);
  return keys.filter((key) => input.active === undefined || input.active === isGood(key)).map(toApiKey);
};
