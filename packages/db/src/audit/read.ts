import type { AuditEntry, Json, ListAuditInput } from '@errand/contracts';
import { toFields } from '../statements/fields.ts';
import { queryRows, type RunScope } from '../statements/scope.ts';

/** A row of `audit`, which the hash chain covers too. */
export type AuditRow = {
  workspaceId: string;
  auditId: string;
  actorType: string;
  actorId: string | null;
  actorLabel: string;
  actorIp: string | null;
  action: string;
  target: string;
  details: Record<string, Json>;
  at: Date;
};

export const AUDIT_COLUMNS = `a.workspace_id AS "workspaceId", a.audit_id AS "auditId", a.actor_type AS "actorType", a.actor_id AS "actorId",
  a.actor_label AS "actorLabel", a.actor_ip AS "actorIp", a.action, a.target, a.details, a.at`;

type AuditFilter = Omit<ListAuditInput, 'pageSize'>;
type SealedAuditRow = AuditRow & { seq: number | null; hash: string | null };

/** Reads the audit log of a workspace, newest first. */
export async function listAudit(scope: RunScope, filter: AuditFilter, limit: number): Promise<AuditEntry[]> {
  const { actorId, action, from, to, cursor } = filter;
  const rows = await queryRows<SealedAuditRow>(scope, {
    text: `SELECT ${AUDIT_COLUMNS}, s.seq, s.hash FROM audit a
      LEFT JOIN audit_seal s ON s.workspace_id = a.workspace_id AND s.audit_id = a.audit_id
      WHERE a.workspace_id = $1 AND ($2::text IS NULL OR a.actor_id = $2) AND ($3::text IS NULL OR a.action = $3)
        AND ($4::timestamptz IS NULL OR a.at >= $4) AND ($5::timestamptz IS NULL OR a.at < $5)
        AND ($6::uuid IS NULL OR a.audit_id < $6)
      ORDER BY a.workspace_id DESC, a.audit_id DESC LIMIT $7`,
    values: [actorId, action, from, to, cursor, limit],
  });
  return rows.map(toEntry);
}

const toEntry = ({ workspaceId: _, actorType, actorId, actorLabel, actorIp, seq, hash, ...row }: SealedAuditRow) =>
  toFields<AuditEntry>({
    ...row,
    actor: toFields<AuditEntry['actor']>({ type: actorType, id: actorId, label: actorLabel, ip: actorIp }),
    seal: seq !== null && hash !== null ? { seq, hash } : null,
  });
