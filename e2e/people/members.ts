// People with a role in the first workspace of a stack, or in another one, each in a browser.
import { randomUUID } from 'node:crypto';
import { contract, type Role } from '@errand/contracts';
import pg from 'pg';
import { loginLink } from '../fixtures/operator.ts';
import type { Stack } from '../fixtures/stack.ts';
import { type Answer, aPerson, type Person } from './person.ts';

export type Member = Person & {
  personId: string;
  workspaceId: string;
  /** The headers of the page, with the workspace. */
  headers: Record<string, string>;
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

const firstWorkspace = async (service: Service): Promise<string> => {
  const text = 'SELECT workspace_id AS id FROM workspace ORDER BY created_at LIMIT 1';
  return (await sql<{ id: string }>(service, text))[0]!.id;
};

/** Adds a person who is a member of nothing, and signs in. The person names the first workspace in requests. */
export async function aStranger(service: Service, name: string, isOperator = false): Promise<Member> {
  const personId = randomUUID();
  const person = [personId, name, isOperator];
  await sql(service, 'INSERT INTO person (person_id, name, is_operator) VALUES ($1, $2, $3)', person);
  return member(service, personId, await firstWorkspace(service));
}

/** Adds a person with a role, and signs in. */
export async function aMember(service: Service, name: string, role: Role, workspaceId?: string): Promise<Member> {
  const stranger = await aStranger(service, name);
  return joined(service, stranger, workspaceId ?? stranger.workspaceId, role);
}

/** Makes a person a member of a workspace, without an invitation. @returns the same session in that workspace */
export async function joined(service: Service, person: Member, workspaceId: string, role: Role): Promise<Member> {
  const text = `INSERT INTO membership (workspace_id, person_id, role, made_by) VALUES ($1, $2, $3, 'system:errand')`;
  await sql(service, text, [workspaceId, person.personId, role]);
  return at(service, person, workspaceId);
}

const member = async (service: Service, personId: string, workspaceId: string): Promise<Member> => {
  const person = await aPerson(service.url, await loginLink(service, { person: personId }));
  return at(service, { ...person, personId }, workspaceId);
};

/** The same person and session, naming another workspace in requests. */
export const at = (service: Service, person: Person & { personId: string }, workspaceId: string): Member => ({
  ...person,
  workspaceId,
  headers: { cookie: person.cookie, 'x-errand-console': person.token, 'x-errand-workspace': workspaceId },
  ask: (name, input = {}) =>
    person.call(name, input, { mutation: isMutation(name), headers: { 'x-errand-workspace': workspaceId } }),
  again: () => member(service, person.personId, workspaceId),
});

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
