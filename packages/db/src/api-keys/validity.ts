import type { Scope } from '@errand/contracts';
import type { Pool } from 'pg';
import type { ApiKeyRef } from './stream-leases.ts';

/** The scopes of those keys that are neither revoked nor expired, by key id. */
export async function readValidity(pool: Pool, keys: readonly ApiKeyRef[]): Promise<Map<string, readonly Scope[]>> {
  const { rows } = await pool.query<{ apiKeyId: string; scopes: Scope[] }>({
    name: 'api_keys_validity',
    text: `SELECT api_key_id AS "apiKeyId", scopes
      FROM unnest($1::uuid[], $2::uuid[]) AS asked(workspace_id, api_key_id) JOIN api_key USING (workspace_id, api_key_id)
      WHERE revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())`,
    values: [keys.map(({ workspaceId }) => workspaceId), keys.map(({ apiKeyId }) => apiKeyId)],
  });
  return new Map(rows.map(({ apiKeyId, scopes }) => [apiKeyId, scopes]));
}
