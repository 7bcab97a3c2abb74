import { idOfKey, problem } from '@errand/contracts';
import type { ContractHandlers } from '../context.ts';
import { orNotFound, refuseIdempotencyKey } from '../problems.ts';
import { createApiKey } from './create-api-key.ts';
import { isUsable, toApiKey } from './to-api-key.ts';

export const apiKeys: ContractHandlers['apiKeys'] = {
  list: async ({ input, ctx }) => {
    const keys = await ctx.deps.db.apiKeys.list(ctx.principal.workspaceId);
    return keys.filter((key) => input.active === undefined || input.active === isUsable(key)).map(toApiKey);
  },
  create: createApiKey,
  revoke: async ({ input, ctx }) => {
    orNotFound(await ctx.deps.db.apiKeys.revoke(ctx.principal.workspaceId, input.apiKeyId, ctx.principal), 'API key');
    await ctx.workspaceDb.schedules.pauseOrphans();
    return null;
  },
  /** Replaces a key. Only `admin` may rotate, so the new key has no more rights than the caller's. */
  rotate: async ({ input, ctx }) => {
    refuseIdempotencyKey(input.idempotencyKey);
    const by = { createdBy: idOfKey(ctx.principal), actor: ctx.principal };
    const overlapMs = input.overlapSeconds * 1000;
    const rotated = await ctx.deps.db.apiKeys.rotate(ctx.principal.workspaceId, input.apiKeyId, overlapMs, by);
    if (rotated === 'ended') {
      throw problem('api_key_ended', 'The key was revoked, has expired or was rotated before.', {
        remedy: 'Create a new key.',
      });
    }
    const { key, ...info } = orNotFound(rotated, 'API key');
    return { ...toApiKey(info), key };
  },
};
