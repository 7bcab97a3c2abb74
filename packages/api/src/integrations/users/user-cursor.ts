import { problem } from '@errand/contracts';

/** The rows of a page, and the cursor of the next one. @param rows one more than the page has, if there are more */
export function toUserPage<Row extends { userId: string }>(rows: readonly Row[], pageSize: number) {
  const users = rows.slice(0, pageSize);
  const lastUser = users.at(-1);
  return {
    users,
    ...(rows.length > pageSize && lastUser && { nextCursor: Buffer.from(lastUser.userId).toString('base64url') }),
  };
}

/** The last user of the previous page, which a cursor encodes; empty without a cursor. @throws ProblemError invalid_cursor */
export function readUserCursor(cursor: string | undefined): string {
  if (cursor === undefined) return '';
  const after = Buffer.from(cursor, 'base64url').toString();
  if (after === '' || after.includes('\0') || /[^\w-]/.test(cursor)) {
    throw problem('invalid_cursor', 'The cursor does not come from this list.');
  }
  return after;
}
