import { problem } from '@errand/contracts';
import { webhookBody } from '@errand/engine';
import type { Context, ContractHandlers } from '../context.ts';
import { orNotFound, refuseIdempotencyKey } from '../problems.ts';

const MAX_REDELIVERED = 100;

/** URLs to which Errand posts events. */
export const webhooks: ContractHandlers['webhooks'] = {
  list: async ({ input, ctx }) => {
    const list = { name: 'webhooks.list', ownerId: ctx.principal.workspaceId };
    const { rows, ...next } = await ctx.deps.lists.read(list, input, {
      read: (after: string | undefined, limit) => ctx.workspaceDb.webhooks.list({ after, limit }),
      positionOf: ({ webhookId }) => webhookId,
    });
    return { webhooks: rows, ...next };
  },
  /** Creates a webhook. Only this answer contains its secret. */
  create: async ({ input: { idempotencyKey, ...settings }, ctx }) => {
    refuseIdempotencyKey(idempotencyKey);
    await checkUrl(ctx, settings.url);
    return ctx.workspaceDb.webhooks.create(settings);
  },
  get: ({ input, ctx }) => findWebhook(ctx, input.webhookId),
  patch: async ({ input: { webhookId, ...patch }, ctx }) => {
    if (patch.url !== undefined) await checkUrl(ctx, patch.url);
    return orNotFound(await ctx.workspaceDb.webhooks.patch(webhookId, patch), 'webhook');
  },
  delete: async ({ input, ctx }) => {
    orNotFound(await ctx.workspaceDb.webhooks.remove(input.webhookId), 'webhook');
    return null;
  },
  /** Replaces the secret. Only this answer contains the new one. */
  rotate: async ({ input, ctx }) => orNotFound(await ctx.workspaceDb.webhooks.rotate(input.webhookId), 'webhook'),
  /** Queues a test message. */
  test: async ({ input: { webhookId }, ctx }) => {
    await assertActive(ctx, webhookId);
    return orNotFound(await ctx.workspaceDb.deliveries.add(webhookId, 'webhook.test', { webhookId }), 'webhook');
  },
  deliveries: async ({ input: { webhookId, state, cursor: before, pageSize }, ctx }) => {
    await findWebhook(ctx, webhookId);
    const rows = await ctx.workspaceDb.deliveries.list(webhookId, { state, before }, pageSize + 1);
    const deliveries = rows.slice(0, pageSize);
    return { deliveries, ...(rows.length > pageSize && { nextCursor: deliveries.at(-1)!.deliveryId }) };
  },
  delivery: async ({ input: { webhookId, deliveryId }, ctx }) =>
    orNotFound(await ctx.workspaceDb.deliveries.get(webhookId, deliveryId, webhookBody), 'delivery'),
  redeliverMany: async ({ input: { webhookId }, ctx }) => {
    await assertActive(ctx, webhookId);
    return ctx.workspaceDb.deliveries.redeliverFailed(webhookId, MAX_REDELIVERED);
  },
  /** Posts a delivery again, with the same id. */
  redeliver: async ({ input: { webhookId, deliveryId }, ctx }) => {
    await assertActive(ctx, webhookId);
    return orNotFound(await ctx.workspaceDb.deliveries.redeliver(webhookId, deliveryId), 'delivery');
  },
};

/** @throws ProblemError not_found */
const findWebhook = async ({ workspaceDb }: Context, webhookId: string) =>
  orNotFound(await workspaceDb.webhooks.get(webhookId), 'webhook');

/** @throws ProblemError not_found, webhook_inactive */
async function assertActive(ctx: Context, webhookId: string): Promise<void> {
  const { active } = await findWebhook(ctx, webhookId);
  if (!active) throw problem('webhook_inactive', 'The webhook is inactive.');
}

/** @throws ProblemError url_not_allowed */
async function checkUrl({ deps, principal }: Context, url: string): Promise<void> {
  try {
    await deps.checkUrl(principal.workspaceId, url);
  } catch (cause) {
    const { code, remedy } = cause as { code?: unknown; remedy?: string };
    if (code !== 'url_not_allowed') throw cause;
    throw problem('url_not_allowed', 'Errand may not call this URL.', {
      ...(remedy && { remedy }),
      errors: [{ pointer: '/url', message: 'May not be called.' }],
      cause,
    });
  }
}
