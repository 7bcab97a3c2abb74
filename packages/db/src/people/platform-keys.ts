import type { PlatformPrincipal } from '@errand/contracts';
import type { Pool } from 'pg';
import { keyHashes } from '../api-keys/verify.ts';
import { newId } from '../statements/scope.ts';
import type { Vault } from '../vault/vault.ts';
import { makeSecret } from './secrets.ts';

export const PLATFORM_PREFIX = 'er_platform_';

export type PlatformKeyInfo = {
  platformKeyId: string;
  name: string;
  last4: string;
  createdAt: Date;
  expiresAt: Date | null;
  revokedAt: Date | null;
  lastUsedAt: Date | null;
};

/** Keys of the platform that embeds Errand. Only the command `platform-key.js` makes them. */
export function platformKeys(pool: Pool, vault: Vault) {
  const hmacsOf = (key: string) => keyHashes(vault.keysFor('platform key'), key);
  return {
    /** Only this answer has the key. */
    async create(name: string): Promise<{ platformKeyId: string; key: string }> {
      const key = `${PLATFORM_PREFIX}${makeSecret()}`;
      const platformKeyId = newId();
      await pool.query(
        'INSERT INTO platform_key (platform_key_id, name, hmac, hmac_key_id, last4) VALUES ($1, $2, $3, $4, $5)',
        [platformKeyId, name, hmacsOf(key)[0], vault.sealingKeyId, key.slice(-4)],
      );
      return { platformKeyId, key };
    },

    async list(): Promise<PlatformKeyInfo[]> {
      const { rows } = await pool.query<PlatformKeyInfo>(
        `SELECT platform_key_id AS "platformKeyId", name, last4, created_at AS "createdAt", expires_at AS "expiresAt",
           revoked_at AS "revokedAt", last_used_at AS "lastUsedAt" FROM platform_key ORDER BY created_at`,
      );
      return rows;
    },

    /** @param overlapSeconds for which the key stays valid; 0 revokes it at once @returns whether there was a valid key */
    async expire(platformKeyId: string, overlapSeconds = 0): Promise<boolean> {
      const { rowCount } = await pool.query(
        `UPDATE platform_key SET revoked_at = CASE WHEN $2::int = 0 THEN now() END, expires_at = least(expires_at, now() + $2::int * interval '1 second')
         WHERE platform_key_id::text = $1 AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())`,
        [platformKeyId, overlapSeconds],
      );
      return rowCount === 1;
    },

    /** Reads the database each time: a revoked key is refused at the next request. */
    async verify(key: string, ip?: string): Promise<PlatformPrincipal | null> {
      if (!/^er_platform_[\w-]{43}$/.test(key)) return null;
      const hmacs = hmacsOf(key);
      const { rows } = await pool.query<{ id: string; label: string }>({
        name: 'platform_key_verify',
        text: `UPDATE platform_key SET last_used_at = now(), hmac = $2, hmac_key_id = $3
          WHERE hmac = ANY($1) AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now())
          RETURNING platform_key_id AS id, name AS label`,
        values: [hmacs, hmacs[0], vault.sealingKeyId],
      });
      const [row] = rows;
      return row ? { kind: 'platform', ...row, ...(ip !== undefined && { ip }) } : null;
    },
  };
}
