import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { found } from '../found.ts';

export const getWebhook: Handler<typeof contract.webhooks.get> = async ({ input, ctx }) =>
  found(await ctx.workspaceDb.webhooks.get(input.webhookId), 'webhook');
