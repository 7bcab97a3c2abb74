import type { AuditAction, Json, Principal, Role } from '@errand/contracts';
import type { Pool, PoolClient } from 'pg';
import { audit } from '../audit/write.ts';
import { withTransaction } from '../statements/scope.ts';
import { IS_OPEN } from './sessions.ts';

export type Member = {
  personId: string;
  name: string;
  email: string | null;
  role: Role;
  joinedAt: Date;
  seenAt: Date | null;
  openSessions: number;
};

/** When a member joined, and its id. */
export type MemberPosition = readonly [joinedAt: string, personId: string];
type MemberPage = { after?: MemberPosition | undefined; limit: number };

/** `last_admin`: the workspace would have no administrator. */
export type MemberChange = 'changed' | 'not_found' | 'last_admin';

/** The members of workspaces. Changes of one workspace happen one after the other, so that one administrator always stays. */
export function members(pool: Pool) {
  return {
    /** Oldest first. @param page `after`: the last member of the page before it */
    async list(workspaceId: string, { after, limit }: MemberPage): Promise<Member[]> {
      const { rows } = await pool.query<Member>(
        `SELECT p.person_id AS "personId", p.name, p.email, m.role, m.created_at AS "joinedAt", s."seenAt", s."openSessions"
         FROM (
           SELECT * FROM membership WHERE workspace_id = $1 AND ($2::timestamptz IS NULL OR (created_at, person_id) > ($2, $3::uuid))
           ORDER BY created_at, person_id LIMIT $4) AS m
           JOIN person p USING (person_id), LATERAL (
             SELECT max(seen_at) AS "seenAt", count(*) FILTER (WHERE ${IS_OPEN})::int AS "openSessions"
             FROM console_session WHERE person_id = p.person_id) AS s
         ORDER BY m.created_at, p.person_id`,
        [workspaceId, after?.[0] ?? null, after?.[1] ?? null, limit],
      );
      return rows;
    },

    setRole: (workspaceId: string, personId: string, role: Role, actor: Principal): Promise<MemberChange> =>
      change(pool, { workspaceId, personId, actor }, 'member.role_changed', async (client, before) => {
        await client.query('UPDATE membership SET role = $3, made_by = $4 WHERE workspace_id = $1 AND person_id = $2', [
          workspaceId,
          personId,
          role,
          `${actor.kind}:${actor.id}`,
        ]);
        if (role !== 'admin') await revokeInvitationsOf(client, workspaceId, personId);
        return { from: before, to: role };
      }),

    remove: (workspaceId: string, personId: string, actor: Principal): Promise<MemberChange> =>
      change(pool, { workspaceId, personId, actor }, 'member.removed', async (client, before) => {
        await client.query('DELETE FROM membership WHERE workspace_id = $1 AND person_id = $2', [
          workspaceId,
          personId,
        ]);
        await revokeInvitationsOf(client, workspaceId, personId);
        return { role: before };
      }),
  };
}

type MemberRef = { workspaceId: string; personId: string; actor: Principal };

/** Changes a membership, unless no administrator would be left. @param work returns the details for the audit log */
const change = (
  pool: Pool,
  { workspaceId, personId, actor }: MemberRef,
  action: AuditAction,
  work: (client: PoolClient, before: Role) => Promise<Record<string, Json>>,
): Promise<MemberChange> =>
  withTransaction(pool, async (client): Promise<MemberChange> => {
    await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('errand.members ' || $1, 0))`, [workspaceId]);
    const { rows } = await client.query<{ role: Role }>(
      'SELECT role FROM membership WHERE workspace_id = $1 AND person_id = $2',
      [workspaceId, personId],
    );
    const before = rows[0]?.role;
    if (before === undefined) return 'not_found';
    await client.query('SAVEPOINT before_change');
    const details = await work(client, before);
    if (before === 'admin' && !(await hasAdmin(client, workspaceId))) {
      await client.query('ROLLBACK TO SAVEPOINT before_change');
      return 'last_admin';
    }
    await audit({ pool, workspaceId }, { actor, action, target: personId, details }, client);
    return 'changed';
  });

/** A person who administers the workspace no more could return with an invitation that the person made before. */
const revokeInvitationsOf = (client: PoolClient, workspaceId: string, personId: string) =>
  client.query(
    `UPDATE console_link SET revoked_at = now() WHERE workspace_id = $1 AND made_by = 'person:' || $2::text
       AND kind = 'invitation' AND used_at IS NULL AND revoked_at IS NULL`,
    [workspaceId, personId],
  );

async function hasAdmin(client: PoolClient, workspaceId: string): Promise<boolean> {
  const { rowCount } = await client.query(
    `SELECT FROM membership JOIN person USING (person_id) WHERE workspace_id = $1 AND role = 'admin' AND disabled_at IS NULL LIMIT 1`,
    [workspaceId],
  );
  return rowCount === 1;
}
