import type { AuditEntry, ListAuditInput } from '@errand/contracts';
import type { RunScope } from '../statements/scope.ts';
import { type AuditRow, COLUMNS } from './row.ts';

type Filter = Omit<ListAuditInput, 'pageSize'>;
type SealedAuditRow = AuditRow & { seq: number | null; hash: string | null };

export async function listAudit(scope: RunScope, filter: Filter, limit: number): Promise<AuditEntry[]> {
  const { actorId, action, from, to, cursor } = filter;
  const { rows } = await scope.pool.query<SealedAuditRow>({
    text: `SELECT ${COLUMNS}, s.seq, s.hash FROM audit a
      LEFT JOIN audit_seal s ON s.workspace_id = a.workspace_id AND s.audit_id = a.audit_id
      WHERE a.workspace_id = $1 AND ($2::text IS NULL OR a.actor_id = $2) AND ($3::text IS NULL OR a.action = $3)
        AND ($4::timestamptz IS NULL OR a.at >= $4) AND ($5::timestamptz IS NULL OR a.at < $5)
        AND ($6::uuid IS NULL OR a.audit_id < $6)
      ORDER BY a.workspace_id DESC, a.audit_id DESC LIMIT $7`,
    values: [scope.workspaceId, actorId, action, from, to, cursor, limit],
  });
  return rows.map(toEntry);
}

const toEntry = ({ actorType, actorId, actorLabel, actorIp, seq, hash, at, ...row }: SealedAuditRow): AuditEntry => ({
  auditId: row.auditId,
  at: at.toISOString(),
  actor: {
    type: actorType as AuditEntry['actor']['type'],
    label: actorLabel,
    ...(actorId !== null && { id: actorId }),
    ...(actorIp !== null && { ip: actorIp }),
  },
  action: row.action as AuditEntry['action'],
  target: row.target,
  details: row.details,
  ...(seq !== null && hash !== null && { seal: { seq, hash } }),
});
