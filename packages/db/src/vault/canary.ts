import { Secret } from '@errand/contracts';
import type { Pool } from 'pg';
import type { Vault } from './vault.ts';

const placeOf = (kid: string) => ({ workspaceId: '', table: 'vault_canary', row: [kid], column: 'sealed' });
const song = 'errand';

/** Refuses master keys that are not those which sealed what this database holds; a new key id leaves its canary.
 *  @throws with what to do, before any credential would fail one by one */
export async function checkCanary(pool: Pool, vault: Vault): Promise<void> {
  const canaries = async () => {
    const { rows } = await pool.query<{ key_id: string; sealed: Buffer }>('SELECT key_id, sealed FROM vault_canary');
    return new Map(rows.map((row) => [row.key_id, row.sealed]));
  };
  const before = await canaries();
  if (before.size > 0 && !vault.keyIds.some((kid) => before.has(kid)))
    throw new Error(
      `this database was sealed with the master keys ${[...before.keys()].join(', ')}; ` +
        'give at least one of them (a new key goes before the old ones)',
    );
  for (const kid of vault.keyIds.filter((id) => !before.has(id))) {
    await pool.query('INSERT INTO vault_canary (key_id, sealed) VALUES ($1, $2) ON CONFLICT DO NOTHING', [
      kid,
      vault.seal(new Secret(song), placeOf(kid), kid),
    ]);
  }
  const after = await canaries();
  for (const kid of vault.keyIds) {
    try {
      vault.open(after.get(kid) ?? Buffer.alloc(0), placeOf(kid));
    } catch (cause) {
      throw new Error(`master key "${kid}" is not the one that sealed this database; give the right one`, { cause });
    }
  }
}
