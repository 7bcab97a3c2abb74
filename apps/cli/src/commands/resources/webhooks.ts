import type { Webhook, WebhookDelivery } from '@errand/contracts';
import type { Command } from 'commander';
import type { Cli } from '../../cli/cli.ts';
import { ago } from '../../terminal/times.ts';
import type { AddCommand } from '../command.ts';
import { idIn } from '../ids.ts';
import { printList } from '../list.ts';
import { choice, collect, wholeNumber } from '../options.ts';

export const addWebhooks: AddCommand = (program, cli) => {
  const group = program.command('webhooks').description('addresses to which events are posted');
  group
    .command('list', { isDefault: true })
    .description('list webhooks')
    .action(cli.action(() => list(cli)));
  group
    .command('create')
    .description('post events to an address; prints its secret once')
    .argument('<url>', 'an https URL')
    .option('-e, --event <event>', 'an event, e.g. run.end; all by default; may be repeated', collect)
    .option('--description <text>', 'its purpose')
    .option('--traceparent', 'send the trace id of the run in requests about one')
    .action(cli.action((url: string, flags: CreateFlags) => create(url, flags, cli)));
  addDeliveries(group, cli);
  addChanges(group, cli);
};

function list(cli: Cli) {
  return printList(
    {
      read: (page) => cli.service().client.webhooks.list.query(page),
      limit: 1000,
      name: 'webhooks',
      idOf: ({ webhookId }) => webhookId,
      columns: (view) => [
        { title: 'webhook', text: ({ webhookId }) => idIn(view)(webhookId) },
        { title: 'url', text: ({ url }) => url, shrinksTo: 16 },
        { title: 'events', text: ({ events }) => (events as readonly string[]).join(' '), shrinksTo: 8 },
        { title: 'state', text: stateOf, paint: ({ active }) => (active ? view.colors.green : view.colors.yellow) },
      ],
      none: 'There are no webhooks.',
    },
    cli,
  );
}

const stateOf = ({ active, disabledBecause, failingSince }: Webhook): string =>
  active ? (failingSince ? 'failing' : 'active') : (disabledBecause ?? 'paused');

type CreateFlags = { event?: string[]; description?: string; traceparent?: true };

async function create(url: string, { event, description, traceparent }: CreateFlags, cli: Cli): Promise<void> {
  const webhook = await cli.service().client.webhooks.create.mutate({
    url,
    events: (event ?? ['*']) as ['*'],
    ...(description !== undefined && { description }),
    ...(traceparent && { traceparent }),
  });
  printSecret(webhook, cli);
}

function printSecret(webhook: { webhookId: string; secret: string }, cli: Cli): void {
  cli.recent().remember([webhook.webhookId]);
  cli.output.answer(webhook, { text: ({ secret }) => [secret], ids: ({ webhookId }) => [webhookId] });
  cli.output.say(`The secret of the webhook ${webhook.webhookId} is shown this once.`);
}

const ID = ['<webhook>', 'its id or a part of it'] as const;

function addDeliveries(group: Command, cli: Cli): void {
  group
    .command('deliveries')
    .description('list the deliveries of a webhook')
    .argument(...ID)
    .option('--state <state>', 'pending, delivered or failed', choice('--state', ['pending', 'delivered', 'failed']))
    .option('-n, --limit <deliveries>', 'the most deliveries', wholeNumber('--limit', { max: 1000 }), 50)
    .action(
      cli.action((text: string, { state, limit }: { state?: WebhookDelivery['state']; limit: number }) => {
        const webhookId = cli.recent().resolve(text);
        return printList(
          {
            read: (page) =>
              cli.service().client.webhooks.deliveries.query({ webhookId, ...(state && { state }), ...page }),
            limit,
            name: 'deliveries',
            idOf: ({ deliveryId }) => deliveryId,
            columns: (view) => [
              { title: 'delivery', text: ({ deliveryId }) => idIn(view)(deliveryId) },
              { title: 'event', text: ({ type }) => type },
              {
                title: 'state',
                text: ({ state: now }) => now,
                paint: (row) => (row.state === 'failed' ? view.colors.red : String),
              },
              { title: 'attempts', text: ({ attempts }) => attempts, align: 'right' },
              { title: 'last', text: ({ lastError, lastStatus }) => lastError ?? lastStatus, shrinksTo: 10 },
              { title: 'created', text: ({ createdAt }) => ago(createdAt, view.now), align: 'right' },
            ],
            none: 'There are no such deliveries.',
          },
          cli,
        );
      }),
    );
  group
    .command('redeliver')
    .description('retry the failed deliveries of a webhook')
    .argument(...ID)
    .action(
      cli.action(async (text: string) => {
        const webhookId = cli.recent().resolve(text);
        const answer = await cli.service().client.webhooks.redeliverMany.mutate({ webhookId, state: 'failed' });
        cli.output.answer(answer, {
          text: ({ redelivered, hasMore }) => [`Pending again: ${redelivered}.${hasMore ? ' More have failed.' : ''}`],
        });
      }),
    );
}

function addChanges(group: Command, cli: Cli): void {
  group
    .command('test')
    .description('post a test event')
    .argument(...ID)
    .action(
      cli.action(async (text: string) => {
        const delivery = await cli.service().client.webhooks.test.mutate({ webhookId: cli.recent().resolve(text) });
        cli.recent().remember([delivery.deliveryId]);
        cli.output.answer(delivery, {
          text: ({ deliveryId }) => [`The delivery ${deliveryId} is on its way.`],
          ids: ({ deliveryId }) => [deliveryId],
        });
      }),
    );
  group
    .command('rotate')
    .description('make a new secret; prints it once')
    .argument(...ID)
    .action(
      cli.action(async (text: string) =>
        printSecret(await cli.service().client.webhooks.rotate.mutate({ webhookId: cli.recent().resolve(text) }), cli),
      ),
    );
  group
    .command('delete')
    .description('delete a webhook')
    .argument(...ID)
    .action(
      cli.action(async (text: string) => {
        const webhookId = cli.recent().resolve(text);
        await cli.service().client.webhooks.delete.mutate({ webhookId });
        cli.output.say(`The webhook ${webhookId} is deleted.`);
      }),
    );
}
