import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';

/** Reading the audit log adds an entry too, with the first page only. */
export const listAudit: Handler<typeof contract.audit.list> = async ({ input, ctx }) => {
  const { pageSize, ...filter } = input;
  const { cursor, ...details } = filter;
  const rows = await ctx.workspaceDb.audit.list(filter, pageSize + 1);
  if (cursor === undefined)
    await ctx.workspaceDb.audit.add({ action: 'audit.read', target: 'audit', details: details });
  const entries = rows.slice(0, pageSize);
  return { entries, ...(rows.length > pageSize && { nextCursor: entries.at(-1)!.auditId }) };
};
