import type { contract, ListedTool } from '@errand/contracts';
import { AnswerText } from '@errand/engine';
import type { Handler } from '../context.ts';
import { found } from '../found.ts';

export const setTools: Handler<typeof contract.integrations.setTools> = async ({ input, ctx }) => {
  const { customerIntegrationId, enabled, effects } = input;
  found((await ctx.workspaceDb.tools.setEnabled(customerIntegrationId, enabled, effects)) || null, 'integration');
  ctx.deps.accessChanged(ctx.principal.workspaceId);
  return ctx.deps.held.send(ctx, async () => {
    const pieces = await ctx.workspaceDb.tools.list(customerIntegrationId, { room: ctx.room });
    return new AnswerText<ListedTool[]>(found(pieces, 'integration'));
  });
};
