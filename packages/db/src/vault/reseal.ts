import { setTimeout as sleep } from 'node:timers/promises';
import type { Pool } from 'pg';
import { checkCanary } from './canary.ts';
import {
  grantLocation,
  passThroughLocation,
  pendingConsentLocation,
  userSecretLocation,
  workspaceSecretLocation,
} from './locations.ts';
import { behind, handOver } from './readers.ts';
import type { SecretLocation } from './seal.ts';
import type { Vault } from './vault.ts';

type Row = Record<string, string> & { workspace_id: string; blob: Buffer; destination: string };
type Column = {
  table: string;
  column: string;
  /** The rest of the row's key, by type. */
  keys: Readonly<Record<string, 'text' | 'uuid'>>;
  /** Where the fingerprint of the secret is kept, which is made with the key that seals. */
  fingerprint?: string;
  /** The column that holds what the value is sealed for. */
  destination?: string;
  location: (workspaceId: string, row: readonly string[], destination: string) => SecretLocation;
};

const ofUser = { customer_integration_id: 'text', user_id: 'text' } as const;

/** Every column that holds something sealed, but for the canary, which has a row for each key. */
export const sealedColumns: readonly Column[] = [
  {
    table: 'integration_user',
    column: 'sealed',
    keys: ofUser,
    destination: 'token_destination',
    location: (workspaceId, [id = '', user = ''], destination) =>
      userSecretLocation(workspaceId, id, user, destination),
    fingerprint: 'fingerprint',
  },
  {
    table: 'integration_user',
    column: 'sealed_grant',
    keys: ofUser,
    destination: 'grant_destination',
    location: (workspaceId, [id = '', user = ''], destination) => grantLocation(workspaceId, id, user, destination),
  },
  {
    table: 'integration',
    column: 'sealed_token',
    keys: { customer_integration_id: 'text' },
    destination: 'token_destination',
    location: (workspaceId, [id = ''], destination) => workspaceSecretLocation(workspaceId, id, destination),
    fingerprint: 'token_fingerprint',
  },
  {
    table: 'oauth_pending',
    column: 'sealed',
    keys: { state_hash: 'text' },
    location: (workspaceId, [hash = '']) => pendingConsentLocation(workspaceId, hash),
  },
  {
    table: 'run',
    column: 'sealed_pass_through',
    keys: { run_id: 'uuid' },
    location: (workspaceId, [runId = '']) => passThroughLocation(workspaceId, runId),
  },
];

const least = { uuid: '00000000-0000-0000-0000-000000000000', text: '' };

export type Resealed = {
  resealed: number;
  /** Secrets that do not open. */
  failed: number;
  /** What would be lost with the other keys. */
  left: {
    /** Secrets that other keys sealed. */
    secrets: number;
    /** API keys that have not been used since; each moves when it is used, or is followed by another when it is rotated. */
    apiKeys: { name: string; last4: string; lastUsedAt: Date | null }[];
    /** Questions to humans that are older: a link that was made before ends with its key; one made since does not. */
    questions: number;
    /** Until when links to consent pages that were made before are good; null when that is past. */
    links: Date | null;
  };
};

/** Processes hear of another key within two seconds. */
const PATIENCE_MS = 30_000;

/**
 * Lets the first master key seal, for all processes, and seals again whatever another one sealed; then the others may be dropped. Each
 * row is a statement of its own: it may be stopped, repeated, and run beside all other work.
 * @throws with what to do when a process does not know the key yet: nothing has changed then
 */
export async function reseal(pool: Pool, vault: Vault): Promise<Resealed> {
  const [kid] = vault.keyIds;
  await checkCanary(pool, vault);
  await handOver(pool, kid);
  vault.sealWith(kid);
  for (const end = Date.now() + PATIENCE_MS; ; await sleep(200)) {
    const hosts = await behind(pool, kid);
    if (hosts.length === 0) break;
    if (Date.now() > end)
      throw new Error(`These processes have not heard of "${kid}" yet: ${hosts.join(', ')}. Run this again.`);
  }
  const counts = { resealed: 0, failed: 0 };
  for (const column of sealedColumns) await resealColumn(pool, vault, column, counts);
  return { ...counts, left: await leftWith(pool, kid) };
}

const isOther = (column: string) => `substring(${column} FROM 3 FOR get_byte(${column}, 1)) <> $1`;

async function leftWith(pool: Pool, kid: string): Promise<Resealed['left']> {
  let secrets = 0;
  for (const { table, column } of sealedColumns) {
    const text = `SELECT count(*)::int AS n FROM ${table} WHERE ${isOther(column)}`;
    secrets += (await pool.query<{ n: number }>(text, [Buffer.from(kid)])).rows[0]!.n;
  }
  const apiKeys = await pool.query<Resealed['left']['apiKeys'][number]>(
    `SELECT name, last4, last_used_at AS "lastUsedAt" FROM api_key WHERE hmac_key_id IS DISTINCT FROM $1
       AND revoked_at IS NULL AND (expires_at IS NULL OR expires_at > now()) ORDER BY last_used_at NULLS FIRST LIMIT 1000`,
    [kid],
  );
  const { rows } = await pool.query<{ questions: number; links: Date | null }>(
    `SELECT (SELECT count(*)::int FROM decision_request WHERE decided_at IS NULL AND created_at < sealing_since) AS questions,
       CASE WHEN sealing_since + interval '1 day' > now() AND EXISTS (SELECT FROM vault_canary WHERE key_id <> $1)
         THEN sealing_since + interval '1 day' END AS links
     FROM vault_canary WHERE key_id = $1`,
    [kid],
  );
  return { secrets, apiKeys: apiKeys.rows, ...rows[0]! };
}

async function resealColumn(pool: Pool, vault: Vault, of: Column, counts: Counts) {
  const { table, column, keys, location: place, fingerprint, destination = "''" } = of;
  const kid = vault.sealing;
  const types = Object.entries({ workspace_id: 'uuid' as const, ...keys });
  const list = types.map(([key]) => key).join(', ');
  const after = types.map(([, type], i) => `$${i + 3}::${type}`).join(', ');
  const at = types.map(([key, type], i) => `${key} = $${i + 3}::${type}`).join(' AND ');
  let last: string[] = types.map(([, type]) => least[type]);
  for (;;) {
    // Bytes 2 and on of a blob name its key; byte 1 is the length of that name.
    const { rows } = await pool.query<Row>(
      `SELECT ${list}, ${column} AS blob, coalesce(${destination}, '') AS destination FROM ${table}
       WHERE ${isOther(column)} AND (${list}) > (${after}) ORDER BY ${list} LIMIT $2`,
      [Buffer.from(kid), 200, ...last],
    );
    for (const row of rows) {
      last = types.map(([key]) => String(row[key]));
      const [workspaceId = '', ...rest] = last;
      const home = place(workspaceId, rest, row.destination);
      try {
        const secret = vault.open(row.blob, home);
        const values = [vault.seal(secret, home), row.blob, ...last];
        if (fingerprint) values.push(vault.fingerprint(secret, workspaceId));
        const mark = fingerprint
          ? `, ${fingerprint} = CASE WHEN ${fingerprint} IS NOT NULL THEN $${values.length} END`
          : '';
        // Only while it is what was opened: a newer one is sealed with the first key already.
        const done = await pool.query(
          `UPDATE ${table} SET ${column} = $1${mark} WHERE ${column} = $2 AND ${at}`,
          values,
        );
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
