import type { ContractHandlers } from '../context.ts';

/** The search for tools of all integrations. */
export const tools: ContractHandlers['tools'] = {
  search: ({ input, ctx, signal }) => {
    const { q: text, customerIntegrationIds: selection = ['*'], limit } = input;
    return ctx.deps.searchTools({ workspaceId: ctx.principal.workspaceId, text, selection, limit, signal });
  },
};
