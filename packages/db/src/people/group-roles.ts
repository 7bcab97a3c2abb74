import { type AuditAction, type Json, type Role, roles as rolesByRank, system } from '@errand/contracts';
import type { Pool, PoolClient } from 'pg';
import { audit } from '../audit/write.ts';
import { addMember } from './people.ts';

/** A role that a group of the issuer gives. */
export type GroupRole = { workspaceId: string; role: Role };

/** `made_by` of a membership that a group gave. A change by hand replaces it. */
const MADE_BY_GROUP = 'group';

type Scope = { pool: Pool; client: PoolClient; personId: string };

/**
 * Gives a person the roles of the groups, and removes memberships that groups gave before and do not give any more. Memberships that people
 * gave stay. Groups also take the role of the last administrator: the issuer withdraws access without exceptions.
 * @returns the workspaces in which the person lost or changed a role
 */
export async function applyGroupRoles(scope: Scope, groupRoles: readonly GroupRole[]): Promise<string[]> {
  const roleOf = highestRoles(groupRoles);
  await lockMembers(scope, [...roleOf.keys(), ...(await readGroupMemberships(scope)).keys()]);
  const present = await readGroupMemberships(scope);
  for (const [workspaceId, role] of roleOf) if (!present.has(workspaceId)) await join(scope, { workspaceId, role });
  const changed: string[] = [];
  for (const [workspaceId, before] of present) {
    const role = roleOf.get(workspaceId);
    if (role === before) continue;
    await (role === undefined
      ? leave(scope, { workspaceId, role: before })
      : changeRole(scope, { workspaceId, role }, before));
    changed.push(workspaceId);
  }
  return changed;
}

/** The highest role in each workspace. */
function highestRoles(groupRoles: readonly GroupRole[]): Map<string, Role> {
  const byRank = [...groupRoles].sort((a, b) => rolesByRank.indexOf(a.role) - rolesByRank.indexOf(b.role));
  return new Map(byRank.map(({ workspaceId, role }) => [workspaceId, role]));
}

/** Waits for other changes of members, in the order of ids, so that two sign-ins do not wait for each other. */
async function lockMembers({ client }: Scope, workspaceIds: readonly string[]): Promise<void> {
  await client.query(
    `SELECT pg_advisory_xact_lock(hashtextextended('errand.members ' || id, 0)) FROM unnest($1::text[]) AS id`,
    [[...new Set(workspaceIds)].sort()],
  );
}

async function readGroupMemberships({ client, personId }: Scope): Promise<Map<string, Role>> {
  const { rows } = await client.query<GroupRole>(
    'SELECT workspace_id AS "workspaceId", role FROM membership WHERE person_id = $1 AND made_by = $2',
    [personId, MADE_BY_GROUP],
  );
  return new Map(rows.map(({ workspaceId, role }) => [workspaceId, role]));
}

/** A membership that people gave stays as it is. */
async function join(scope: Scope, { workspaceId, role }: GroupRole): Promise<void> {
  const isNew = await addMember(scope.client, { ...scope, workspaceId, role, madeBy: MADE_BY_GROUP });
  if (isNew) await note(scope, workspaceId, 'member.joined', { role });
}

async function changeRole(scope: Scope, { workspaceId, role }: GroupRole, before: Role): Promise<void> {
  await scope.client.query('UPDATE membership SET role = $3 WHERE workspace_id = $1 AND person_id = $2', [
    workspaceId,
    scope.personId,
    role,
  ]);
  await note(scope, workspaceId, 'member.role_changed', { from: before, to: role });
}

async function leave(scope: Scope, { workspaceId, role }: GroupRole): Promise<void> {
  await scope.client.query('DELETE FROM membership WHERE workspace_id = $1 AND person_id = $2', [
    workspaceId,
    scope.personId,
  ]);
  await note(scope, workspaceId, 'member.removed', { role });
}

const note = (
  { pool, client, personId }: Scope,
  workspaceId: string,
  action: AuditAction,
  details: Record<string, Json>,
): Promise<void> =>
  audit(
    { pool, workspaceId },
    { actor: system, action, target: personId, details: { ...details, by: MADE_BY_GROUP } },
    client,
  );
