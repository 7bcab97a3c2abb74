import type { User } from '@errand/contracts';
import { runStatusLabels } from '@errand/contracts/labels';
import type { Cli } from '../../cli/cli.ts';
import { usageFailure } from '../../outcome/failure.ts';
import { counted } from '../../terminal/counted.ts';
import { fields } from '../../terminal/fields.ts';
import { runPaint } from '../../terminal/marks.ts';
import { ago } from '../../terminal/times.ts';
import type { View } from '../../terminal/view.ts';
import type { AddCommand } from '../command.ts';
import { printList } from '../list.ts';
import { wholeNumber } from '../options.ts';

type ListFlags = { begins?: string; limit: number };
type EraseFlags = { everything?: boolean; yes?: boolean };

export const addUsers: AddCommand = (program, cli) => {
  const group = program.command('users').description('end users: their connections and runs');
  group
    .command('list', { isDefault: true })
    .description('list users')
    .option('--begins <text>', 'users whose id begins so')
    .option('-n, --limit <users>', 'the most users', wholeNumber('--limit', { max: 10_000 }), 100)
    .action(cli.action((flags: ListFlags) => list(flags, cli)));
  group
    .command('show')
    .description('show a user')
    .argument('<user>', 'the id')
    .action(
      cli.action(async (userId: string) => {
        const user = await cli.service().client.users.get.query({ userId });
        cli.output.answer(user, { text: showLines, ids: (shown) => [shown.userId] });
      }),
    );
  group
    .command('erase')
    .description('erase the credentials of a user, or everything of the user')
    .argument('<user>', 'the id')
    .option('--everything', 'also runs with all their data, schedules and approval rules')
    .option('-y, --yes', 'do not ask')
    .action(cli.action((userId: string, flags: EraseFlags) => erase(userId, flags, cli)));
};

function list({ begins, limit }: ListFlags, cli: Cli) {
  const { client } = cli.service();
  return printList(
    {
      read: (page) => client.users.list.query({ ...(begins !== undefined && { q: begins }), ...page }),
      limit,
      name: 'users',
      idOf: ({ userId }) => userId,
      columns: (view) => [
        { title: 'user', text: ({ userId }) => userId, shrinksTo: 12, paint: () => view.colors.bold },
        { title: 'connections', text: ({ connections }) => connections.map(connectionText).join(', '), shrinksTo: 12 },
        {
          title: 'last run',
          text: ({ lastRun }) => lastRun && `${runStatusLabels[lastRun.status]} ${ago(lastRun.createdAt, view.now)}`,
          paint: ({ lastRun }) => (lastRun ? runPaint(lastRun.status, view) : String),
        },
        { title: 'note', text: ({ erasingAt }) => (erasingAt ? 'is being erased' : '') },
      ],
      none: 'There are no such users.',
    },
    cli,
  );
}

const connectionText = ({ customerIntegrationId, active, needsReconnect }: User['connections'][number]): string =>
  `${customerIntegrationId}${active ? '' : needsReconnect ? ' (reconnect)' : ' (not connected)'}`;

const showLines = ({ userId, connections, lastRun, erasingAt }: User, view: View): string[] =>
  fields(
    [
      ['user', userId],
      ...connections.map((connection, i): [string, string] => [
        i === 0 ? 'connections' : '',
        connectionText(connection),
      ]),
      [
        'last run',
        lastRun && `${lastRun.runId} ${runStatusLabels[lastRun.status]} ${ago(lastRun.createdAt, view.now)}`,
      ],
      ['erased since', erasingAt],
    ],
    view,
  );

async function erase(userId: string, { everything, yes }: EraseFlags, cli: Cli): Promise<void> {
  const subject = everything ? 'Everything' : 'All credentials';
  if (!yes) {
    if (!cli.terminal.isInteractive)
      throw usageFailure('There is no terminal to confirm it.', 'Repeat the command with --yes.');
    if (!(await cli.ask.confirm(`${subject} of ${userId} will be erased. It cannot be undone. Erase?`)))
      return cli.output.say('Nothing was erased.');
  }
  const erased = await cli.service().client.users.erase.mutate({ userId, ...(everything && { erase: 'everything' }) });
  cli.output.answer(erased, {
    text: ({ erased: integrations, erasing, cancelled, uncertainCount }) => [
      `Removed from ${counted(integrations.length, 'integration')}.`,
      ...(erasing ? [`The rest is being removed. Canceled: ${counted(cancelled ?? 0, 'run')}.`] : []),
      ...(uncertainCount
        ? [`${uncertainCount} writes of canceled runs have an unknown outcome: --json lists them.`]
        : []),
    ],
    ids: (answer) => [answer.userId],
  });
}
