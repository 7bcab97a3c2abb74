import type { ContractHandlers } from '../context.ts';
import { readUserCursor, toUserPage } from '../integrations/users/user-cursor.ts';
import { orNotFound } from '../problems.ts';
import { eraseUser } from './erase-user.ts';

/** End users on whose behalf runs act. */
export const users: ContractHandlers['users'] = {
  list: async ({ input: { q, cursor, pageSize }, ctx }) => {
    const after = readUserCursor(cursor);
    const { users: stored } = ctx.workspaceDb;
    const rows = await (q === undefined ? stored.list(after, pageSize + 1) : stored.search(q, after, pageSize + 1));
    return toUserPage(rows, pageSize);
  },
  get: async ({ input, ctx }) => orNotFound(await ctx.workspaceDb.users.get(input.userId), 'user'),
  erase: eraseUser,
};
