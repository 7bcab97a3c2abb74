import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { orNotFound } from '../or-not-found.ts';
import { mustBeActive } from './must-be-active.ts';

/** Queues a test message. */
export const testWebhook: Handler<typeof contract.webhooks.test> = async ({ input, ctx }) => {
  const { webhookId } = input;
  await mustBeActive(ctx, webhookId);
  return orNotFound(await ctx.workspaceDb.deliveries.add(webhookId, 'webhook.test', { webhookId }), 'webhook');
};
