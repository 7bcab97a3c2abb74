import { z } from 'zod';
import {
  count,
  cursor,
  limitOr,
  nextCursor,
  oneOf,
  optionalText,
  optionalTime,
  optionalUuid,
  text,
} from '../base/fields.ts';
import { DeliveryId, Timestamp, WebhookId } from '../base/ids.ts';
import { webhookBodies } from './event.ts';

export const WebhookDelivery = z
  .object({
    deliveryId: DeliveryId,
    webhookId: WebhookId,
    messageId: text(
      'Its header webhook-id: the same in every attempt and for every webhook.',
      'msg_0192f0c17a707d338e216b2f4c9a1e04',
    ),
    type: z
      .enum(Object.keys(webhookBodies) as [keyof typeof webhookBodies])
      .meta({ description: 'Type of the event.', examples: ['run.end'] }),
    runId: optionalUuid('The run that it is about.', '0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a01'),
    state: oneOf(
      ['pending', 'delivered', 'failed'],
      'pending: the next attempt is at nextAttemptAt. delivered: the answer was 2xx. failed: all 14 attempts failed.',
      'delivered',
    ),
    attempts: count('Number of attempts since it was last requested.', 1),
    lastStatus: z
      .int()
      .optional()
      .meta({ description: 'The HTTP status of the last answer; absent when there was none.', examples: [200] }),
    lastError: optionalText('Why the last attempt failed.', 'It did not answer within 15 seconds.'),
    nextAttemptAt: optionalTime('Time of the next attempt. Only while it is pending.', '2026-01-31T09:30:03.000Z'),
    deliveredAt: optionalTime('When the receiver accepted it.', '2026-01-31T09:30:00.000Z'),
    createdAt: Timestamp,
  })
  .meta({ id: 'WebhookDelivery', description: 'The delivery of an event to a webhook.' });
export type WebhookDelivery = z.infer<typeof WebhookDelivery>;

export const ListDeliveriesInput = z.strictObject({
  webhookId: WebhookId,
  state: WebhookDelivery.shape.state.optional().meta({ description: 'Only deliveries in this state.' }),
  pageSize: limitOr(20, 100, 'Deliveries a page.'),
  cursor,
});
export type ListDeliveriesInput = z.output<typeof ListDeliveriesInput>;

export const DeliveryPage = z
  .object({
    deliveries: z.array(WebhookDelivery),
    nextCursor,
  })
  .meta({ id: 'DeliveryPage', description: 'A page of deliveries, newest first.' });
export type DeliveryPage = z.infer<typeof DeliveryPage>;

export const DeliveryRef = z.strictObject({ webhookId: WebhookId, deliveryId: DeliveryId });
