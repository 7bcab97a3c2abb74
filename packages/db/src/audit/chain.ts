import { sha256 } from '@errand/basics/sha256';
import { CHAIN_START, sealedText } from '@errand/contracts/audit-chain';
import type { Pool } from 'pg';
import { fieldArrays } from '../statements/columns.ts';
import { withTransaction } from '../statements/scope.ts';
import { AUDIT_COLUMNS, type AuditRow, type ChainHead, toEntry } from './read.ts';

// Each workspace has a chain of its audit entries in `audit_seal`: each hash covers an entry, its number and the previous hash.

const BATCH = 500;

/** SHA-256 over an entry, its number and the previous hash. */
const hashEntry = (row: AuditRow, seq: number, before: string): string =>
  sha256(sealedText(row.workspaceId, toEntry({ ...row, seq: null, hash: null }), { seq, hash: before }));

/**
 * Appends new entries to the chain of their workspace, ordered by id. An entry that commits late follows entries with larger ids.
 * Returns the number of appended entries; 0 while another process appends.
 */
export async function sealAudit(pool: Pool): Promise<number> {
  return withTransaction(pool, async (client) => {
    const lock = `SELECT pg_try_advisory_xact_lock(hashtextextended('errand.audit_seal', 0)) AS acquired`;
    if (!(await client.query<{ acquired: boolean }>(lock)).rows[0]!.acquired) return 0;
    const { rows } = await client.query<AuditRow>(
      `WITH next_entries AS (
         DELETE FROM audit_unsealed u USING (SELECT workspace_id, audit_id FROM audit_unsealed
           ORDER BY workspace_id, audit_id LIMIT ${BATCH}) AS next
         WHERE u.workspace_id = next.workspace_id AND u.audit_id = next.audit_id RETURNING u.workspace_id, u.audit_id
       ) SELECT ${AUDIT_COLUMNS} FROM next_entries JOIN audit a USING (workspace_id, audit_id)
       WHERE NOT EXISTS (SELECT 1 FROM audit_seal s WHERE s.workspace_id = a.workspace_id AND s.audit_id = a.audit_id)
       ORDER BY a.workspace_id, a.audit_id`,
    );
    if (rows.length === 0) return 0;
    const heads = await readChainHeads(client, [...new Set(rows.map((row) => row.workspaceId))]);
    const seals = rows.map((row) => {
      const { seq, hash } = heads.get(row.workspaceId) ?? CHAIN_START;
      const seal = { ...row, seq: seq + 1, hash: hashEntry(row, seq + 1, hash) };
      heads.set(row.workspaceId, seal);
      return seal;
    });
    await client.query(
      `INSERT INTO audit_seal (workspace_id, seq, audit_id, hash)
       SELECT * FROM unnest($1::uuid[], $2::int[], $3::uuid[], $4::text[])`,
      fieldArrays(seals, 'workspaceId', 'seq', 'auditId', 'hash'),
    );
    return seals.length;
  });
}

async function readChainHeads(client: Pick<Pool, 'query'>, ids: readonly string[]): Promise<Map<string, ChainHead>> {
  const { rows } = await client.query<ChainHead & { workspaceId: string }>(
    `SELECT DISTINCT ON (workspace_id) workspace_id AS "workspaceId", seq, hash FROM audit_seal
     WHERE workspace_id = ANY($1::uuid[]) ORDER BY workspace_id, seq DESC`,
    [ids],
  );
  return new Map(rows.map((row) => [row.workspaceId, row]));
}
