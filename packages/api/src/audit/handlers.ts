import type { ContractHandlers } from '../context.ts';

/** Actions, and the principals that performed them. */
export const audit: ContractHandlers['audit'] = {
  chain: async ({ input: { afterSeq, pageSize }, ctx: { principal, workspaceDb } }) => {
    const chain = await workspaceDb.audit.chain(afterSeq, pageSize);
    if (afterSeq === 0)
      await workspaceDb.audit.add({ action: 'audit.read', target: 'audit', details: { chain: true } });
    return { workspaceId: principal.workspaceId, ...chain };
  },
  /** Reading the audit log adds an entry too, with the first page only. */
  list: async ({ input: { pageSize, ...filter }, ctx }) => {
    const { cursor, target, runId, ...others } = filter;
    // The values may be anything, so the log has only the names of these filters.
    const filters = Object.entries({ target, runId }).flatMap(([name, value]) => (value === undefined ? [] : [name]));
    const details = { ...others, ...(filters.length > 0 && { filters }) };
    const rows = await ctx.workspaceDb.audit.list(filter, pageSize + 1);
    if (cursor === undefined) await ctx.workspaceDb.audit.add({ action: 'audit.read', target: 'audit', details });
    const entries = rows.slice(0, pageSize);
    return { entries, ...(rows.length > pageSize && { nextCursor: entries.at(-1)!.auditId }) };
  },
};
