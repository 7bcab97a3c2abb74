import type { Principal } from '@errand/contracts';
import type { Pool, PoolClient } from 'pg';
import { auditRow, writeAuditRows } from '../audit/write.ts';
import { withTransaction } from '../statements/scope.ts';

export type InstancePerson = {
  personId: string;
  name: string;
  isOperator: boolean;
  createdAt: Date;
  disabledAt: Date | null;
  /** The number of workspaces of the person. */
  memberships: number;
};
export type PersonRefusal = 'not_found' | 'own_account' | 'last_operator';
/** `workspaceIds`: the workspaces of the person, which lost or regained a member. */
export type ChangedPerson = { person: InstancePerson; workspaceIds: string[] };

const PERSON = `p.person_id AS "personId", p.name, p.is_operator AS "isOperator", p.created_at AS "createdAt",
  p.disabled_at AS "disabledAt", (SELECT count(*)::int FROM membership m WHERE m.person_id = p.person_id) AS memberships`;
const MAX_WORKSPACES = 1000;

/** The people of the instance, as its operators manage them. */
export function instancePeople(pool: Pool) {
  return {
    /** Oldest first. @param after id of the last person of the previous page */
    async list(limit: number, after?: string): Promise<InstancePerson[]> {
      const { rows } = await pool.query<InstancePerson>(
        `SELECT ${PERSON} FROM person p WHERE $2::uuid IS NULL OR person_id > $2 ORDER BY person_id LIMIT $1`,
        [limit, after ?? null],
      );
      return rows;
    },

    /** Ends the sessions of a person, and the links to sign in as this person or that this person made. */
    disable: (personId: string, actor: Principal): Promise<ChangedPerson | PersonRefusal> =>
      withTransaction(pool, async (client) => {
        if (personId === actor.id) return 'own_account';
        // One operator stays, even if two disable each other at the same moment.
        await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('errand.operators', 0))`);
        const { rowCount } = await client.query(
          'SELECT FROM person WHERE is_operator AND disabled_at IS NULL AND person_id <> $1 LIMIT 1',
          [personId],
        );
        if (rowCount === 0) return 'last_operator';
        const sets = 'disabled_at = coalesce(disabled_at, clock_timestamp())';
        const changed = await change(client, personId, sets, { actor, action: 'person.disabled' });
        if (changed === 'not_found') return changed;
        await client.query(
          `UPDATE console_session SET ended_at = now(), ended_how = 'disabled' WHERE person_id = $1 AND ended_at IS NULL`,
          [personId],
        );
        await client.query(
          `UPDATE console_link SET revoked_at = now() WHERE (person_id = $1 OR made_by = 'person:' || $1::text)
             AND used_at IS NULL AND revoked_at IS NULL`,
          [personId],
        );
        return changed;
      }),

    enable: (personId: string, actor: Principal): Promise<ChangedPerson | PersonRefusal> =>
      withTransaction(pool, (client) =>
        change(client, personId, 'disabled_at = NULL', { actor, action: 'person.enabled' }),
      ),
  };
}

/** Changes a person, with an audit entry in each of the person's workspaces. */
async function change(
  client: PoolClient,
  personId: string,
  sets: string,
  note: { actor: Principal; action: 'person.disabled' | 'person.enabled' },
): Promise<ChangedPerson | 'not_found'> {
  const { rows } = await client.query<InstancePerson>(
    `UPDATE person p SET ${sets} WHERE person_id = $1 RETURNING ${PERSON}`,
    [personId],
  );
  const [person] = rows;
  if (!person) return 'not_found';
  const { rows: memberships } = await client.query<{ workspaceId: string }>(
    `SELECT workspace_id AS "workspaceId" FROM membership WHERE person_id = $1 LIMIT ${MAX_WORKSPACES}`,
    [personId],
  );
  const workspaceIds = memberships.map(({ workspaceId }) => workspaceId);
  const details = { name: person.name };
  const entries = workspaceIds.map((workspaceId) => auditRow(workspaceId, { ...note, target: personId, details }));
  await writeAuditRows(client, entries);
  return { person, workspaceIds };
}
