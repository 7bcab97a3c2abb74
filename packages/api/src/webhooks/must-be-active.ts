import { problem } from '@errand/contracts';
import type { Context } from '../context.ts';
import { orNotFound } from '../or-not-found.ts';

/** @throws ProblemError not_found, webhook_inactive */
export async function mustBeActive(ctx: Context, webhookId: string): Promise<void> {
  const { active } = orNotFound(await ctx.workspaceDb.webhooks.get(webhookId), 'webhook');
  if (!active) throw problem('webhook_inactive', 'The webhook is inactive.');
}
