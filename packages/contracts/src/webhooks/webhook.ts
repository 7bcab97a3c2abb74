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
    description: 'What is told: names of events, or ["*"] for all, also those that are added later.',
    examples: [['run.end', 'run.waiting']],
  });
const Description = z.string().max(200).meta(described('Its purpose.', 'Inbox of the app'));
const Active = flag('Whether events are sent.', true);

const held = {
  webhookId: WebhookId,
  url: Url,
  events: Events,
  description: Description.optional(),
  active: Active,
  disabledBecause: optionalOneOf(
    ['gone', 'failing', 'secret_lost'],
    'Why Errand switched it off. gone: it answered 410. failing: it took nothing for five days. secret_lost: its secret does not open with the keys of the service; rotate it first. PATCH {active: true} switches it on again.',
    'failing',
  ),
  failingSince: optionalTime(
    'When the first attempt failed since the last one that did not; absent while all is well.',
    '2026-01-31T09:30:00.000Z',
  ),
  secretLast4: text('The last four characters of its secret.', '3aZ='),
  oldSecretUntil: optionalTime(
    'Until then the secret before the last rotation signs, too.',
    '2026-02-01T09:30:00.000Z',
  ),
  createdBy: text('The key that made it.', 'billing service'),
  createdAt: Timestamp,
  updatedAt: Timestamp,
};

export const Webhook = z
  .object(held)
  .meta({ id: 'Webhook', description: 'A URL of yours to which Errand posts events.' });
export type Webhook = z.infer<typeof Webhook>;

export const CreatedWebhook = z
  .object({
    ...held,
    secret: text(
      'Verifies what is posted (Standard Webhooks). No other answer shows it. Store it as a secret.',
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
  description: Description.nullable().optional().meta({ description: 'What it is for; null removes it.' }),
  active: Active.optional().meta({
    description: 'false: nothing is told, and what happens until it is true again never is.',
  }),
});
export type PatchWebhookInput = z.output<typeof PatchWebhookInput>;
