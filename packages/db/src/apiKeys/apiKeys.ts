import type { Scope } from '@errand/contracts';
import type { Pool } from 'pg';
import { v7 as uuid } from 'uuid';
import type { PrismaClient } from '../generated/client.ts';
import type { Vault } from '../vault/vault.ts';
import { makeKey, prefix } from './format.ts';
import { hashes, verifier } from './verify.ts';

/** A key as it is listed: enough to recognise it, not to use it. */
export type ApiKeyInfo = {
  apiKeyId: string;
  name: string;
  prefix: string;
  last4: string;
  scopes: Scope[];
  createdBy: string | null;
  createdAt: Date;
  expiresAt: Date | null;
  revokedAt: Date | null;
  lastUsedAt: Date | null;
};

type NewApiKey = { name: string; scopes: readonly Scope[]; createdBy?: string; expiresAt?: Date };

const select = {
  apiKeyId: true,
  name: true,
  prefix: true,
  last4: true,
  scopes: true,
  createdBy: true,
  createdAt: true,
  expiresAt: true,
  revokedAt: true,
  lastUsedAt: true,
} as const;
const info = (row: Omit<ApiKeyInfo, 'scopes'> & { scopes: string[] }): ApiKeyInfo => ({
  ...row,
  scopes: row.scopes as Scope[],
});

/** API keys of all workspaces: a key is what tells the workspace. */
export function apiKeys(prisma: PrismaClient, pool: Pool, vault: Vault, ttlMs: number) {
  const peppers = vault.keysFor('api key');
  const { verify, forget } = verifier(pool, peppers, ttlMs);
  return {
    verify,

    /** The answer holds the key itself, this once: only its hash is kept. */
    async create(workspaceId: string, { name, scopes, createdBy, expiresAt }: NewApiKey) {
      const key = makeKey();
      const [hmac] = hashes(peppers, key);
      const row = await prisma.apiKey.create({
        data: {
          workspaceId,
          apiKeyId: uuid(),
          name,
          hmac: new Uint8Array(hmac ?? []),
          prefix,
          last4: key.slice(-4),
          scopes: [...scopes],
          createdBy,
          expiresAt,
        },
        select,
      });
      return { ...info(row), key };
    },

    async list(workspaceId: string): Promise<ApiKeyInfo[]> {
      const rows = await prisma.apiKey.findMany({ where: { workspaceId }, orderBy: { apiKeyId: 'desc' }, select });
      return rows.map(info);
    },

    /** False when the workspace has no such key; revoking again changes nothing. */
    async revoke(workspaceId: string, apiKeyId: string): Promise<boolean> {
      await prisma.apiKey.updateMany({
        where: { workspaceId, apiKeyId, revokedAt: null },
        data: { revokedAt: new Date() },
      });
      forget();
      return (await prisma.apiKey.count({ where: { workspaceId, apiKeyId } })) > 0;
    },
  };
}
