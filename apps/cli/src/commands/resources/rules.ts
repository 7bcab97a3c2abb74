import type { Command } from 'commander';
import type { Cli } from '../../cli/cli.ts';
import { ago } from '../../terminal/times.ts';
import type { AddCommand } from '../command.ts';
import { idIn } from '../ids.ts';
import { printList } from '../list.ts';
import { moment, readJson, wholeNumber } from '../options.ts';

const DEFAULT_DAYS = 30;
type CreateFlags = { user?: string; schema?: string; until?: string; message?: string };

export const addRules: AddCommand = (program, cli) => {
  const group = program.command('rules').description('approval rules: calls that need no approval');
  group
    .command('list', { isDefault: true })
    .description('list approval rules')
    .option('--active', 'only rules that apply')
    .option('-u, --user <id>', 'rules for this user')
    .option('--tool <tool>', 'rules for this tool')
    .option('-n, --limit <rules>', 'the most rules', wholeNumber('--limit', { max: 1000 }), 100)
    .action(cli.action((flags: { active?: boolean; user?: string; tool?: string; limit: number }) => list(flags, cli)));
  addCreate(group, cli);
  group
    .command('revoke')
    .description('end an approval rule: its calls need approval again')
    .argument('<rule>', 'its id or a part of it')
    .action(
      cli.action(async (text: string) => {
        const approvalRuleId = cli.recent().resolve(text);
        await cli.service().client.approvalRules.revoke.mutate({ approvalRuleId });
        cli.output.say(`The rule ${approvalRuleId} is revoked.`);
      }),
    );
};

function list(
  { active, user, tool, limit }: { active?: boolean; user?: string; tool?: string; limit: number },
  cli: Cli,
) {
  const { client } = cli.service();
  const filter = {
    ...(active && { active }),
    ...(user !== undefined && { userId: user }),
    ...(tool !== undefined && { tool }),
  };
  return printList(
    {
      read: (page) => client.approvalRules.list.query({ ...filter, ...page }),
      limit,
      name: 'approvalRules',
      idOf: ({ approvalRuleId }) => approvalRuleId,
      columns: (view) => [
        { title: 'rule', text: ({ approvalRuleId }) => idIn(view)(approvalRuleId) },
        { title: 'tool', text: ({ tool: name }) => name, shrinksTo: 12 },
        { title: 'user', text: ({ userId }) => userId ?? 'every user', shrinksTo: 6 },
        {
          title: 'arguments',
          text: ({ argsSchema }) => (argsSchema === undefined ? 'all' : JSON.stringify(argsSchema)),
          shrinksTo: 8,
        },
        {
          title: 'state',
          text: ({ state }) => state,
          paint: ({ state }) => (state === 'active' ? view.colors.green : view.colors.dim),
        },
        { title: 'expires', text: ({ expiresAt }) => ago(expiresAt, view.now), align: 'right' },
      ],
      none: 'There are no approval rules.',
    },
    cli,
  );
}

function addCreate(group: Command, cli: Cli): void {
  group
    .command('create')
    .description('allow calls of a tool without an approval')
    .argument('<tool>', 'the tool, e.g. crm_1a2b3c4d.createDeal')
    .option('-u, --user <id>', 'only runs of this user')
    .option('--schema <file>', 'a JSON Schema of the arguments; all arguments by default')
    .option('--until <time>', `when it expires; in ${DEFAULT_DAYS} days by default`, moment('--until'))
    .option('-m, --message <text>', 'why, for the record')
    .action(
      cli.action(async (tool: string, { user, schema, until, message }: CreateFlags) => {
        const rule = await cli.service().client.approvalRules.create.mutate({
          tool,
          expiresAt: until ?? new Date(Date.now() + DEFAULT_DAYS * 86_400_000).toISOString(),
          ...(user !== undefined && { userId: user }),
          ...(schema !== undefined && { argsSchema: (await readJson(schema, cli)) as never }),
          ...(message !== undefined && { reason: message }),
        });
        cli.recent().remember([rule.approvalRuleId]);
        cli.output.answer(rule, {
          text: ({ approvalRuleId }) => [`The rule ${approvalRuleId} applies within a second.`],
          ids: ({ approvalRuleId }) => [approvalRuleId],
        });
      }),
    );
}
