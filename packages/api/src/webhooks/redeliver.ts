import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { orNotFound } from '../or-not-found.ts';
import { mustBeActive } from './must-be-active.ts';

/** Posts a delivery again, with the same id. */
export const redeliver: Handler<typeof contract.webhooks.redeliver> = async ({ input, ctx }) => {
  const { webhookId, deliveryId } = input;
  await mustBeActive(ctx, webhookId);
  return orNotFound(await ctx.workspaceDb.deliveries.redeliver(webhookId, deliveryId), 'delivery');
};
