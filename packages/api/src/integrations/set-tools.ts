import type { contract, ListedTool } from '@errand/contracts';
import { AnswerText } from '@errand/engine';
import type { Handler } from '../context.ts';
import { invalidField } from '../invalid-field.ts';
import { orNotFound } from '../or-not-found.ts';

export const setTools: Handler<typeof contract.integrations.setTools> = async ({ input, ctx }) => {
  const { customerIntegrationId, ...choice } = input;
  if (choice.enabled === undefined && choice.effects === undefined)
    throw invalidField('/enabled', 'Send enabled, effects or both.');
  orNotFound((await ctx.workspaceDb.tools.setEnabled(customerIntegrationId, choice)) || null, 'integration');
  ctx.deps.accessChanged(ctx.principal.workspaceId);
  return ctx.deps.largeAnswers.send(ctx, async () => {
    const pieces = await ctx.workspaceDb.tools.list(customerIntegrationId, { maxBytes: ctx.maxBytes });
    return new AnswerText<ListedTool[]>(orNotFound(pieces, 'integration'));
  });
};
