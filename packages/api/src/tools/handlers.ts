import type { ContractHandlers } from '../context.ts';

/** The search for tools of all integrations. */
export const tools: ContractHandlers['tools'] = {
  search: async ({ input, ctx, signal }) => {
    const { q: text, customerIntegrationIds: selection = ['*'], limit } = input;
    const { workspaceId } = ctx.principal;
    return { tools: await ctx.deps.searchTools({ workspaceId, text, selection, limit, signal }) };
  },
};
