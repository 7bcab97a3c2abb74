import type { Pool } from 'pg';
import { userPlace, workspacePlace } from './places.ts';
import type { Place } from './seal.ts';
import type { Vault } from './vault.ts';

type Row = { workspace_id: string; customer_integration_id: string; user_id: string; blob: Buffer };
type Column = { table: string; column: string; keys: readonly (keyof Row)[]; place: (row: Row) => Place };

const columns: readonly Column[] = [
  {
    table: 'integration_user',
    column: 'sealed',
    keys: ['workspace_id', 'customer_integration_id', 'user_id'],
    place: (row) => userPlace(row.workspace_id, row.customer_integration_id, row.user_id),
  },
  {
    table: 'integration',
    column: 'sealed_token',
    keys: ['workspace_id', 'customer_integration_id'],
    place: (row) => workspacePlace(row.workspace_id, row.customer_integration_id),
  },
];

/** Seals anew, with the first master key, whatever another one sealed; then that other key may be dropped. Each row is
 *  a statement of its own: it may be stopped, repeated, and run beside all other work. `failed` rows do not open. */
export async function reseal(pool: Pool, vault: Vault): Promise<{ resealed: number; failed: number }> {
  const counts = { resealed: 0, failed: 0 };
  const [kid = ''] = vault.keyIds;
  for (const { table, column, keys, place } of columns) {
    const list = keys.join(', ');
    const after = keys.map((key, i) => `$${i + 3}::${key === 'workspace_id' ? 'uuid' : 'text'}`).join(', ');
    let last: string[] = keys.map((key) => (key === 'workspace_id' ? '00000000-0000-0000-0000-000000000000' : ''));
    for (;;) {
      // Bytes 2 and on of a blob name its key; byte 1 is the length of that name.
      const { rows } = await pool.query<Row>(
        `SELECT ${list}, ${column} AS blob FROM ${table}
         WHERE substring(${column} FROM 3 FOR get_byte(${column}, 1)) <> $1 AND (${list}) > (${after}) ORDER BY ${list} LIMIT $2`,
        [Buffer.from(kid), 200, ...last],
      );
      for (const row of rows) {
        last = keys.map((key) => String(row[key]));
        try {
          const fresh = vault.seal(vault.open(row.blob, place(row)), place(row));
          const at = keys.map((key, i) => `${key} = $${i + 3}`).join(' AND ');
          // Only while it is what was opened: a newer token is sealed with the first key already.
          const done = await pool.query(`UPDATE ${table} SET ${column} = $1 WHERE ${column} = $2 AND ${at}`, [
            fresh,
            row.blob,
            ...last,
          ]);
          counts.resealed += done.rowCount ?? 0;
        } catch (error) {
          if ((error as { code?: string }).code !== 'credential_unavailable') throw error;
          counts.failed++;
        }
      }
      if (rows.length === 0) break;
    }
  }
  return counts;
}
