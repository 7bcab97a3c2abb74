import { ExplainedError } from '@errand/basics/explained-error';
import { Secret } from '@errand/contracts';
import type { ClientBase, Pool } from 'pg';
import type { Vault } from './vault.ts';

const locationOf = (keyId: string) => ({ workspaceId: '', table: 'vault_canary', row: [keyId], column: 'sealed' });
/** A canary is this text, sealed with a master key. Only the right key opens it. */
const CANARY_TEXT = 'errand';

/**
 * Checks that the master keys belong to this database, and stores canaries for new keys. The database names the sealing key for
 * all processes, so that every process can open what others seal.
 * @throws Error with instructions for the operator
 */
export async function checkCanary(pool: Pool, vault: Vault): Promise<void> {
  await checkMasterKeys(pool, vault);
  const stored = await readCanaries(pool);
  for (const keyId of vault.keyIds.filter((id) => !stored.has(id))) {
    await pool.query('INSERT INTO vault_canary (key_id, sealed) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
      keyId,
      vault.seal(new Secret(CANARY_TEXT), locationOf(keyId), keyId),
    ]);
  }
  // Another process may have stored the canaries of other keys with the same ids.
  await checkMasterKeys(pool, vault);
  const sealingKeyId = (await readSealingKeyId(pool)) ?? (await claimSealingKey(pool, vault.keyIds[0]));
  assertHasKey(vault, sealingKeyId);
  vault.sealWith(sealingKeyId);
}

/**
 * Checks that the master keys belong to this database, and changes nothing. A new database accepts any keys.
 * @throws Error with instructions for the operator
 */
export async function checkMasterKeys(pool: Pool, vault: Vault): Promise<void> {
  const canaries = await readCanaries(pool);
  if (canaries.size > 0 && !vault.keyIds.some((keyId) => canaries.has(keyId)))
    throw new Error(
      `this database was sealed with the master keys ${[...canaries.keys()].join(', ')}; ` +
        'provide at least one of them (put a new key before the old ones)',
    );
  for (const keyId of vault.keyIds) {
    const sealed = canaries.get(keyId);
    if (sealed === undefined) continue;
    try {
      vault.open(sealed, locationOf(keyId));
    } catch (cause) {
      throw new Error(`master key "${keyId}" is not the one that sealed this database; provide the right one`, {
        cause,
      });
    }
  }
  const sealingKeyId = await readSealingKeyId(pool);
  if (sealingKeyId !== undefined) assertHasKey(vault, sealingKeyId);
}

/** Checks master keys against a database that is restored, without changing it. @throws ExplainedError if they cannot open its secrets */
export async function checkStoredKeys(owner: ClientBase, vault: Vault): Promise<void> {
  const { rows } = await owner.query<{ key_id: string; sealed: Buffer; sealing: boolean }>(
    'SELECT key_id, sealed, sealing_since IS NOT NULL AS sealing FROM vault_canary ORDER BY key_id',
  );
  const sealing = rows.find((row) => row.sealing);
  if (sealing && !vault.keyIds.includes(sealing.key_id))
    throw new ExplainedError(
      `The secrets of this backup are sealed with the master key "${sealing.key_id}", which is missing. Add it to the master keys.`,
    );
  for (const { key_id: keyId, sealed } of rows.filter((row) => vault.keyIds.includes(row.key_id)))
    if (!vault.openIfKnown(sealed, locationOf(keyId)))
      throw new ExplainedError(
        `The master key "${keyId}" is not the one that sealed the secrets of this backup. Provide the one of the original.`,
      );
}

/** @throws Error with instructions if the sealing key is missing */
function assertHasKey(vault: Vault, sealingKeyId: string): void {
  if (vault.keyIds.includes(sealingKeyId)) return;
  throw new Error(
    `this database is now sealed with the master key "${sealingKeyId}"; provide it as well (to use another key again, put that ` +
      'key first, and run reseal)',
  );
}

async function readCanaries(pool: Pool): Promise<Map<string, Buffer>> {
  const { rows } = await pool.query<{ key_id: string; sealed: Buffer }>('SELECT key_id, sealed FROM vault_canary');
  return new Map(rows.map((row) => [row.key_id, row.sealed]));
}

/** The id of the sealing master key of all processes. */
export async function readSealingKeyId(pool: Pool): Promise<string | undefined> {
  const { rows } = await pool.query<{ keyId: string }>({
    name: 'vault_sealing',
    text: 'SELECT key_id AS "keyId" FROM vault_canary WHERE sealing_since IS NOT NULL',
  });
  return rows[0]?.keyId;
}

/** In a new database the first listed key seals. Of concurrent processes the first one decides. */
async function claimSealingKey(pool: Pool, keyId: string): Promise<string> {
  const text = `UPDATE vault_canary SET sealing_since = clock_timestamp() WHERE key_id = $1
    AND NOT EXISTS (SELECT FROM vault_canary WHERE sealing_since IS NOT NULL)`;
  await pool.query(text, [keyId]).catch((error: { code?: unknown }) => {
    if (error.code !== '23505') throw error; // a unique index: another process was first
  });
  return (await readSealingKeyId(pool)) ?? keyId;
}
