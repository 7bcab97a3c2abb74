import type { AuditAction, Json, Principal } from '@errand/contracts';
import type { Pool } from 'pg';
import type { Prisma } from '../generated/client.ts';
import { arraysOf, type Columns, numbered, valuesOf } from '../statements/columns.ts';
import { newId, type Runner, type RunScope } from '../statements/scope.ts';
import type { WorkspaceScope } from '../workspaces/workspaces.ts';

/** An entry to write. `details` must not contain a secret. */
export type AuditNote = {
  actor: Principal;
  action: AuditAction;
  target: string;
  details?: Record<string, Json | undefined>;
};

export const auditRow = (workspaceId: string, { actor, action, target, details = {} }: AuditNote) => ({
  workspaceId,
  auditId: newId(),
  actorType: actor.kind,
  actorId: actor.id,
  actorLabel: actor.label,
  actorIp: actor.ip ?? null,
  action,
  target,
  details: JSON.parse(
    JSON.stringify({ ...userTokenDetails(actor), ...details, ...rotatedKeyDetails(actor) }),
  ) as Prisma.InputJsonObject,
});

/** The argument of `audit.create` in the transaction that makes the change. */
export const auditEntry = (
  { workspaceId, actor }: Pick<WorkspaceScope, 'workspaceId' | 'actor'>,
  ...[action, target, details]: AuditedChange
) => ({ data: auditRow(workspaceId, { actor, action, target, details }) });

type AuditedChange = [action: AuditAction, target: string, details?: AuditNote['details']];

/** Makes a change and writes its entry in one transaction, or no entry if nothing changed. Returns whether something changed. */
export const changeAudited = (
  scoped: Pick<WorkspaceScope, 'prisma' | 'workspaceId' | 'actor'>,
  change: (tx: Prisma.TransactionClient) => PromiseLike<{ count: number }>,
  ...audited: AuditedChange
): Promise<boolean> =>
  scoped.prisma.$transaction(async (tx) => {
    const { count } = await change(tx);
    if (count > 0) await tx.audit.create(auditEntry(scoped, ...audited));
    return count > 0;
  });

// The id of a rotated key: the principal has the id of the first key.
const rotatedKeyDetails = (actor: Principal) =>
  'apiKeyId' in actor && actor.apiKeyId !== actor.id ? { byApiKeyId: actor.apiKeyId } : {};

// The token that the principal used, and its user.
const userTokenDetails = (actor: Principal) => ('userToken' in actor ? actor.userToken : {});

const COLUMNS = {
  workspace_id: { type: 'uuid', value: (row) => row.workspaceId },
  audit_id: { type: 'uuid', value: (row) => row.auditId },
  actor_type: { type: 'text', value: (row) => row.actorType },
  actor_id: { type: 'text', value: (row) => row.actorId },
  actor_label: { type: 'text', value: (row) => row.actorLabel },
  actor_ip: { type: 'text', value: (row) => row.actorIp },
  action: { type: 'text', value: (row) => row.action },
  target: { type: 'text', value: (row) => row.target },
  details: { type: 'jsonb', value: (row) => JSON.stringify(row.details) },
} satisfies Columns<ReturnType<typeof auditRow>>;
const { names, parameters, arrays } = numbered(COLUMNS, 1);

/** Writes an entry. @param runner the transaction of the recorded change; a separate one by default */
export async function audit(
  scope: Pick<RunScope, 'pool' | 'workspaceId'>,
  note: AuditNote,
  runner: Runner = scope.pool,
): Promise<void> {
  const text = `INSERT INTO audit (${names}) VALUES (${parameters})`;
  await runner.query({ name: 'audit_write', text, values: valuesOf(COLUMNS, auditRow(scope.workspaceId, note)) });
}

export async function writeAuditRows(
  pool: Pick<Pool, 'query'>,
  rows: readonly ReturnType<typeof auditRow>[],
): Promise<void> {
  const text = `INSERT INTO audit (${names}) SELECT * FROM unnest(${arrays})`;
  await pool.query({ name: 'audit_uses', text, values: arraysOf(COLUMNS, rows) });
}
