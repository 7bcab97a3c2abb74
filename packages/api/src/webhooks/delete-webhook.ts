import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { orNotFound } from '../or-not-found.ts';

export const deleteWebhook: Handler<typeof contract.webhooks.delete> = async ({ input, ctx }) => {
  orNotFound(await ctx.workspaceDb.webhooks.remove(input.webhookId), 'webhook');
  return null;
};
