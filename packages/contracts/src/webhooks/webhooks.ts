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
      summary: 'Create a webhook',
      success: 'The webhook. Only this answer contains the secret.',
      description:
        'Posts future events to the URL, signed as in Standard Webhooks. Also needs runs:read. A workspace has at most 20 webhooks.',
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
      summary: 'Get a webhook',
      success: 'The webhook, without its secret.',
      description: 'The webhook with its state: since when it fails, and why Errand disabled it.',
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
      success: 'The changed webhook.',
      description:
        'Omitted fields stay unchanged. An inactive webhook gets no events; pending deliveries continue once it is active again. Also needs runs:read.',
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
      success: 'The webhook and its deliveries are deleted; there is no body.',
      description: 'A request in flight may still arrive.',
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
      summary: 'Rotate the secret of a webhook',
      success: 'The webhook. Only this answer contains the new secret.',
      description:
        'Both secrets sign for 24 hours, so receivers can accept either. A second rotation ends the oldest secret immediately. Also needs runs:read.',
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
      summary: 'Send a test event',
      success: 'The pending delivery.',
      description: 'Posts the event webhook.test, whatever the webhook subscribes to.',
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
      description: 'Past and pending deliveries, newest first. They are stored for 30 days (ERRAND_WEBHOOK_DAYS).',
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
      summary: 'Retry a delivery',
      success: 'The pending delivery.',
      description: 'Posts the same body with the same webhook-id, now and up to 14 times.',
    },
  }),
};
