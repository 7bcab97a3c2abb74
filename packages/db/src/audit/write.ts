import type { AuditAction, AuditActor, Json } from '@errand/contracts';
import type { Prisma } from '../generated/client.ts';
import { newId, type Runner, type RunScope } from '../runs/scope.ts';

/** Who does something, as the audit log names it. */
export type Actor = AuditActor;

/** What no caller asked for. */
export const system: Actor = { type: 'system', label: 'errand' };

/** Something to write down. `details` never hold a secret. */
export type AuditNote = {
  actor: Actor;
  action: AuditAction;
  /** The id of what it was done to. */
  target: string;
  details?: Record<string, Json | undefined>;
};

/** The row of an entry, for repositories that write it in their transaction. */
export const auditRow = (workspaceId: string, { actor, action, target, details = {} }: AuditNote) => ({
  workspaceId,
  auditId: newId(),
  actorType: actor.type,
  actorId: actor.id ?? null,
  actorLabel: actor.label,
  actorIp: actor.ip ?? null,
  action,
  target,
  details: JSON.parse(JSON.stringify(details)) as Prisma.InputJsonObject,
});

/**
 * Writes an entry of the audit log.
 * @param runner the transaction of what it tells of, so that there is neither without the other; by default one of its own
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
