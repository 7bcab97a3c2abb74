// Limits of user tokens: minting another token does not reset them.
import { sha256 } from '@errand/basics/sha256';
import type { UserTokenPrincipal } from '@errand/contracts';
import type { ApiKeyRef } from '@errand/db';

/** The holder of a request quota: the user, for each key and its rotations. */
export const requestHolder = ({ workspaceId, userId, key }: UserTokenPrincipal): ApiKeyRef => ({
  workspaceId,
  apiKeyId: idOf('requests', workspaceId, key.id, userId),
});

/** The holder of stream slots: the user. */
export const streamHolder = ({ workspaceId, userId }: UserTokenPrincipal): ApiKeyRef => ({
  workspaceId,
  apiKeyId: idOf('streams', workspaceId, userId),
});

/** A UUID (version 8) of these texts. */
function idOf(...texts: string[]): string {
  const hex = sha256(JSON.stringify(texts));
  return `${hex.slice(0, 8)}-${hex.slice(8, 12)}-8${hex.slice(13, 16)}-8${hex.slice(17, 20)}-${hex.slice(20, 32)}`;
}
