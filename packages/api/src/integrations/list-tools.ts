import type { contract, ListedTool } from '@errand/contracts';
import { AnswerText } from '@errand/engine';
import type { Handler } from '../context.ts';
import { orNotFound } from '../or-not-found.ts';

export const listTools: Handler<typeof contract.integrations.tools> = ({ input, ctx }) => {
  const { customerIntegrationId, after } = input;
  return ctx.deps.largeAnswers.send(ctx, async () => {
    const pieces = await ctx.workspaceDb.tools.list(customerIntegrationId, { maxBytes: ctx.maxBytes, after });
    return new AnswerText<ListedTool[]>(orNotFound(pieces, 'integration'));
  });
};
