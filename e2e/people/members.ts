// Members of the first workspace of a stack, each in a browser.
import { randomUUID } from 'node:crypto';
import { contract, type Role } from '@errand/contracts';
import pg from 'pg';
import { loginLink } from '../fixtures/operator.ts';
import type { Stack } from '../fixtures/stack.ts';
import { type Answer, aPerson, type Person } from './person.ts';

export type Member = Person & {
  personId: string;
  /** Calls an operation in the workspace. */
  ask(name: string, input?: unknown): Promise<Answer>;
  /** Signs in once more, in another browser. */
  again(): Promise<Member>;
};

type Service = Pick<Stack, 'databaseUrl' | 'dataDir' | 'url'>;

/** Executes a statement as the owner of the database. */
export async function sql<Row extends object>(
  { databaseUrl }: Pick<Stack, 'databaseUrl'>,
  text: string,
  values: readonly unknown[] = [],
): Promise<Row[]> {
  const client = new pg.Client({ connectionString: databaseUrl });
  await client.connect();
  try {
    return (await client.query<Row>(text, [...values])).rows;
  } finally {
    await client.end();
  }
}

/** Adds a person with a role, and signs in. */
export async function aMember(service: Service, name: string, role: Role): Promise<Member> {
  const personId = randomUUID();
  await sql(service, 'INSERT INTO person (person_id, name) VALUES ($1, $2)', [personId, name]);
  const [workspace] = await sql<{ id: string }>(
    service,
    `INSERT INTO membership (workspace_id, person_id, role, made_by)
     SELECT workspace_id, $1, $2, 'system:errand' FROM workspace ORDER BY created_at LIMIT 1 RETURNING workspace_id AS id`,
    [personId, role],
  );
  return member(service, personId, workspace!.id);
}

async function member(service: Service, personId: string, workspaceId: string): Promise<Member> {
  const person = await aPerson(service.url, await loginLink(service, { person: personId }));
  return {
    ...person,
    personId,
    ask: (name, input = {}) =>
      person.call(name, input, { mutation: isMutation(name), headers: { 'x-errand-workspace': workspaceId } }),
    again: () => member(service, personId, workspaceId),
  };
}

function isMutation(name: string): boolean {
  const [group = '', operation = ''] = name.split('.');
  const operations = (contract as unknown as Record<string, Record<string, { kind: string }>>)[group];
  return operations?.[operation]?.kind === 'mutation';
}

export const setRole = (service: Service, { personId }: Member, role: Role) =>
  sql(service, 'UPDATE membership SET role = $2 WHERE person_id = $1', [personId, role]);

export const endMembership = (service: Service, { personId }: Member) =>
  sql(service, 'DELETE FROM membership WHERE person_id = $1', [personId]);

export const disable = (service: Service, { personId }: Member) =>
  sql(service, 'UPDATE person SET disabled_at = now() WHERE person_id = $1', [personId]);
