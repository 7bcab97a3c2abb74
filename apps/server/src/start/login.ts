import { withoutTrailing } from '@errand/basics/text-end';
import type { Principal } from '@errand/contracts';
import type { Db, Person } from '@errand/db';

export type LoginOptions = {
  /** Name, e-mail address or id; by default the first administrator of the first workspace. */
  person?: string | undefined;
  /** Also makes the person an operator of the instance. */
  operator?: boolean | undefined;
};

/**
 * Creates a link that signs a person in. Its token is in the fragment, which browsers send to no server.
 * @throws Error with instructions if there is no such person
 */
export async function createLoginLink(
  db: Pick<Db, 'people' | 'consoleLinks' | 'workspaces'>,
  by: Principal,
  address: string,
  { person: text, operator = false }: LoginOptions = {},
): Promise<{ person: Person; link: string }> {
  const person = text === undefined ? await firstAdmin(db, by) : await db.people.find(text);
  if (!person)
    throw new Error(`There is no person "${text}", or several have this name. Give the e-mail address or the id.`);
  if (operator) await db.people.setOperator(person.personId);
  const { token } = await db.consoleLinks.createLogin(person, by);
  return { person, link: `${withoutTrailing(address, '/')}/console/#${token}` };
}

async function firstAdmin({ people, workspaces }: Pick<Db, 'people' | 'workspaces'>, by: Principal): Promise<Person> {
  const { workspaceId } = await workspaces.first();
  return (await people.firstAdmin(workspaceId)) ?? people.createFirstAdmin(workspaceId, by);
}
