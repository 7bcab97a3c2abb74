import { forgetResultWords } from '@errand/db';
import type { ContractHandlers } from '../context.ts';
import { revokeErasedGrants } from '../integrations/users/revoke-erased-grants.ts';
import { readUserCursor, toUserPage } from '../integrations/users/user-cursor.ts';
import { orNotFound } from '../problems.ts';

/** End users on whose behalf runs act. */
export const users: ContractHandlers['users'] = {
  list: async ({ input: { q, cursor, pageSize }, ctx }) => {
    const after = readUserCursor(cursor);
    const { users: stored } = ctx.workspaceDb;
    const rows = await (q === undefined ? stored.list(after, pageSize + 1) : stored.search(q, after, pageSize + 1));
    return toUserPage(rows, pageSize);
  },
  get: async ({ input, ctx }) => orNotFound(await ctx.workspaceDb.users.get(input.userId), 'user'),
  /** Erases the credentials here first, because revoking grants at the authorization servers may fail. */
  erase: async ({ input, ctx }) => {
    const { workspaceDb, deps } = ctx;
    const { user, grants } = await workspaceDb.credentials.eraseUser(input.userId);
    const { workspaceId } = ctx.principal;
    deps.accessChanged(workspaceId);
    await forgetResultWords({ pool: deps.db.poolOf(workspaceId), workspaceId }, input.userId);
    await revokeErasedGrants({ workspaceId, workspaceDb, connector: deps.connector }, grants);
    return user;
  },
};
