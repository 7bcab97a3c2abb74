import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { found } from '../found.ts';
import { mustBeActive } from './must-be-active.ts';

/** Lets a test be posted. */
export const testWebhook: Handler<typeof contract.webhooks.test> = async ({ input, ctx }) => {
  const { webhookId } = input;
  await mustBeActive(ctx, webhookId);
  return found(await ctx.workspaceDb.deliveries.add(webhookId, 'webhook.test', { webhookId }), 'webhook');
};
