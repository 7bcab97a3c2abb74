// The people of the instance. Only its operators call these operations, in the console.
import { mutation, query, withTag } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { codes } from '../base/error.ts';
import { count, cursor, defaultLimit, flag, inPages, nextCursor, optionalTime, text } from '../base/fields.ts';
import { Timestamp } from '../base/scalars.ts';
import { PersonId } from './members.ts';

const InstancePerson = z
  .object({
    personId: PersonId,
    name: text('The name of the person.', 'Ada'),
    isOperator: flag('Whether the person operates this instance.', false),
    memberships: count('Workspaces of the person.', 2),
    createdAt: Timestamp,
    disabledAt: optionalTime('Since when the person is disabled.', '2026-01-31T09:30:00.000Z'),
  })
  .meta({ id: 'InstancePerson', description: 'A person of the instance.' });

const PersonRef = z.strictObject({ personId: PersonId });

export const people = withTag('People', {
  list: query({
    input: inPages(z.strictObject({ pageSize: defaultLimit(100, 1000, 'People a page.'), cursor })),
    output: z
      .object({ people: z.array(InstancePerson), nextCursor })
      .meta({ id: 'PersonPage', description: 'A page of people, oldest first.' }),
    scope: null,
    callers: 'operators',
  }),
  disable: mutation({
    input: PersonRef,
    output: InstancePerson,
    scope: null,
    callers: 'operators',
    errors: codes('not_found', 'own_account', 'last_operator'),
  }),
  enable: mutation({
    input: PersonRef,
    output: InstancePerson,
    scope: null,
    callers: 'operators',
    errors: codes('not_found'),
  }),
});
