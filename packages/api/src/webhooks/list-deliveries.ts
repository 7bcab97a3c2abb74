import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { orNotFound } from '../or-not-found.ts';

export const listDeliveries: Handler<typeof contract.webhooks.deliveries> = async ({ input, ctx }) => {
  const { webhookId, state, cursor: before, pageSize } = input;
  orNotFound(await ctx.workspaceDb.webhooks.get(webhookId), 'webhook');
  const rows = await ctx.workspaceDb.deliveries.list(webhookId, { state, before }, pageSize + 1);
  const deliveries = rows.slice(0, pageSize);
  return { deliveries, ...(rows.length > pageSize && { nextCursor: deliveries.at(-1)!.deliveryId }) };
};
