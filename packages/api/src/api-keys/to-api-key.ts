import type { ApiKey } from '@errand/contracts';
import type { ApiKeyInfo } from '@errand/db';

/** A key as callers see it. */
export function toApiKey(info: ApiKeyInfo): ApiKey {
  const { apiKeyId, name, prefix, last4, scopes, createdBy, createdAt, replacedBy, principalId } = info;
  return {
    apiKeyId,
    name,
    prefix,
    last4,
    scopes,
    ...(createdBy !== null && { createdBy }),
    createdAt: createdAt.toISOString(),
    ...(info.expiresAt && { expiresAt: info.expiresAt.toISOString() }),
    ...(info.revokedAt && { revokedAt: info.revokedAt.toISOString() }),
    ...(replacedBy !== null && { replacedBy }),
    principalId,
    ...(info.lastUsedAt && { lastUsedAt: info.lastUsedAt.toISOString() }),
  };
}

/** Whether a key can be used now. */
export const isUsable = ({ revokedAt, expiresAt }: ApiKeyInfo): boolean =>
  revokedAt === null && (expiresAt === null || expiresAt.getTime() > Date.now());
