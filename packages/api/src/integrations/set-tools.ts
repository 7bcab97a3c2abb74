import { type contract, type ListedTool, problem } from '@errand/contracts';
import { AnswerText } from '@errand/engine';
import type { Handler } from '../context.ts';
import { orNotFound } from '../or-not-found.ts';

export const setTools: Handler<typeof contract.integrations.setTools> = async ({ input, ctx }) => {
  const { customerIntegrationId, ...choice } = input;
  if (choice.enabled === undefined && choice.effects === undefined) {
    const message = 'Give enabled, effects or both.';
    throw problem('validation_failed', message, { errors: [{ pointer: '/enabled', message }] });
  }
  orNotFound((await ctx.workspaceDb.tools.setEnabled(customerIntegrationId, choice)) || null, 'integration');
  ctx.deps.accessChanged(ctx.principal.workspaceId);
  return ctx.deps.largeAnswers.send(ctx, async () => {
    const pieces = await ctx.workspaceDb.tools.list(customerIntegrationId, { room: ctx.maxBytes });
    return new AnswerText<ListedTool[]>(orNotFound(pieces, 'integration'));
  });
};
