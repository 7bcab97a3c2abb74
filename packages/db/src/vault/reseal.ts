import type { Pool } from 'pg';
import { grantPlace, passThroughPlace, pendingPlace, userPlace, workspacePlace } from './places.ts';
import type { Place } from './seal.ts';
import type { Vault } from './vault.ts';

type Row = Record<string, string> & { workspace_id: string; blob: Buffer };
type Column = {
  table: string;
  column: string;
  /** The rest of the row's key, by type. */
  keys: Readonly<Record<string, 'text' | 'uuid'>>;
  place: (workspaceId: string, ...row: string[]) => Place;
};

const ofUser = { customer_integration_id: 'text', user_id: 'text' } as const;

/** Every column that holds something sealed, but for the canary, which has a row for each key. */
export const sealedColumns: readonly Column[] = [
  {
    table: 'integration_user',
    column: 'sealed',
    keys: ofUser,
    place: (workspaceId, id = '', user = '') => userPlace(workspaceId, id, user),
  },
  {
    table: 'integration_user',
    column: 'sealed_grant',
    keys: ofUser,
    place: (workspaceId, id = '', user = '') => grantPlace(workspaceId, id, user),
  },
  {
    table: 'integration',
    column: 'sealed_token',
    keys: { customer_integration_id: 'text' },
    place: (workspaceId, id = '') => workspacePlace(workspaceId, id),
  },
  {
    table: 'oauth_pending',
    column: 'sealed',
    keys: { state_hash: 'text' },
    place: (workspaceId, hash = '') => pendingPlace(workspaceId, hash),
  },
  {
    table: 'run',
    column: 'sealed_pass_through',
    keys: { run_id: 'uuid' },
    place: (workspaceId, runId = '') => passThroughPlace(workspaceId, runId),
  },
];

const least = { uuid: '00000000-0000-0000-0000-000000000000', text: '' };

/** Seals anew, with the first master key, whatever another one sealed; then that other key may be dropped. Each row is
 *  a statement of its own: it may be stopped, repeated, and run beside all other work. `failed` rows do not open. */
export async function reseal(pool: Pool, vault: Vault): Promise<{ resealed: number; failed: number }> {
  const counts = { resealed: 0, failed: 0 };
  for (const column of sealedColumns) await resealColumn(pool, vault, column, counts);
  return counts;
}

async function resealColumn(pool: Pool, vault: Vault, { table, column, keys, place }: Column, counts: Counts) {
  const [kid = ''] = vault.keyIds;
  const types = Object.entries({ workspace_id: 'uuid' as const, ...keys });
  const list = types.map(([key]) => key).join(', ');
  const after = types.map(([, type], i) => `$${i + 3}::${type}`).join(', ');
  const at = types.map(([key, type], i) => `${key} = $${i + 3}::${type}`).join(' AND ');
  let last: string[] = types.map(([, type]) => least[type]);
  for (;;) {
    // Bytes 2 and on of a blob name its key; byte 1 is the length of that name.
    const { rows } = await pool.query<Row>(
      `SELECT ${list}, ${column} AS blob FROM ${table}
       WHERE substring(${column} FROM 3 FOR get_byte(${column}, 1)) <> $1 AND (${list}) > (${after}) ORDER BY ${list} LIMIT $2`,
      [Buffer.from(kid), 200, ...last],
    );
    for (const row of rows) {
      last = types.map(([key]) => String(row[key]));
      const [workspaceId = '', ...rest] = last;
      const home = place(workspaceId, ...rest);
      try {
        const fresh = vault.seal(vault.open(row.blob, home), home);
        // Only while it is what was opened: a newer one is sealed with the first key already.
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
    if (rows.length === 0) return;
  }
}

type Counts = { resealed: number; failed: number };
