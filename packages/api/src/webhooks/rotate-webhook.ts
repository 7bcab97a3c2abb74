import type { contract } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { orNotFound } from '../or-not-found.ts';

/** Replaces the secret. Only this answer contains the new one. */
export const rotateWebhook: Handler<typeof contract.webhooks.rotate> = async ({ input, ctx }) =>
  orNotFound(await ctx.workspaceDb.webhooks.rotate(input.webhookId), 'webhook');
