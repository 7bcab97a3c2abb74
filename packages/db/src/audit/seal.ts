import type { Pool } from 'pg';
import { fieldArrays } from '../statements/columns.ts';
import { withTransaction } from '../statements/scope.ts';
import { type AuditRow, COLUMNS, firstHash, hashOf } from './row.ts';

const BATCH = 500;

/**
 * Appends new entries to the chain of their workspace, ordered by id. An entry that commits late follows entries with larger ids.
 * Returns the number of appended entries; 0 while another process appends.
 */
export async function sealAudit(pool: Pool): Promise<number> {
  return withTransaction(pool, async (client) => {
    const lock = `SELECT pg_try_advisory_xact_lock(hashtextextended('errand.audit_seal', 0)) AS mine`;
    if (!(await client.query<{ mine: boolean }>(lock)).rows[0]!.mine) return 0;
    const { rows } = await client.query<AuditRow>(
      `WITH next_entries AS (
         DELETE FROM audit_unsealed u USING (SELECT workspace_id, audit_id FROM audit_unsealed
           ORDER BY workspace_id, audit_id LIMIT ${BATCH}) AS next
         WHERE u.workspace_id = next.workspace_id AND u.audit_id = next.audit_id RETURNING u.workspace_id, u.audit_id
       ) SELECT ${COLUMNS} FROM next_entries JOIN audit a USING (workspace_id, audit_id)
       WHERE NOT EXISTS (SELECT 1 FROM audit_seal s WHERE s.workspace_id = a.workspace_id AND s.audit_id = a.audit_id)
       ORDER BY a.workspace_id, a.audit_id`,
    );
    if (rows.length === 0) return 0;
    const heads = await readHeads(client, [...new Set(rows.map((row) => row.workspaceId))]);
    const seals = rows.map((row) => {
      const { seq, hash } = heads.get(row.workspaceId) ?? { seq: 0, hash: firstHash };
      const seal = { ...row, seq: seq + 1, hash: hashOf(row, seq + 1, hash) };
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

type Head = { seq: number; hash: string };

async function readHeads(client: Pick<Pool, 'query'>, workspaceIds: readonly string[]): Promise<Map<string, Head>> {
  const { rows } = await client.query<Head & { workspaceId: string }>(
    `SELECT DISTINCT ON (workspace_id) workspace_id AS "workspaceId", seq, hash FROM audit_seal
     WHERE workspace_id = ANY($1::uuid[]) ORDER BY workspace_id, seq DESC`,
    [workspaceIds],
  );
  return new Map(rows.map((row) => [row.workspaceId, row]));
}
