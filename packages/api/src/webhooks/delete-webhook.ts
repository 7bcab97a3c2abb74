import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { found } from '../found.ts';

export const deleteWebhook: Handler<typeof contract.webhooks.delete> = async ({ input, ctx }) => {
  found(await ctx.workspaceDb.webhooks.remove(input.webhookId), 'webhook');
  return null;
};
