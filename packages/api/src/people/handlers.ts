import { problem } from '@errand/contracts';
import type { ChangedPerson, InstancePerson, PersonRefusal } from '@errand/db';
import type { SessionHandlers } from '../context.ts';

/** The people of the instance, for its operators. */
export const people: SessionHandlers['people'] = {
  list: async ({ input: { pageSize, cursor }, ctx }) => {
    const rows = await ctx.deps.db.instancePeople.list(pageSize + 1, cursor);
    const page = rows.slice(0, pageSize).map(toPerson);
    return { people: page, nextCursor: rows.length > pageSize ? page.at(-1)!.personId : undefined };
  },

  disable: async ({ input: { personId }, ctx }) => {
    const { person, workspaceIds } = changed(await ctx.deps.db.instancePeople.disable(personId, ctx.principal));
    for (const workspaceId of workspaceIds) await ctx.deps.db.forWorkspace(workspaceId).schedules.pauseOrphans();
    return toPerson(person);
  },

  enable: async ({ input: { personId }, ctx }) => {
    return toPerson(changed(await ctx.deps.db.instancePeople.enable(personId, ctx.principal)).person);
  },
};

/** @throws ProblemError not_found, own_account, last_operator */
function changed(person: ChangedPerson | PersonRefusal): ChangedPerson {
  if (person === 'not_found') throw problem('not_found', 'There is no such person.');
  if (person === 'own_account') throw problem('own_account', 'You cannot disable yourself.');
  if (person === 'last_operator') throw problem('last_operator', 'The instance would have no operator.');
  return person;
}

const toPerson = ({ createdAt, disabledAt, ...person }: InstancePerson) => ({
  ...person,
  createdAt: createdAt.toISOString(),
  ...(disabledAt && { disabledAt: disabledAt.toISOString() }),
});
