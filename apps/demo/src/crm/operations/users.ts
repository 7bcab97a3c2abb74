import type { User } from '../data.ts';
import { operation } from '../operation.ts';
import { contains, find, type Paging, page, paging, where } from '../rows.ts';

const TAG = 'Users';

export const users = [
  operation<Paging & Partial<Pick<User, 'name' | 'email'>>>({
    id: 'listUsers',
    method: 'GET',
    path: '/users',
    tag: TAG,
    summary: 'List users',
    description: 'Finds the members of the team, who are the owners of accounts and deals, by name or email address.',
    query: {
      name: { type: 'string', minLength: 1, description: 'Part of the full name.', example: 'whitfield' },
      email: { type: 'string', format: 'email', description: 'Email address.', example: 'dana.whitfield@crm.example' },
      ...paging,
    },
    answer: 'UserPage',
    handle: (data, { query: { name, email, ...wantedPage } }) =>
      page(
        where(data.users, { email }).filter((user) => contains(user.name, name)),
        wantedPage,
      ),
  }),
  operation({
    id: 'getUser',
    method: 'GET',
    path: '/users/{userId}',
    tag: TAG,
    summary: 'Get a user',
    description: 'Returns name and email address of one user, for example of the owner of a deal.',
    answer: 'User',
    errors: [404],
    handle: (data, { id }) => find(data, 'users', id),
  }),
];
