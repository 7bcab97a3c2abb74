import { type contract, problem } from '@errand/contracts';
import type { Handler } from '../context.ts';

/** The cursor encodes the last user of the page. */
export const listUsers: Handler<typeof contract.users.list> = async ({ input, ctx }) => {
  const { cursor, pageSize } = input;
  const rows = await ctx.workspaceDb.users.list(cursor === undefined ? '' : read(cursor), pageSize + 1);
  const users = rows.slice(0, pageSize);
  const last = users.at(-1);
  return {
    users,
    ...(rows.length > pageSize && last && { nextCursor: Buffer.from(last.userId).toString('base64url') }),
  };
};

function read(cursor: string): string {
  const after = Buffer.from(cursor, 'base64url').toString();
  if (after === '' || after.includes('\0') || /[^\w-]/.test(cursor)) {
    throw problem('invalid_cursor', 'The cursor does not come from this list.');
  }
  return after;
}
