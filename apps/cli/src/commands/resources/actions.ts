import { userInfo } from 'node:os';
import { problemOf } from '@errand/client';
import type { ActionDetails } from '@errand/contracts';
import type { Command } from 'commander';
import { parseArguments } from '../../api/arguments.ts';
import type { Cli } from '../../cli/cli.ts';
import { followRun, printRun } from '../../follow/follow-run.ts';
import { type ExitCode, exitCodeOfRun, exitCodes } from '../../outcome/exit-codes.ts';
import { fields } from '../../terminal/fields.ts';
import { ago } from '../../terminal/times.ts';
import { valueLines } from '../../terminal/value.ts';
import type { View } from '../../terminal/view.ts';
import { wrap } from '../../terminal/width.ts';
import type { AddCommand } from '../command.ts';
import { printList } from '../list.ts';
import { readJson, wholeNumber } from '../options.ts';
import { type FollowFlags, followOptions } from '../runs/run.ts';

export const addActions: AddCommand = (program, cli) => {
  const group = program.command('actions').description('plans that are saved under a key and run without planning');
  group
    .command('list', { isDefault: true })
    .description('list actions')
    .option('-n, --limit <actions>', 'the most actions', wholeNumber('--limit', { max: 1000 }), 100)
    .action(cli.action(({ limit }: { limit: number }) => list(limit, cli)));
  group
    .command('show')
    .description('show an action: its plan and its inputs')
    .argument('<key>', 'its key')
    .action(
      cli.action(async (key: string) => {
        const action = await cli.service().client.actions.get.query({ key });
        cli.output.answer(action, { text: showLines, ids: (shown) => [shown.key] });
      }),
    );
  group
    .command('save')
    .description('save the plan of a successful run as an action')
    .argument('<key>', 'its key')
    .argument('[run]', 'the run: its id, a part of it, or @last', '@last')
    .option('--input-schema <file>', 'the values that become inputs, and their types')
    .action(
      cli.action(async (key: string, run: string, { inputSchema }: { inputSchema?: string }) => {
        const action = await cli.service().client.actions.keep.mutate({
          key,
          runId: cli.recent().resolve(run),
          ...(inputSchema !== undefined && { inputSchema: (await readJson(inputSchema, cli)) as never }),
        });
        cli.output.answer(action, { text: showLines, ids: (shown) => [shown.key] });
      }),
    );
  addRunOf(group, cli);
  group
    .command('delete')
    .description('delete an action')
    .argument('<key>', 'its key')
    .action(
      cli.action(async (key: string) => {
        await cli.service().client.actions.delete.mutate({ key });
        cli.output.say(`The action ${key} is deleted.`);
      }),
    );
};

function list(limit: number, cli: Cli) {
  return printList(
    {
      read: (page) => cli.service().client.actions.list.query(page),
      limit,
      name: 'actions',
      idOf: ({ key }) => key,
      columns: (view) => [
        { title: 'action', text: ({ key }) => key, paint: () => view.colors.bold },
        { title: 'intent', text: ({ intent }) => intent, shrinksTo: 16 },
        { title: 'state', text: ({ state }) => state },
        { title: 'changed', text: ({ updatedAt }) => ago(updatedAt, view.now), align: 'right' },
      ],
      none: 'There are no actions. Save a successful run: errand actions save <key> @last.',
    },
    cli,
  );
}

function showLines({ key, words, values, state, madeBy }: ActionDetails, view: View): string[] {
  const inputs = values.filter(({ bound }) => bound).map(({ name, value }) => `${name}=${JSON.stringify(value)}`);
  return [
    ...wrap(words, view.width),
    '',
    ...fields(
      [
        ['action', key],
        ['state', state],
        ['by', madeBy],
        ['inputs', inputs.join(' ')],
      ],
      view,
    ),
  ];
}

type RunFlags = FollowFlags & { user?: string; input?: string };

function addRunOf(group: Command, cli: Cli): void {
  group
    .command('run')
    .description('run an action with its inputs')
    .argument('<key>', 'its key')
    .argument('[inputs...]', '<name>=<value>')
    .option('-u, --user <id>', 'the user for whom it acts; your account on this machine by default')
    .option('--input <file>', 'the inputs as a JSON object; - reads stdin')
    .option('-f, --follow', 'show each step until the end; decide requests here')
    .option('--wait <seconds>', 'wait for the end at most so long', wholeNumber('--wait', { max: 86_400 }))
    .option('--no-wait', 'with --follow: end with code 7 once the run waits for a person')
    .action(cli.action((key: string, pairs: string[], flags: RunFlags) => runAction(key, pairs, flags, cli)));
}

async function runAction(key: string, pairs: readonly string[], flags: RunFlags, cli: Cli): Promise<ExitCode> {
  const { client } = cli.service();
  const { inputSchema } = await client.actions.get.query({ key });
  const input = {
    ...(flags.input !== undefined && (await readJson(flags.input, cli))),
    ...parseArguments(pairs, (inputSchema ?? {}) as never),
  };
  const follow = followOptions(flags, cli);
  try {
    const answer = await client.actions.run.mutate({
      key,
      userId: flags.user ?? userInfo().username,
      ...(inputSchema !== undefined && { input: input as never }),
      ...(follow && { prefer: 'wait=1' }),
    });
    cli.recent().remember([], answer.runId);
    cli.output.answer(answer, { text: ({ output }, view) => valueLines(output, view), ids: ({ runId }) => [runId] });
    return exitCodes.success;
  } catch (error) {
    const problem = problemOf(error);
    const exitCode = openRuns[problem?.code ?? ''];
    const runId = problem?.runId;
    if (exitCode === undefined || typeof runId !== 'string') throw error;
    cli.recent().remember([], runId);
    const run = await client.runs.get.query({ runId });
    if (follow) return followRun(run, cli, follow);
    printRun(run, cli);
    return problem?.code === 'action_failed' ? exitCodeOfRun(run.status) : exitCode;
  }
}

/** The problems of an action with a run, and the exit code of each. */
const openRuns: Readonly<Record<string, ExitCode>> = {
  action_waits: exitCodes.waits,
  action_unfinished: exitCodes.timeout,
  action_failed: exitCodes.failed,
};
