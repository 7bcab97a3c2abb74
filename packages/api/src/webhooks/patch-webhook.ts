import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { orNotFound } from '../or-not-found.ts';
import { checkUrl } from './check-url.ts';

export const patchWebhook: Handler<typeof contract.webhooks.patch> = async ({ input, ctx }) => {
  const { webhookId, ...patch } = input;
  if (patch.url !== undefined) await checkUrl(ctx.deps, patch.url);
  return orNotFound(await ctx.workspaceDb.webhooks.patch(webhookId, patch), 'webhook');
};
