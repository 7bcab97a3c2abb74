// Webhooks and their deliveries: schemas and operations.
import { mutation, query, withTag } from '@errand/trpc-openapi/contract';
import { z } from 'zod';
import { codes } from '../base/error.ts';
import {
  count,
  cursor,
  defaultLimit,
  doc,
  flag,
  inPages,
  inputText,
  listInput,
  nextCursor,
  oneOf,
  optionalInputText,
  optionalOneOf,
  optionalText,
  optionalTime,
  optionalUuid,
  text,
} from '../base/fields.ts';
import { DeliveryId, Timestamp, WebhookId } from '../base/scalars.ts';
import { WebhookEvent, webhookBodies, webhookEvents } from './event.ts';

const deliveryFields = {
  deliveryId: DeliveryId,
  webhookId: WebhookId,
  messageId: text(
    'Its header webhook-id: the same in every attempt and for every webhook.',
    'msg_0192f0c17a707d338e216b2f4c9a1e04',
  ),
  type: z.enum(Object.keys(webhookBodies) as [keyof typeof webhookBodies]).meta(doc('Type of the event.', 'run.end')),
  runId: optionalUuid('The run that it is about.', '0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a01'),
  state: oneOf(
    ['pending', 'delivered', 'failed'],
    'pending: the next attempt is at nextAttemptAt. delivered: the answer was 2xx. failed: all 14 attempts failed.',
    'delivered',
  ),
  attempts: count('Number of attempts since it was last requested.', 1),
  lastStatus: z.int().optional().meta(doc('The HTTP status of the last answer; absent when there was none.', 200)),
  lastError: optionalText('Why the last attempt failed.', 'It did not answer within 15 seconds.'),
  nextAttemptAt: optionalTime('Time of the next attempt. Only while it is pending.', '2026-01-31T09:30:03.000Z'),
  deliveredAt: optionalTime('When the receiver accepted it.', '2026-01-31T09:30:00.000Z'),
  createdAt: Timestamp,
};

export const WebhookDelivery = z
  .object(deliveryFields)
  .meta({ id: 'WebhookDelivery', description: 'The delivery of an event to a webhook.' });
export type WebhookDelivery = z.infer<typeof WebhookDelivery>;

export const DeliveryDetails = z
  .object({
    ...deliveryFields,
    body: optionalText(
      'The body that is posted, as JSON text. Absent if retention has removed its run.',
      '{"type":"webhook.test","timestamp":"2026-01-31T09:30:00.000Z","data":{"webhookId":"0192f0c1-7a41-7a04-8c11-000000000001"}}',
    ),
    lastAnswer: optionalText(
      'The first 4 KiB of the answer that the last attempt failed with, without secrets. Absent after a success, and if there was no body.',
      'Bad gateway',
    ),
  })
  .meta({ id: 'DeliveryDetails', description: 'A delivery with its body and the answer of the receiver.' });
export type DeliveryDetails = z.infer<typeof DeliveryDetails>;

export const ListDeliveriesInput = inPages(
  z.strictObject({
    webhookId: WebhookId,
    state: WebhookDelivery.shape.state.optional().meta({ description: 'Only deliveries in this state.' }),
    pageSize: defaultLimit(20, 100, 'Deliveries a page.'),
    cursor,
  }),
);

export const DeliveryPage = z
  .object({ deliveries: z.array(WebhookDelivery), nextCursor })
  .meta({ id: 'DeliveryPage', description: 'A page of deliveries, newest first.' });

export const DeliveryRef = z.strictObject({ webhookId: WebhookId, deliveryId: DeliveryId });

export const RedeliverManyInput = z.strictObject({
  webhookId: WebhookId,
  state: oneOf(['failed'], 'The deliveries to retry.', 'failed'),
});

export const RedeliveredMany = z
  .object({
    redelivered: count('Number of deliveries that are pending again, at most 100.', 12),
    hasMore: flag('Whether more deliveries have failed: send the request again.', false),
  })
  .meta({ id: 'RedeliveredMany', description: 'How many deliveries a request retries.' });

const WebhookUrl = inputText(
  2000,
  'Where events are posted: https on port 443, at a public address.',
  'https://app.example.com/hooks/errand',
);
const EventSelection = z
  .union([z.array(z.literal('*')).length(1), z.array(WebhookEvent).min(1).max(webhookEvents.length)])
  .refine((events) => new Set<string>(events).size === events.length, 'Each event may be named once.')
  .meta(
    doc('The events to send: their names, or ["*"] for all, including later additions.', ['run.end', 'run.waiting']),
  );
const Description = z.string().max(200).meta(doc('Its purpose.', 'Inbox of the app'));
const Active = flag('Whether events are sent.', true);
const Traceparent = flag(
  'Whether requests about a run carry the header `traceparent` (W3C Trace Context). Its trace id is the id of the run. Each attempt has another span id.',
  false,
);

const webhookFields = {
  webhookId: WebhookId,
  url: WebhookUrl,
  events: EventSelection,
  description: Description.optional(),
  active: Active,
  traceparent: Traceparent,
  disabledBecause: optionalOneOf(
    ['gone', 'failing', 'secret_lost'],
    'Why Errand disabled it. gone: it answered 410. failing: it accepted nothing for five days. secret_lost: its secret cannot be opened with the keys of the service; rotate it first. PATCH {active: true} enables it again.',
    'failing',
  ),
  failingSince: optionalTime(
    'Time of the first failure since the last success. Absent if the last attempt succeeded.',
    '2026-01-31T09:30:00.000Z',
  ),
  secretLast4: text('The last four characters of its secret.', '3aZ='),
  oldSecretUntil: optionalTime('Until then the previous secret also signs.', '2026-02-01T09:30:00.000Z'),
  createdBy: text('The name of the key or the person that created it.', 'billing service'),
  createdAt: Timestamp,
  updatedAt: Timestamp,
};

export const Webhook = z
  .object(webhookFields)
  .meta({ id: 'Webhook', description: 'A URL of yours to which Errand posts events.' });
export type Webhook = z.infer<typeof Webhook>;

export const WebhookPage = z
  .object({ webhooks: z.array(Webhook), nextCursor })
  .meta({ id: 'WebhookPage', description: 'A page of webhooks, newest first.' });

export const CreatedWebhook = z
  .object({
    ...webhookFields,
    secret: text(
      'Verifies requests (Standard Webhooks). Only this answer contains it. Store it as a secret.',
      'whsec_…',
    ),
  })
  .meta({ id: 'CreatedWebhook', description: 'A webhook with its secret.' });

export const CreateWebhookInput = z
  .strictObject({
    url: WebhookUrl,
    events: EventSelection,
    description: Description.optional(),
    active: Active.default(true),
    traceparent: Traceparent.default(false),
    idempotencyKey: optionalInputText(
      255,
      'Not supported here: to repeat the answer, the service would have to store the secret.',
      'key-1',
    ),
  })
  .meta({ id: 'CreateWebhook', description: 'A webhook to create.' });

export const WebhookRef = z.strictObject({ webhookId: WebhookId });

export const PatchWebhookInput = z.strictObject({
  webhookId: WebhookId,
  url: WebhookUrl.optional(),
  events: EventSelection.optional(),
  description: Description.nullable().optional().meta({ description: 'Its purpose; null removes it.' }),
  active: Active.optional().meta({
    description: 'false: nothing is sent. Events until it is true again are never sent.',
  }),
  traceparent: Traceparent.optional(),
});

export const webhooks = withTag('Webhooks', {
  list: query({
    input: listInput('Webhooks', {}),
    output: WebhookPage,
    scope: 'webhooks:write',
    errors: codes('invalid_cursor'),
    http: {
      route: 'GET /v1/webhooks',
      summary: 'List webhooks',
      success: 'One page of webhooks, without their secrets.',
      description: 'The webhooks of the workspace, newest first.',
    },
  }),
  create: mutation({
    input: CreateWebhookInput,
    output: CreatedWebhook,
    scope: 'webhooks:write',
    readScope: 'runs:read',
    errors: codes('url_not_allowed', 'webhook_limit_reached', 'not_supported'),
    http: {
      route: 'POST /v1/webhooks',
      status: 201,
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
    errors: codes('not_found'),
    http: {
      route: 'GET /v1/webhooks/{webhookId}',
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
    errors: codes('not_found', 'url_not_allowed'),
    http: {
      route: 'PATCH /v1/webhooks/{webhookId}',
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
    errors: codes('not_found'),
    http: {
      route: 'DELETE /v1/webhooks/{webhookId}',
      status: 204,
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
    errors: codes('not_found'),
    http: {
      route: 'POST /v1/webhooks/{webhookId}/rotate',
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
    errors: codes('not_found', 'webhook_inactive'),
    http: {
      route: 'POST /v1/webhooks/{webhookId}/test',
      status: 201,
      summary: 'Send a test event',
      success: 'The pending delivery.',
      description: 'Posts the event webhook.test, whatever the webhook subscribes to.',
    },
  }),
  deliveries: query({
    input: ListDeliveriesInput,
    output: DeliveryPage,
    scope: 'webhooks:write',
    errors: codes('not_found', 'invalid_cursor'),
    http: {
      route: 'GET /v1/webhooks/{webhookId}/deliveries',
      summary: 'List the deliveries of a webhook',
      success: 'One page of deliveries.',
      description: 'Past and pending deliveries, newest first. They are stored for 30 days (ERRAND_WEBHOOK_DAYS).',
    },
  }),
  delivery: query({
    input: DeliveryRef,
    output: DeliveryDetails,
    scope: 'webhooks:write',
    readScope: 'runs:read',
    errors: codes('not_found'),
    http: {
      route: 'GET /v1/webhooks/{webhookId}/deliveries/{deliveryId}',
      summary: 'Get a delivery',
      success: 'The delivery, with its body.',
      description: 'The delivery with its body and the answer of the receiver. Also needs runs:read.',
    },
  }),
  redeliverMany: mutation({
    input: RedeliverManyInput,
    output: RedeliveredMany,
    scope: 'webhooks:write',
    errors: codes('not_found', 'webhook_inactive'),
    http: {
      route: 'POST /v1/webhooks/{webhookId}/deliveries/redeliver',
      summary: 'Retry failed deliveries',
      success: 'The number of deliveries that are pending again.',
      description:
        'Retries up to 100 failed deliveries, oldest first, as POST …/deliveries/{deliveryId}/redeliver does for one. While `hasMore` is true, send the request again.',
    },
  }),
  redeliver: mutation({
    input: DeliveryRef,
    output: WebhookDelivery,
    scope: 'webhooks:write',
    errors: codes('not_found', 'webhook_inactive'),
    http: {
      route: 'POST /v1/webhooks/{webhookId}/deliveries/{deliveryId}/redeliver',
      summary: 'Retry a delivery',
      success: 'The pending delivery.',
      description: 'Posts the same body with the same webhook-id, now and up to 14 times.',
    },
  }),
});
