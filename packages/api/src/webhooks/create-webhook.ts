import { type contract, problem } from '@errand/contracts';
import type { Handler } from '../context.ts';
import { refuseRepeat } from '../not-supported.ts';
import { checkUrl } from './check-url.ts';

const MAX_WEBHOOKS = 20;

/** Makes a webhook; its secret is shown this once. */
export const createWebhook: Handler<typeof contract.webhooks.create> = async ({ input, ctx }) => {
  const { idempotencyKey, ...settings } = input;
  refuseRepeat(idempotencyKey);
  await checkUrl(ctx.deps, settings.url);
  const webhook = await ctx.workspaceDb.webhooks.create(settings, MAX_WEBHOOKS);
  if (webhook) return webhook;
  throw problem('webhook_limit_reached', `A workspace has ${MAX_WEBHOOKS} webhooks at most. Delete one first.`);
};
