import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { checkCanary } from './canary.ts';
import { locationIn, type SealedColumn, sealedColumns } from './locations.ts';
import { changeSealingKey, processesWithOtherKey } from './sealing-key.ts';
import type { Vault } from './vault.ts';

type SealedRow = Record<string, string> & { workspace_id: string; blob: Buffer; destination: string };
const SMALLEST_VALUES = { uuid: '00000000-0000-0000-0000-000000000000', text: '' };

export type Resealed = {
  resealed: number;
  failed: number;
  /** Data that still depends on other keys. */
  left: {
    secrets: number;
    /** API keys that were not used since: each gets the new pepper on use or rotation. */
    apiKeys: { name: string; last4: string; lastUsedAt: Date | null }[];
    /** Open older decision requests: their links become invalid when their key is removed. */
    decisionRequests: number;
    /** When the last older link to a consent page expires; null if it has expired. */
    links: Date | null;
  };
};

/** Processes detect a new sealing key within two seconds. */
const MAX_WAIT_MS = 30_000;

/**
 * Makes the first master key the sealing key of all processes and reseals the secrets of other keys, which can then be removed.
 * Each row is a separate statement, so it can be stopped and repeated at any time while the service runs.
 * @throws Error with instructions if a process lacks the key; nothing has changed then
 */
export async function reseal(pool: Pool, vault: Vault): Promise<Resealed> {
  const [keyId] = vault.keyIds;
  await checkCanary(pool, vault);
  await changeSealingKey(pool, keyId);
  vault.sealWith(keyId);
  for (const end = Date.now() + MAX_WAIT_MS; ; await sleep(200)) {
    const hosts = await processesWithOtherKey(pool, keyId);
    if (hosts.length === 0) break;
    if (Date.now() > end)
      throw new Error(`These processes have not switched to "${keyId}" yet: ${hosts.join(', ')}. Run this again.`);
  }
  const counts = { resealed: 0, failed: 0 };
  for (const column of sealedColumns) await resealColumn(pool, vault, column, counts);
  return { ...counts, left: await readRemaining(pool, keyId) };
}

const isSealedWithOther = (column: string) => `substring(${column} FROM 3 FOR get_byte(${column}, 1)) <> $1`;

async function readRemaining(pool: Pool, keyId: string): Promise<Resealed['left']> {
  let secrets = 0;
  for (const { table, column } of sealedColumns) {
    const text = `SELECT count(*)::int AS n FROM ${table} WHERE ${isSealedWithOther(column)}`;
    secrets += (await pool.query<{ n: number }>(text, [Buffer.from(keyId)])).rows[0]!.n;
  }
  const apiKeys = await pool.query<Resealed['left']['apiKeys'][number]>(
    `SELECT name, last4, last_used_at AS "lastUsedAt" FROM api_key WHERE hmac_key_id IS DISTINCT FROM $1
       AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now()) ORDER BY last_used_at NULLS FIRST LIMIT 1000`,
    [keyId],
  );
  const { rows } = await pool.query<{ decisionRequests: number; links: Date | null }>(
    `SELECT (SELECT count(*)::int FROM decision_request WHERE decided_at IS NULL AND created_at < sealing_since) AS "decisionRequests",
       CASE WHEN sealing_since + interval '1 day' > now() AND EXISTS (SELECT FROM vault_canary WHERE key_id <> $1)
         THEN sealing_since + interval '1 day' END AS links
     FROM vault_canary WHERE key_id = $1`,
    [keyId],
  );
  return { secrets, apiKeys: apiKeys.rows, ...rows[0]! };
}

const BATCH_ROWS = 200;

async function resealColumn(pool: Pool, vault: Vault, of: SealedColumn, counts: Pick<Resealed, 'resealed' | 'failed'>) {
  const { table, column, keys, destination: destinationColumn = "''" } = of;
  const types = Object.entries({ workspace_id: 'uuid' as const, ...keys });
  const list = types.map(([key]) => key).join(', ');
  const after = types.map(([, type], i) => `$${i + 3}::${type}`).join(', ');
  // A blob contains the id of its key from byte 2; byte 1 is its length.
  const text = `SELECT ${list}, ${column} AS blob, coalesce(${destinationColumn}, '') AS destination FROM ${table}
    WHERE ${isSealedWithOther(column)} AND (${list}) > (${after}) ORDER BY ${list} LIMIT $2`;
  let last: string[] = types.map(([, type]) => SMALLEST_VALUES[type]);
  for (;;) {
    const { rows } = await pool.query<SealedRow>(text, [Buffer.from(vault.sealingKeyId), BATCH_ROWS, ...last]);
    if (rows.length === 0) return;
    for (const row of rows) {
      last = types.map(([key]) => String(row[key]));
      try {
        const { blob, destination } = row;
        counts.resealed += await resealRow(pool, vault, of, { key: last, blob, destination });
      } catch (error) {
        if ((error as { code?: string }).code !== 'credential_unavailable') throw error;
        counts.failed++;
      }
    }
  }
}

/** Returns the number of changed rows: 0 if the value has changed meanwhile, because the newer one is sealed with the first key. */
async function resealRow(
  pool: Pool,
  vault: Vault,
  of: SealedColumn,
  { key, blob, destination }: { key: readonly string[]; blob: Buffer; destination: string },
): Promise<number> {
  const { table, column, keys, fingerprint } = of;
  const [workspaceId = '', ...rest] = key;
  const location = locationIn(of, workspaceId, rest, of.destination === undefined ? undefined : destination);
  const secret = vault.open(blob, location);
  const values: (string | Buffer)[] = [vault.seal(secret, location), blob, ...key];
  const at = Object.entries({ workspace_id: 'uuid', ...keys }).map(([name, type], i) => `${name} = $${i + 3}::${type}`);
  let mark = '';
  if (fingerprint) {
    const n = values.push(vault.fingerprint(secret, workspaceId));
    mark = `, ${fingerprint} = CASE WHEN ${fingerprint} IS NOT NULL THEN $${n} END`;
  }
  const text = `UPDATE ${table} SET ${column} = $1${mark} WHERE ${column} = $2 AND ${at.join(' AND ')}`;
  return (await pool.query(text, values)).rowCount ?? 0;
}
