import type { AuditChain, AuditEntry, Json, ListAuditInput } from '@errand/contracts';
import { CHAIN_START } from '@errand/contracts/audit-chain';
import { toFields } from '../statements/fields.ts';
import { endOfIds, firstIdOf } from '../statements/id-times.ts';
import { allRows, queryRow, queryRows, type RunScope } from '../statements/scope.ts';

/** The last link of a chain. */
export type ChainHead = AuditChain['head'];

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
  const { actorId, actorType, action, actions, target, runId, from, to, cursor } = filter;
  // `->>` is not leakproof: under row-level security Postgres cannot use audit_run_idx, or its order without the column.
  const [pool, byRun] =
    runId === undefined ? [scope.pool, ''] : [scope.bypassingRls ?? scope.pool, `a.details->>'runId' DESC, `];
  const rows = await allRows<SealedAuditRow>(pool, {
    text: `SELECT ${AUDIT_COLUMNS}, s.seq, s.hash FROM audit a
      LEFT JOIN audit_seal s ON s.workspace_id = a.workspace_id AND s.audit_id = a.audit_id
      WHERE a.workspace_id = $1 AND ($2::text IS NULL OR a.actor_id = $2) AND ($3::text IS NULL OR a.action = $3)
        AND ($4::timestamptz IS NULL OR a.at >= $4) AND ($5::timestamptz IS NULL OR a.at < $5)
        AND ($6::uuid IS NULL OR a.audit_id < $6) AND ($8::text IS NULL OR a.actor_type = $8)
        AND ($9::text[] IS NULL OR a.action = ANY($9)) AND ($10::text IS NULL OR a.target = $10)
        AND ($11::text IS NULL OR a.details->>'runId' = $11)
        AND ($12::uuid IS NULL OR a.audit_id >= $12) AND ($13::uuid IS NULL OR a.audit_id < $13)
      ORDER BY a.workspace_id DESC, ${byRun}a.audit_id DESC LIMIT $7`,
    values: [
      ...[scope.workspaceId, actorId, action, from, to, cursor, limit, actorType, actions, target, runId],
      from === undefined ? undefined : firstIdOf(from),
      to === undefined ? undefined : endOfIds(to),
    ],
  });
  return rows.map(toEntry);
}

export const toEntry = ({
  workspaceId: _,
  actorType,
  actorId,
  actorLabel,
  actorIp,
  seq,
  hash,
  ...row
}: SealedAuditRow) =>
  toFields<AuditEntry>({
    ...row,
    actor: toFields<AuditEntry['actor']>({ type: actorType, id: actorId, label: actorLabel, ip: actorIp }),
    seal: seq !== null && hash !== null ? { seq, hash } : null,
  });

/** A link; the columns of its entry are null if that was deleted. */
export type LinkRow = { [Name in keyof SealedAuditRow]: SealedAuditRow[Name] | null } & {
  sealAuditId: string;
  seq: number;
  hash: string;
};

/** Reads links of the chain of a workspace, in its order, and the head of the chain. */
export async function readAuditChain(
  scope: RunScope,
  afterSeq: number,
  limit: number,
): Promise<Pick<AuditChain, 'links' | 'head'>> {
  const rows = await queryRows<LinkRow>(scope, {
    text: `SELECT ${AUDIT_COLUMNS}, s.audit_id AS "sealAuditId", s.seq, s.hash
      FROM audit_seal s LEFT JOIN audit a ON a.workspace_id = s.workspace_id AND a.audit_id = s.audit_id
      WHERE s.workspace_id = $1 AND s.seq > $2 ORDER BY s.seq LIMIT $3`,
    values: [afterSeq, limit],
  });
  // Read after the links, so that it is never before them.
  const head = await queryRow<ChainHead>(scope, {
    text: 'SELECT seq, hash FROM audit_seal WHERE workspace_id = $1 ORDER BY seq DESC LIMIT 1',
    values: [],
  });
  return { links: rows.map(toLink), head: head ?? CHAIN_START };
}

export const toLink = ({ sealAuditId, ...row }: LinkRow): AuditChain['links'][number] => ({
  seq: row.seq,
  hash: row.hash,
  auditId: sealAuditId,
  ...(row.auditId !== null && { entry: toEntry(row as SealedAuditRow) }),
});
