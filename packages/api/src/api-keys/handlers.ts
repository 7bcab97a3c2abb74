import { type ApiKey, mayGrant, problem } from '@errand/contracts';
import type { ApiKeyInfo } from '@errand/db';
import type { ContractHandlers } from '../context.ts';
import { insufficientScope, invalidField, orNotFound, refuseIdempotencyKey } from '../problems.ts';

/** Keys of callers, and their scopes. */
export const apiKeys: ContractHandlers['apiKeys'] = {
  list: async ({ input: { active, ...page }, ctx: { principal, deps } }) => {
    const { workspaceId: ownerId } = principal;
    const { rows, ...next } = await deps.lists.read({ name: 'apiKeys.list', ownerId, filters: { active } }, page, {
      read: (after: string | undefined, limit) => deps.db.apiKeys.list(ownerId, { active, after, limit }),
      positionOf: ({ apiKeyId }) => apiKeyId,
    });
    return { apiKeys: rows.map(toApiKey), ...next };
  },
  /** Creates a key. It cannot have more rights than the caller's key. */
  create: async ({ input: { idempotencyKey, name, scopes, product, expiresAt }, ctx: { principal, deps } }) => {
    refuseIdempotencyKey(idempotencyKey);
    const missingScope = scopes.find((scope) => !mayGrant(principal.scopes, scope));
    if (missingScope) throw insufficientScope(principal.scopes, missingScope);
    if (product === undefined && scopes.includes('persons:claim'))
      throw invalidField('/product', '`persons:claim` needs the product that names the persons.');
    if (expiresAt !== undefined && Date.parse(expiresAt) <= Date.now()) {
      throw problem('validation_failed', '`expiresAt` is in the past.', {
        errors: [{ pointer: '/expiresAt', message: 'Must be in the future.' }],
      });
    }
    const settings = {
      name,
      scopes: [...new Set(scopes)],
      ...(product !== undefined && { product }),
      ...(expiresAt !== undefined && { expiresAt: new Date(expiresAt) }),
    };
    const { key, ...info } = await deps.db.apiKeys.create(principal.workspaceId, settings, principal);
    return { ...toApiKey(info), key };
  },
  rename: async ({ input: { apiKeyId, name }, ctx: { principal, deps } }) =>
    toApiKey(orNotFound(await deps.db.apiKeys.rename(principal.workspaceId, apiKeyId, name, principal), 'API key')),
  revoke: async ({ input, ctx }) => {
    orNotFound(await ctx.deps.db.apiKeys.revoke(ctx.principal.workspaceId, input.apiKeyId, ctx.principal), 'API key');
    await ctx.workspaceDb.schedules.pauseOrphans();
    return null;
  },
  /** Replaces a key. Only `admin` may rotate, so the new key has no more rights than the caller's. */
  rotate: async ({ input, ctx }) => {
    refuseIdempotencyKey(input.idempotencyKey);
    const overlapMs = input.overlapSeconds * 1000;
    const { deps, principal } = ctx;
    const rotated = await deps.db.apiKeys.rotate(principal.workspaceId, input.apiKeyId, overlapMs, principal);
    if (rotated === 'ended') {
      throw problem('api_key_ended', 'The key was revoked, has expired or was rotated before.', {
        remedy: 'Create a new key.',
      });
    }
    const { key, ...info } = orNotFound(rotated, 'API key');
    return { ...toApiKey(info), key };
  },
};

/** A key as callers see it. */
function toApiKey(info: ApiKeyInfo): ApiKey {
  const { apiKeyId, name, prefix, last4, scopes, createdBy, madeBy, createdAt, replacedBy, principalId } = info;
  return {
    apiKeyId,
    name,
    prefix,
    last4,
    scopes,
    ...(info.product !== null && { product: info.product }),
    ...(createdBy !== null && { createdBy }),
    madeBy,
    createdAt: createdAt.toISOString(),
    ...(info.expiresAt && { expiresAt: info.expiresAt.toISOString() }),
    ...(info.revokedAt && { revokedAt: info.revokedAt.toISOString() }),
    ...(replacedBy !== null && { replacedBy }),
    principalId,
    ...(info.lastUsedAt && { lastUsedAt: info.lastUsedAt.toISOString() }),
    ...(info.lastUsedIp !== null && { lastUsedIp: info.lastUsedIp }),
  };
}
