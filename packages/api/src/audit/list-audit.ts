import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';

/** Reading is written down as well: once, with the first page. */
export const listAudit: Handler<typeof contract.audit.list> = async ({ input, ctx }) => {
  const { pageSize, ...filter } = input;
  const { cursor, ...asked } = filter;
  const found = await ctx.workspaceDb.audit.list(filter, pageSize + 1);
  if (cursor === undefined) await ctx.workspaceDb.audit.add({ action: 'audit.read', target: 'audit', details: asked });
  const entries = found.slice(0, pageSize);
  return { entries, ...(found.length > pageSize && { nextCursor: entries.at(-1)!.auditId }) };
};
