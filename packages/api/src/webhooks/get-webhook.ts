import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { orNotFound } from '../or-not-found.ts';

export const getWebhook: Handler<typeof contract.webhooks.get> = async ({ input, ctx }) =>
  orNotFound(await ctx.workspaceDb.webhooks.get(input.webhookId), 'webhook');
