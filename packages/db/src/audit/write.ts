import type { AuditAction, Json, Principal } from '@errand/contracts';
import type { Prisma } from '../generated/client.ts';
import { newId, type Runner, type RunScope } from '../statements/scope.ts';

/** An entry to write. `details` never contain a secret. */
export type AuditNote = {
  actor: Principal;
  action: AuditAction;
  /** The id of the object that was changed. */
  target: string;
  details?: Record<string, Json | undefined>;
};

/** The row of an entry, for repositories that write it in their own transaction. */
export const auditRow = (workspaceId: string, { actor, action, target, details = {} }: AuditNote) => ({
  workspaceId,
  auditId: newId(),
  actorType: actor.kind,
  actorId: actor.id,
  actorLabel: actor.label,
  actorIp: actor.ip ?? null,
  action,
  target,
  details: JSON.parse(JSON.stringify({ ...details, ...keyOf(actor) })) as Prisma.InputJsonObject,
});

/** The entry of a change, for `audit.create` of the transaction that makes the change. */
export const auditEntry = (
  { workspaceId, actor }: Actor,
  action: AuditAction,
  target: string,
  details: AuditNote['details'] = {},
) => ({
  data: auditRow(workspaceId, { actor, action, target, details }),
});
type Actor = { workspaceId: string; actor: Principal };

// The id of the key, unless it is the first of its rotations.
const keyOf = (actor: Principal) =>
  'apiKeyId' in actor && actor.apiKeyId !== actor.id ? { byApiKeyId: actor.apiKeyId } : {};

/**
 * Writes an entry of the audit log.
 * @param runner the transaction of the change that it records; a separate one by default
 */
export async function audit(scope: RunScope, note: AuditNote, runner: Runner = scope.pool): Promise<void> {
  const row = auditRow(scope.workspaceId, note);
  await runner.query({
    name: 'audit_write',
    text: `INSERT INTO audit (workspace_id, audit_id, actor_type, actor_id, actor_label, actor_ip, action, target, details)
      VALUES ($1, $2, $3, $4, $5, $6, $7, $8, $9::jsonb)`,
    values: [
      row.workspaceId,
      row.auditId,
      row.actorType,
      row.actorId,
      row.actorLabel,
      row.actorIp,
      row.action,
      row.target,
      JSON.stringify(row.details),
    ],
  });
}
