// The events of webhooks, and the bodies of the requests.
import { z } from 'zod';
import { count, flag, oneOf, text } from '../base/fields.ts';
import { CustomerIntegrationId, RunId, ScheduleId, Timestamp, UserId, WebhookId } from '../base/scalars.ts';
import { WaitingOn } from '../decisions/waiting-on.ts';
import { Metadata } from '../runs/create.ts';
import { RunEvent } from '../runs/event.ts';
import { Usage } from '../runs/result.ts';
import { Run } from '../runs/run.ts';

/** Events that a webhook can subscribe to. */
export const webhookEvents = [
  'run.started',
  'run.end',
  'run.waiting',
  'connection.created',
  'connection.needs_reconnect',
  'schedule.refused',
  'schedule.paused',
  'webhook.disabled',
] as const;
export const WebhookEvent = z.enum(webhookEvents).meta({
  id: 'WebhookEvent',
  description:
    'run.started: a worker has claimed a run for the first time. run.end: a run ended. run.waiting: a run does nothing until a person acts. connection.created: a user has given a credential or a consent. connection.needs_reconnect: a service rejects a credential, and its owner must renew it. schedule.refused: a run of a schedule could not be created. schedule.paused: Errand paused a schedule. webhook.disabled: Errand disabled another webhook.',
  examples: ['run.end'],
});

export const WebhookRun = z
  .object({
    runId: RunId,
    status: Run.shape.status,
    intent: text('The goal; at most its first 1,000 characters.', 'Create a summary of the latest sales data'),
    userId: UserId,
    metadata: Metadata.optional().meta({ description: 'Absent when it has more than 8 KiB.' }),
    usage: Usage,
    waitingOn: z.array(WaitingOn).optional().meta({
      description:
        'Actions that a person had to take at the time of the event, at most ten, without links that decide. Only in run.waiting.',
    }),
    result: z
      .object({
        bytes: count('Its size.', 2048),
        path: text('Path at which an API key can read it.', '/v1/runs/0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a01'),
      })
      .optional()
      .meta({ description: 'Size and path of the result. Absent if there is none.' }),
    createdAt: Timestamp,
    endedAt: Timestamp.optional(),
  })
  .meta({ id: 'WebhookRun', description: 'Summary of a run at the time of the event, as webhooks send it.' });
export type WebhookRun = z.infer<typeof WebhookRun>;

const runData = z
  .object({
    event: RunEvent.optional().meta({
      description:
        'The event as in streams and lists, without result, tool calls and links. Absent if it exceeds 32 KiB: GET /v1/runs/{runId}/events returns it.',
    }),
    run: WebhookRun,
  })
  .meta({ id: 'WebhookRunData', description: 'An event of a run, and the run.' });

const defineBody = <T extends string, D extends z.ZodType>(type: T, id: string, description: string, data: D) =>
  z
    .object({
      type: z.literal(type).meta({ description: 'Type of the event.' }),
      timestamp: Timestamp.meta({ description: 'When it happened.' }),
      data,
    })
    .meta({ id, description });

const connectionFields = {
  customerIntegrationId: CustomerIntegrationId,
  integrationName: text('Its name, for people.', 'CRM'),
};

const scheduleFields = {
  scheduleId: ScheduleId,
  name: text('Its name.', 'Sales of the week'),
};

/** The body of each event, by its name. `webhook.test` is sent on demand alone. */
export const webhookBodies = {
  'run.started': defineBody(
    'run.started',
    'RunStartedWebhook',
    'A worker has claimed a run for the first time.',
    runData,
  ),
  'run.end': defineBody('run.end', 'RunEndWebhook', 'A run has ended.', runData),
  'run.waiting': defineBody(
    'run.waiting',
    'RunWaitingWebhook',
    'A run does nothing until a person acts. Sent each time it comes to rest.',
    runData,
  ),
  'connection.created': defineBody(
    'connection.created',
    'ConnectionCreatedWebhook',
    'A user has given a credential or a consent.',
    z.object({
      ...connectionFields,
      userId: UserId,
      reconnected: flag('Whether the service had rejected an earlier one.', false),
    }),
  ),
  'connection.needs_reconnect': defineBody(
    'connection.needs_reconnect',
    'NeedsReconnectWebhook',
    'A service rejects a credential: its owner must store another, or consent again.',
    z.object({
      ...connectionFields,
      userId: UserId.optional().meta({ description: 'The user of the credential. Absent for that of the workspace.' }),
    }),
  ),
  'schedule.refused': defineBody(
    'schedule.refused',
    'ScheduleRefusedWebhook',
    'A run of a schedule could not be created. The schedule continues at its next time.',
    z.object({
      ...scheduleFields,
      dueAt: Timestamp.meta({ description: 'The scheduled time.' }),
      problem: z
        .object({
          code: text('Its code.', 'connection_not_found'),
          detail: text('What is wrong.', 'There is no integration crm_1a2b3c4d.'),
        })
        .meta({ description: 'Why.' }),
    }),
  ),
  'schedule.paused': defineBody(
    'schedule.paused',
    'SchedulePausedWebhook',
    'Errand paused a schedule.',
    z.object({
      ...scheduleFields,
      reason: oneOf(
        ['key_revoked'],
        'key_revoked: its owner, a key or a person, may no longer create runs.',
        'key_revoked',
      ),
    }),
  ),
  'webhook.disabled': defineBody(
    'webhook.disabled',
    'WebhookDisabledWebhook',
    'Errand disabled a webhook. Sent to the others.',
    z.object({
      webhookId: WebhookId,
      url: text('Its address.', 'https://app.example.com/hooks/errand'),
      reason: oneOf(
        ['gone', 'failing', 'secret_lost'],
        'gone: it answered 410. failing: it accepted nothing for five days. secret_lost: its secret cannot be opened.',
        'failing',
      ),
    }),
  ),
  'webhook.test': defineBody(
    'webhook.test',
    'WebhookTestWebhook',
    'A test was requested.',
    z.object({ webhookId: WebhookId }),
  ),
} as const;

export const WebhookBody = z
  .discriminatedUnion('type', [
    webhookBodies['run.started'],
    webhookBodies['run.end'],
    webhookBodies['run.waiting'],
    webhookBodies['connection.created'],
    webhookBodies['connection.needs_reconnect'],
    webhookBodies['schedule.refused'],
    webhookBodies['schedule.paused'],
    webhookBodies['webhook.disabled'],
    webhookBodies['webhook.test'],
  ])
  .meta({ id: 'WebhookBody', description: 'The body of a request to a webhook.' });
export type WebhookBody = z.infer<typeof WebhookBody>;
export type WebhookMessageType = WebhookBody['type'];
