import type { contract, Tool } from '@errand/contracts';
import { raw } from '@errand/trpc-openapi';
import type { Handler } from '../context.ts';
import { found } from '../found.ts';

export const setTools: Handler<typeof contract.integrations.setTools> = async ({ input, ctx }) => {
  const tools = await ctx.own.tools.setEnabled(input.customerIntegrationId, input.enabled);
  ctx.deps.changed(ctx.principal.workspaceId);
  return raw<Tool[]>(found(tools, 'integration'));
};
