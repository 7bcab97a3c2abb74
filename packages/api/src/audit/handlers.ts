import type { ContractHandlers } from '../context.ts';

/** Actions, and the principals that performed them. */
export const audit: ContractHandlers['audit'] = {
  /** Reading the audit log adds an entry too, with the first page only. */
  list: async ({ input: { pageSize, ...filter }, ctx }) => {
    const { cursor, ...details } = filter;
    const rows = await ctx.workspaceDb.audit.list(filter, pageSize + 1);
    if (cursor === undefined) await ctx.workspaceDb.audit.add({ action: 'audit.read', target: 'audit', details });
    const entries = rows.slice(0, pageSize);
    return { entries, ...(rows.length > pageSize && { nextCursor: entries.at(-1)!.auditId }) };
  },
};
