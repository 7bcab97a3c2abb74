import { sha256 } from '@errand/basics/sha256';
import { CHAIN_START, type ChainFault, faultsOfLinks } from '@errand/contracts/audit-chain';
import type pg from 'pg';
import { withSystemClient } from '../restores/hold.ts';
import { AUDIT_COLUMNS, type LinkRow, toLink } from './read.ts';

export type AuditBreach = { workspaceId: string; seq: number | null; auditId: string; what: string };

export type AuditVerdict = {
  checked: number;
  breaches: AuditBreach[];
  /** The newest hash of each chain. Stored elsewhere, it reveals a chain that is truncated or rewritten later. */
  heads: AuditHead[];
};

export type AuditHead = { workspaceId: string; seq: number; hash: string };

/** An entry that is still outside its chain after this time is reported. */
const UNSEALED_GRACE_S = 300;
const PAGE_ROWS = 1000;

const FAULTS: Readonly<Record<ChainFault['fault'], string>> = {
  gap: 'follows a gap: the entries before it are missing',
  deleted: 'was deleted: its seal stands, the entry does not',
  changed: 'was changed or moved: its hash is not the one of this entry in this position',
};

/**
 * Verifies the chains of all workspaces. After a fault it continues with the stored hash, so that each row is checked
 * independently.
 * @param earlierHeads heads of earlier verifications, which must still be in their chains
 */
export async function verifyAudit(
  pool: Pick<pg.ClientBase, 'query'>,
  earlierHeads: readonly AuditHead[] = [],
): Promise<AuditVerdict> {
  const verdict: AuditVerdict = { checked: 0, breaches: [], heads: [] };
  const { rows: chains } = await pool.query<{ workspaceId: string }>(
    'SELECT DISTINCT workspace_id AS "workspaceId" FROM audit_seal ORDER BY 1',
  );
  for (const { workspaceId } of chains) await verifyChain(pool, workspaceId, verdict);
  const { rows: unsealed } = await pool.query<{ workspaceId: string; auditId: string }>(
    `SELECT a.workspace_id AS "workspaceId", a.audit_id AS "auditId" FROM audit a
     LEFT JOIN audit_seal s ON s.workspace_id = a.workspace_id AND s.audit_id = a.audit_id
     WHERE s.seq IS NULL AND a.at < now() - interval '${UNSEALED_GRACE_S} seconds' ORDER BY 1, 2 LIMIT 1000`,
  );
  for (const row of unsealed)
    verdict.breaches.push({ ...row, seq: null, what: 'is in no chain: it was put in later, or its seal was removed' });
  for (const { workspaceId, seq, hash } of earlierHeads) {
    const { rows } = await pool.query<{ hash: string; auditId: string }>(
      'SELECT hash, audit_id AS "auditId" FROM audit_seal WHERE workspace_id = $1 AND seq = $2',
      [workspaceId, seq],
    );
    if (rows[0]?.hash === hash) continue;
    const problem = rows[0] ? 'has another hash than it had: the chain was made again' : 'is gone: the chain was cut';
    verdict.breaches.push({ workspaceId, seq, auditId: rows[0]?.auditId ?? '', what: problem });
  }
  return verdict;
}

/** Verifies over a new connection. The login must be a member of errand_system. */
export const verifyAuditAt = (url: string, earlierHeads?: readonly AuditHead[]): Promise<AuditVerdict> =>
  withSystemClient(url, (client) => verifyAudit(client, earlierHeads));

async function verifyChain(
  pool: Pick<pg.ClientBase, 'query'>,
  workspaceId: string,
  verdict: AuditVerdict,
): Promise<void> {
  let last = CHAIN_START;
  for (;;) {
    const { rows } = await pool.query<LinkRow>(
      `SELECT ${AUDIT_COLUMNS}, s.audit_id AS "sealAuditId", s.seq, s.hash
       FROM audit_seal s LEFT JOIN audit a ON a.workspace_id = s.workspace_id AND a.audit_id = s.audit_id
       WHERE s.workspace_id = $1 AND s.seq > $2 ORDER BY s.seq LIMIT ${PAGE_ROWS}`,
      [workspaceId, last.seq],
    );
    const faults = await faultsOfLinks({ workspaceId, links: rows.map(toLink) }, last, (text) => sha256(text));
    for (const { seq, auditId, fault } of faults)
      verdict.breaches.push({ workspaceId, seq, auditId, what: FAULTS[fault] });
    verdict.checked += rows.length;
    const { seq, hash } = rows.at(-1) ?? last;
    last = { seq, hash };
    if (rows.length < PAGE_ROWS) break;
  }
  verdict.heads.push({ workspaceId, ...last });
}
