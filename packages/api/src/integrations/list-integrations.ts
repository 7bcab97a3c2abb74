import type { contract, Integration } from '@errand/contracts';
import { AnswerText } from '@errand/engine';
import type { Handler } from '../context.ts';

export const listIntegrations: Handler<typeof contract.integrations.list> = ({ input: { active, ...page }, ctx }) =>
  ctx.deps.largeAnswers.send(ctx, async () => {
    const which = { ...page, maxBytes: ctx.maxBytes, ...(active !== 'all' && { active }) };
    const list = await ctx.workspaceDb.integrations.list(which);
    return new AnswerText<Integration[]>([JSON.stringify(list)]);
  });
