import type { User } from '../data.ts';
import { PROPERTIES } from '../properties.ts';
import { rowOperations } from '../row-operations.ts';
import { contains, namePart, where } from '../rows.ts';

const rows = rowOperations('users');

export const users = [
  rows.list<Partial<Pick<User, 'name' | 'email'>>>({
    description: 'Finds the members of the team, who are the owners of accounts and deals, by name or email address.',
    query: {
      name: namePart('Part of the full name.', 'whitfield'),
      email: PROPERTIES.User.email,
    },
    rows: (data, { name, email }) => where(data.users, { email }).filter((user) => contains(user.name, name)),
  }),
  rows.get('Returns name and email address of one user, for example of the owner of a deal.'),
];
