import { identityOf, type Principal, type Role } from '@errand/contracts';
import type { Pool } from 'pg';
import { audit } from '../audit/write.ts';
import { newId, type Runner, withTransaction } from '../statements/scope.ts';
import { decidersReader } from './deciders.ts';
import { peopleBehindReader } from './people-behind.ts';
import { requesterReader } from './requesters.ts';

export type Person = { personId: string; name: string; email: string | null; isOperator: boolean };

export type WorkspaceOfPerson = { workspaceId: string; name: string; role: Role };

const PERSON = 'person_id AS "personId", name, email, is_operator AS "isOperator"';

/** People of the instance, and their roles in workspaces. */
export function people(pool: Pool) {
  return {
    create: (person: { name: string; email?: string; isOperator?: boolean }): Promise<Person> =>
      createPerson(pool, person),

    /** The person with this id, e-mail address or name; null if there is none or the text is ambiguous. */
    async find(text: string): Promise<Person | null> {
      const { rows } = await pool.query<Person>(
        `SELECT ${PERSON} FROM person WHERE disabled_at IS NULL AND (person_id::text = $1 OR email = $1 OR name = $1) LIMIT 2`,
        [text],
      );
      return rows.length === 1 ? rows[0]! : null;
    },

    /** The administrator who was the first in a workspace; null if it has none. */
    firstAdmin: (workspaceId: string): Promise<Person | null> => readFirstAdmin(pool, workspaceId),

    /** Creates the first administrator of a workspace, who is an operator of the instance; once, even if several processes do so at once. */
    createFirstAdmin: (workspaceId: string, by: Principal): Promise<Person> =>
      withTransaction(pool, async (client) => {
        await client.query(`SELECT pg_advisory_xact_lock(hashtextextended('errand.first_admin ' || $1, 0))`, [
          workspaceId,
        ]);
        const existing = await readFirstAdmin(client, workspaceId);
        if (existing) return existing;
        const person = await createPerson(client, { name: 'Administrator', isOperator: true });
        await addMember(client, { workspaceId, personId: person.personId, role: 'admin', madeBy: identityOf(by) });
        const note = {
          actor: by,
          action: 'member.joined' as const,
          target: person.personId,
          details: { role: 'admin' },
        };
        await audit({ pool, workspaceId }, note, client);
        return person;
      }),

    behind: peopleBehindReader(pool),
    requesters: requesterReader(pool),
    deciders: decidersReader(pool),

    async setOperator(personId: string): Promise<void> {
      await pool.query('UPDATE person SET is_operator = true WHERE person_id = $1', [personId]);
    },

    /** The workspaces of a person, oldest first. */
    async workspacesOf(personId: string): Promise<WorkspaceOfPerson[]> {
      const { rows } = await pool.query<WorkspaceOfPerson>({
        name: 'person_workspaces',
        text: `SELECT w.workspace_id AS "workspaceId", w.name, m.role FROM membership m JOIN workspace w USING (workspace_id)
          WHERE m.person_id = $1 ORDER BY w.created_at, w.workspace_id LIMIT 1000`,
        values: [personId],
      });
      return rows;
    },

    addMember: (workspaceId: string, personId: string, role: Role, madeBy: string): Promise<boolean> =>
      addMember(pool, { workspaceId, personId, role, madeBy }),
  };
}

async function readFirstAdmin(runner: Runner, workspaceId: string): Promise<Person | null> {
  const { rows } = await runner.query<Person>(
    `SELECT ${PERSON} FROM person JOIN membership m USING (person_id)
     WHERE m.workspace_id = $1 AND m.role = 'admin' AND disabled_at IS NULL ORDER BY m.created_at, person_id LIMIT 1`,
    [workspaceId],
  );
  return rows[0] ?? null;
}

export async function createPerson(
  runner: Runner,
  { name, email, isOperator = false }: { name: string; email?: string | undefined; isOperator?: boolean },
): Promise<Person> {
  const { rows } = await runner.query<Person>(
    `INSERT INTO person (person_id, name, email, is_operator) VALUES ($1, $2, $3, $4) RETURNING ${PERSON}`,
    [newId(), name, email ?? null, isOperator],
  );
  return rows[0]!;
}

/** Makes a person a member; a role that the person has already stays. @returns whether the person was no member */
export async function addMember(
  runner: Runner,
  { workspaceId, personId, role, madeBy }: { workspaceId: string; personId: string; role: Role; madeBy: string },
): Promise<boolean> {
  const { rowCount } = await runner.query(
    'INSERT INTO membership (workspace_id, person_id, role, made_by) VALUES ($1, $2, $3, $4) ON CONFLICT DO NOTHING',
    [workspaceId, personId, role, madeBy],
  );
  return rowCount === 1;
}
