import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { found } from '../found.ts';

/** Makes another secret; it is shown this once. */
export const rotateWebhook: Handler<typeof contract.webhooks.rotate> = async ({ input, ctx }) =>
  found(await ctx.workspaceDb.webhooks.rotate(input.webhookId), 'webhook');
