import { mutation, query } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { codes } from '../base/error.ts';
import { DeliveryPage, DeliveryRef, ListDeliveriesInput, WebhookDelivery } from './delivery.ts';
import { CreatedWebhook, CreateWebhookInput, PatchWebhookInput, Webhook, WebhookRef } from './webhook.ts';

const TAG = 'Webhooks';

export const webhooks = {
  list: query({
    input: z.strictObject({}),
    output: z.array(Webhook),
    scope: 'webhooks:write',
    errors: codes('validation_failed'),
    http: {
      method: 'GET',
      path: '/v1/webhooks',
      tag: TAG,
      summary: 'List webhooks',
      success: 'The webhooks, without their secrets.',
      description: 'The webhooks of the workspace, newest first.',
    },
  }),
  create: mutation({
    input: CreateWebhookInput,
    output: CreatedWebhook,
    scope: 'webhooks:write',
    readScope: 'runs:read',
    errors: codes('validation_failed', 'url_not_allowed', 'webhook_limit_reached', 'not_supported'),
    http: {
      method: 'POST',
      path: '/v1/webhooks',
      status: 201,
      tag: TAG,
      summary: 'Make a webhook',
      success: 'The webhook. Its secret is shown this once.',
      description:
        'Events that happen from now on are posted to the address, signed as Standard Webhooks has it. The key must hold runs:read, too. A workspace has 20 webhooks at most.',
      headers: { 'Idempotency-Key': 'idempotencyKey' },
    },
  }),
  get: query({
    input: WebhookRef,
    output: Webhook,
    scope: 'webhooks:write',
    errors: codes('validation_failed', 'not_found'),
    http: {
      method: 'GET',
      path: '/v1/webhooks/{webhookId}',
      tag: TAG,
      summary: 'Read a webhook',
      success: 'The webhook, without its secret.',
      description: 'With how it fares: since when it fails, and why Errand switched it off.',
    },
  }),
  patch: mutation({
    input: PatchWebhookInput,
    output: Webhook,
    scope: 'webhooks:write',
    readScope: 'runs:read',
    errors: codes('validation_failed', 'not_found', 'url_not_allowed'),
    http: {
      method: 'PATCH',
      path: '/v1/webhooks/{webhookId}',
      tag: TAG,
      summary: 'Change a webhook',
      success: 'The webhook as it is now.',
      description:
        'What is left out stays. While it is not active nothing is told; deliveries that are pending go on when it is active again. The key must hold runs:read, too.',
    },
  }),
  delete: mutation({
    input: WebhookRef,
    output: z.null(),
    scope: 'webhooks:write',
    errors: codes('validation_failed', 'not_found'),
    http: {
      method: 'DELETE',
      path: '/v1/webhooks/{webhookId}',
      status: 204,
      tag: TAG,
      summary: 'Delete a webhook',
      success: 'It is gone, with its deliveries; there is no body.',
      description: 'What is on its way at this moment may still arrive.',
    },
  }),
  rotate: mutation({
    input: WebhookRef,
    output: CreatedWebhook,
    scope: 'webhooks:write',
    readScope: 'runs:read',
    errors: codes('validation_failed', 'not_found'),
    http: {
      method: 'POST',
      path: '/v1/webhooks/{webhookId}/rotate',
      tag: TAG,
      summary: 'Change the secret of a webhook',
      success: 'The webhook. Its new secret is shown this once.',
      description:
        'For 24 hours both secrets sign, so that a receiver that knows one of them accepts what comes. A second rotation ends the oldest secret at once. The key must hold runs:read, too.',
    },
  }),
  test: mutation({
    input: WebhookRef,
    output: WebhookDelivery,
    scope: 'webhooks:write',
    errors: codes('validation_failed', 'not_found', 'webhook_inactive'),
    http: {
      method: 'POST',
      path: '/v1/webhooks/{webhookId}/test',
      status: 201,
      tag: TAG,
      summary: 'Send a test to a webhook',
      success: 'The delivery, which is pending.',
      description: 'Posts an event webhook.test, whatever events the webhook asks for.',
    },
  }),
  deliveries: query({
    input: ListDeliveriesInput,
    output: DeliveryPage,
    scope: 'webhooks:write',
    errors: codes('validation_failed', 'not_found', 'invalid_cursor'),
    http: {
      method: 'GET',
      path: '/v1/webhooks/{webhookId}/deliveries',
      tag: TAG,
      summary: 'List the deliveries of a webhook',
      success: 'One page of deliveries.',
      description: 'What was posted and what is still to be, newest first. Kept for 30 days (ERRAND_WEBHOOK_DAYS).',
    },
  }),
  redeliver: mutation({
    input: DeliveryRef,
    output: WebhookDelivery,
    scope: 'webhooks:write',
    errors: codes('validation_failed', 'not_found', 'webhook_inactive'),
    http: {
      method: 'POST',
      path: '/v1/webhooks/{webhookId}/deliveries/{deliveryId}/redeliver',
      tag: TAG,
      summary: 'Post a delivery again',
      success: 'The delivery, which is pending again.',
      description: 'With the same body and the same webhook-id, now and up to 14 times.',
    },
  }),
};
