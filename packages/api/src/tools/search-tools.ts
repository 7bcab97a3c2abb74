import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';

export const searchTools: Handler<typeof contract.tools.search> = ({ input, ctx, signal }) => {
  const { q: text, customerIntegrationIds: selection = ['*'], limit } = input;
  return ctx.deps.searchTools({ workspaceId: ctx.principal.workspaceId, text, selection, limit, signal });
};
