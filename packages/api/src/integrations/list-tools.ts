import type { contract, ListedTool } from '@errand/contracts';
import { AnswerText } from '@errand/engine';
import type { Handler } from '../context.ts';
import { found } from '../found.ts';

export const listTools: Handler<typeof contract.integrations.tools> = ({ input, ctx }) => {
  const { customerIntegrationId, after } = input;
  return ctx.deps.held.send(ctx, async () => {
    const pieces = await ctx.workspaceDb.tools.list(customerIntegrationId, { room: ctx.room, after });
    return new AnswerText<ListedTool[]>(found(pieces, 'integration'));
  });
};
