import { problem } from '@errand/contracts';
import type { ContractHandlers } from '../context.ts';
import { revokeErasedGrants } from '../integrations/revoke-erased-grants.ts';
import { orNotFound } from '../problems.ts';

/** End users on whose behalf runs act. */
export const users: ContractHandlers['users'] = {
  list: async ({ input: { q, cursor, pageSize }, ctx }) => {
    const after = cursor === undefined ? '' : readCursor(cursor);
    const { users: stored } = ctx.workspaceDb;
    const rows = await (q === undefined ? stored.list(after, pageSize + 1) : stored.search(q, after, pageSize + 1));
    const users = rows.slice(0, pageSize);
    const lastUser = users.at(-1);
    return {
      users,
      ...(rows.length > pageSize && lastUser && { nextCursor: Buffer.from(lastUser.userId).toString('base64url') }),
    };
  },
  get: async ({ input, ctx }) => orNotFound(await ctx.workspaceDb.users.get(input.userId), 'user'),
  /** Erases the credentials here first, because revoking grants at the authorization servers may fail. */
  erase: async ({ input, ctx }) => {
    const { user, grants } = await ctx.workspaceDb.credentials.eraseUser(input.userId);
    ctx.deps.accessChanged(ctx.principal.workspaceId);
    await revokeErasedGrants(ctx, grants);
    return user;
  },
};

/** The last user of the previous page, which a cursor encodes. */
function readCursor(cursor: string): string {
  const after = Buffer.from(cursor, 'base64url').toString();
  if (after === '' || after.includes('\0') || /[^\w-]/.test(cursor)) {
    throw problem('invalid_cursor', 'The cursor does not come from this list.');
  }
  return after;
}
