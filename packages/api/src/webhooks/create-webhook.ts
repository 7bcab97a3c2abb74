import { type contract, problem } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { refuseIdempotencyKey } from '../refuse-idempotency-key.ts';
import { checkUrl } from './check-url.ts';

const MAX_WEBHOOKS = 20;

/** Creates a webhook. Only this answer contains its secret. */
export const createWebhook: Handler<typeof contract.webhooks.create> = async ({ input, ctx }) => {
  const { idempotencyKey, ...settings } = input;
  refuseIdempotencyKey(idempotencyKey);
  await checkUrl(ctx.deps, settings.url);
  const webhook = await ctx.workspaceDb.webhooks.create(settings, MAX_WEBHOOKS);
  if (webhook) return webhook;
  throw problem('webhook_limit_reached', `A workspace can have at most ${MAX_WEBHOOKS} webhooks.`);
};
