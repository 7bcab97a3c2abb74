import type { Integration } from '@errand/contracts';
import type { Command } from 'commander';
import type { Cli } from '../../cli/cli.ts';
import { type ExitCode, exitCodes } from '../../outcome/exit-codes.ts';
import { allIntegrations, findIntegration } from '../../service/find-integration.ts';
import { type Column, table } from '../../terminal/table.ts';
import type { View } from '../../terminal/view.ts';
import type { AddCommand } from '../command.ts';
import { addAdd } from './add.ts';
import { printIntegration } from './print.ts';
import { addTools } from './tools.ts';

export const addIntegrations: AddCommand = (program, cli) => {
  const group = program.command('integrations').description('register services, and choose their tools');
  group
    .command('list', { isDefault: true })
    .description('list the integrations')
    .action(cli.action(() => list(cli)));
  addAdd(group, cli);
  addTools(group, cli);
  addRefresh(group, cli);
  addTest(group, cli);
  group
    .command('remove')
    .description('delete an integration with its tools and credentials')
    .argument('<integration>', 'its id or name')
    .action(
      cli.action(async (text: string) => {
        const service = cli.service();
        const { customerIntegrationId, name } = await findIntegration(text, service);
        await service.client.integrations.delete.mutate({ customerIntegrationId });
        cli.output.say(`${name} is deleted.`);
      }),
    );
};

async function list(cli: Cli): Promise<void> {
  const integrations = await allIntegrations(cli.service());
  cli.output.answer(
    { integrations },
    {
      text: (answer, view) =>
        answer.integrations.length === 0 ? [] : table(answer.integrations, columnsOf(view), view),
      ids: (answer) => answer.integrations.map(({ customerIntegrationId }) => customerIntegrationId),
      items: (answer) => answer.integrations,
    },
  );
  if (integrations.length === 0)
    cli.output.say('There are no integrations. Register one: errand integrations add <url>.');
}

const columnsOf = (view: View): Column<Integration>[] => [
  { title: 'integration', text: ({ name }) => name, shrinksTo: 10, paint: () => view.colors.bold },
  { title: 'id', text: ({ customerIntegrationId }) => customerIntegrationId, shrinksTo: 12 },
  { title: 'tools', text: ({ toolCount, enabledToolCount }) => `${enabledToolCount}/${toolCount}`, align: 'right' },
  { title: 'auth', text: ({ authType }) => authType, shrinksTo: 8 },
  { title: 'host', text: ({ host }) => host, shrinksTo: 10 },
  { title: 'note', text: noteOf, paint: () => view.colors.yellow, shrinksTo: 8 },
];

function noteOf({ needsReview, token, active }: Integration): string {
  if (!active) return 'inactive';
  if (token?.needsReconnect) return `token ${token.reconnectReason === 'rejected' ? 'rejected' : 'to be set again'}`;
  return needsReview ? 'needs review' : '';
}

function addRefresh(group: Command, cli: Cli): void {
  group
    .command('refresh')
    .description('read the document or the tools of a server again')
    .argument('<integration>', 'its id or name')
    .action(
      cli.action(async (text: string) => {
        const service = cli.service();
        const { customerIntegrationId } = await findIntegration(text, service);
        const integration = await service.client.integrations.refresh.mutate({ customerIntegrationId });
        printIntegration(integration, cli);
      }),
    );
}

const RESULTS = {
  accepted: 'The service accepted the credential',
  rejected: 'The service rejected the credential',
  unknown: 'It is unknown whether the credential is valid',
};
const NOT_TRIED = {
  no_tool: 'no enabled tool suits a trial',
  no_credential: 'there is no usable credential',
  busy: 'too many trials are in progress; try again',
};

function addTest(group: Command, cli: Cli): void {
  group
    .command('test')
    .description('try the credential of an integration by a call that reads')
    .argument('<integration>', 'its id or name')
    .option('-u, --user <id>', 'the user whose credential is tried; that of the workspace by default')
    .option('--tool <tool>', 'the tool to call')
    .action(cli.action((text: string, flags: { user?: string; tool?: string }) => test(text, flags, cli)));
}

async function test(text: string, { user, tool }: { user?: string; tool?: string }, cli: Cli): Promise<ExitCode> {
  const service = cli.service();
  const { customerIntegrationId } = await findIntegration(text, service);
  const trial = await service.client.integrations.try.mutate({
    customerIntegrationId,
    ...(user !== undefined && { userId: user }),
    ...(tool !== undefined && { tool: tool.includes('.') ? tool : `${customerIntegrationId}.${tool}` }),
  });
  cli.output.answer(trial, {
    text: ({ result, tool: called, status, account, notTried }) => [
      `${RESULTS[result]}${notTried ? `: ${NOT_TRIED[notTried]}` : ''}.`,
      ...(called ? [`${called} answered ${status ?? 'nothing'}${account ? `, as ${account}` : ''}.`] : []),
    ],
  });
  return trial.result === 'accepted' ? exitCodes.success : exitCodes.error;
}
