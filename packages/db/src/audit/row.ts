import { sha256 } from '@errand/basics/sha256';
import type { Json } from '@errand/contracts';

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

export const COLUMNS = `a.workspace_id AS "workspaceId", a.audit_id AS "auditId", a.actor_type AS "actorType", a.actor_id AS "actorId",
  a.actor_label AS "actorLabel", a.actor_ip AS "actorIp", a.action, a.target, a.details, a.at`;

/** The previous hash of the first entry of a chain. */
export const firstHash = '0'.repeat(64);

/** SHA-256 over an entry, its number and the previous hash, as canonical JSON. */
export function hashOf(row: AuditRow, seq: number, before: string): string {
  const { workspaceId, auditId, actorType, actorId, actorLabel, actorIp, action, target, details, at } = row;
  const entry = { workspaceId, auditId, actorType, actorId, actorLabel, actorIp, action, target, details };
  const sealed = { ...entry, at: at.toISOString(), seq, before };
  return sha256(JSON.stringify(sealed, sorted));
}

function sorted(_: string, value: unknown): unknown {
  if (typeof value !== 'object' || value === null || Array.isArray(value)) return value;
  return Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)));
}
