import { z } from 'zod';
import { described } from '../base/described.ts';
import { flag, inputText, optionalInputText, optionalOneOf, optionalTime, text } from '../base/fields.ts';
import { Timestamp, WebhookId } from '../base/ids.ts';
import { WebhookEvent, webhookEvents } from './event.ts';

const Url = inputText(
  2000,
  'Where events are posted: https on port 443, at a public address.',
  'https://app.example.com/hooks/errand',
);
const Events = z
  .union([z.array(z.literal('*')).length(1), z.array(WebhookEvent).min(1).max(webhookEvents.length)])
  .refine((events) => new Set<string>(events).size === events.length, 'Each event may be named once.')
  .meta({
    description: 'The events to send: their names, or ["*"] for all, including later additions.',
    examples: [['run.end', 'run.waiting']],
  });
const Description = z.string().max(200).meta(described('Its purpose.', 'Inbox of the app'));
const Active = flag('Whether events are sent.', true);

const webhookFields = {
  webhookId: WebhookId,
  url: Url,
  events: Events,
  description: Description.optional(),
  active: Active,
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
  createdBy: text('The key that created it.', 'billing service'),
  createdAt: Timestamp,
  updatedAt: Timestamp,
};

export const Webhook = z
  .object(webhookFields)
  .meta({ id: 'Webhook', description: 'A URL of yours to which Errand posts events.' });
export type Webhook = z.infer<typeof Webhook>;

export const CreatedWebhook = z
  .object({
    ...webhookFields,
    secret: text(
      'Verifies requests (Standard Webhooks). Only this answer contains it. Store it as a secret.',
      'whsec_…',
    ),
  })
  .meta({ id: 'CreatedWebhook', description: 'A webhook with its secret.' });
export type CreatedWebhook = z.infer<typeof CreatedWebhook>;

export const CreateWebhookInput = z
  .strictObject({
    url: Url,
    events: Events,
    description: Description.optional(),
    active: Active.default(true),
    idempotencyKey: optionalInputText(
      255,
      'Not supported here: to repeat the answer, the service would have to store the secret.',
      'key-1',
    ),
  })
  .meta({ id: 'CreateWebhook', description: 'A webhook to create.' });
export type CreateWebhookInput = z.output<typeof CreateWebhookInput>;

export const WebhookRef = z.strictObject({ webhookId: WebhookId });

export const PatchWebhookInput = z.strictObject({
  webhookId: WebhookId,
  url: Url.optional(),
  events: Events.optional(),
  description: Description.nullable().optional().meta({ description: 'Its purpose; null removes it.' }),
  active: Active.optional().meta({
    description: 'false: nothing is sent. Events until it is true again are never sent.',
  }),
});
export type PatchWebhookInput = z.output<typeof PatchWebhookInput>;
