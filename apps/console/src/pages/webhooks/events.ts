// The events of webhooks, in words.
import type { Inputs, Outputs } from '@errand/client/console';

export type Webhook = Outputs['webhooks']['list']['webhooks'][number];
export type EventSelection = Inputs['webhooks']['create']['events'];
export type WebhookEvent = Exclude<EventSelection[number], '*'>;

/** When each event is sent, to complete "Send when …". */
export const eventTexts: Readonly<Record<WebhookEvent, string>> = {
  'run.started': 'an errand starts',
  'run.end': 'an errand ends',
  'run.waiting': 'an errand waits for a person',
  'connection.created': 'a user connects an account',
  'connection.needs_reconnect': 'a service refuses a credential, and its owner must renew it',
  'schedule.refused': 'an errand of a schedule could not be created',
  'schedule.paused': 'Errand pauses a schedule',
  'webhook.disabled': 'Errand switches another webhook off',
};

export const ALL_EVENTS = Object.keys(eventTexts) as WebhookEvent[];

/** A selection of events as the contract takes it. */
export const selectionOf = (isAll: boolean, events: readonly WebhookEvent[]): EventSelection =>
  isAll ? ['*'] : [...events];

export const isEvent = (event: string): event is WebhookEvent => Object.hasOwn(eventTexts, event);
