import { apiKeyIdOf, type contract, problem } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { orNotFound } from '../or-not-found.ts';
import { refuseIdempotencyKey } from '../refuse-idempotency-key.ts';
import { toApiKey } from './to-api-key.ts';

/** Replaces a key. Only `admin` may rotate, so the new key has no more rights than the caller's. */
export const rotateApiKey: Handler<typeof contract.apiKeys.rotate> = async ({ input, ctx }) => {
  refuseIdempotencyKey(input.idempotencyKey);
  const { workspaceId } = ctx.principal;
  const overlapMs = input.overlapSeconds * 1000;
  const rotated = orNotFound(
    await ctx.deps.db.apiKeys.rotate(workspaceId, input.apiKeyId, overlapMs, {
      createdBy: apiKeyIdOf(ctx.principal),
      actor: ctx.principal,
    }),
    'API key',
  );
  if (rotated === 'ended') {
    throw problem('api_key_ended', 'The key was revoked, has expired or was rotated before.', {
      remedy: 'Create a new key.',
    });
  }
  const { key, ...info } = rotated;
  return { ...toApiKey(info), key };
};
