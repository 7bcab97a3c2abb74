import { userInfo } from 'node:os';
import type { ApprovalStrategy, Schedule } from '@errand/contracts';
import type { Command } from 'commander';
import type { Cli } from '../../cli/cli.ts';
import { findIntegration } from '../../service/find-integration.ts';
import { ago, localTime } from '../../terminal/times.ts';
import type { AddCommand } from '../command.ts';
import { idIn } from '../ids.ts';
import { printList } from '../list.ts';
import { choice, collect, wholeNumber } from '../options.ts';
import { type FollowFlags, followCreated, strategies } from '../runs/run.ts';

export const addSchedules: AddCommand = (program, cli) => {
  const group = program.command('schedules').description('runs that are created at the times of a cron expression');
  group
    .command('list', { isDefault: true })
    .description('list schedules')
    .option('-n, --limit <schedules>', 'the most schedules', wholeNumber('--limit', { max: 1000 }), 100)
    .action(cli.action(({ limit }: { limit: number }) => list(limit, cli)));
  addCreate(group, cli);
  addPreview(group, cli);
  addStates(group, cli);
};

function list(limit: number, cli: Cli) {
  return printList(
    {
      read: (page) => cli.service().client.schedules.list.query(page),
      limit,
      name: 'schedules',
      idOf: ({ scheduleId }) => scheduleId,
      columns: (view) => [
        { title: 'schedule', text: ({ scheduleId }) => idIn(view)(scheduleId) },
        { title: 'name', text: ({ name }) => name, shrinksTo: 10, paint: () => view.colors.bold },
        { title: 'cron', text: ({ cron, timeZone }) => `${cron} ${timeZone}`, shrinksTo: 10 },
        { title: 'next', text: ({ next }) => next[0] && ago(next[0], view.now), align: 'right' },
        {
          title: 'last',
          text: ({ last }) => last && `${last.outcome} ${ago(last.dueAt, view.now)}`,
          shrinksTo: 8,
          isExtra: true,
        },
        {
          title: 'state',
          text: ({ active, pausedBecause }) => (active ? 'active' : (pausedBecause ?? 'paused')),
          paint: ({ active }) => (active ? view.colors.green : view.colors.yellow),
        },
      ],
      none: 'There are no schedules.',
    },
    cli,
  );
}

type CreateFlags = {
  name?: string;
  timeZone: string;
  user?: string;
  integration?: string[];
  approve?: ApprovalStrategy;
  overlap: 'skip' | 'queue';
};

function addCreate(group: Command, cli: Cli): void {
  group
    .command('create')
    .description('create a run at each time of a cron expression')
    .argument('<cron>', "minute, hour, day, month, day of the week, e.g. '0 9 * * 1'")
    .argument('<intent>', 'the goal, in natural language')
    .option('--name <name>', 'its purpose; the intent by default')
    .option('--time-zone <zone>', 'the time zone of the expression', 'UTC')
    .option('-u, --user <id>', 'the user for whom it acts; your account on this machine by default')
    .option('-i, --integration <id|name>', 'an integration that may be used; all by default', collect)
    .option('--approve <when>', 'none, on-start, on-write or on-tool-call', choice('--approve', strategies))
    .option(
      '--overlap <what>',
      'if the previous run has not ended: skip or queue',
      choice('--overlap', ['skip', 'queue']),
      'skip',
    )
    .action(cli.action((cron: string, intent: string, flags: CreateFlags) => create(cron, intent, flags, cli)));
}

const MAX_NAME = 100;

async function create(cron: string, intent: string, flags: CreateFlags, cli: Cli): Promise<void> {
  const service = cli.service();
  const selected = await Promise.all((flags.integration ?? []).map((text) => findIntegration(text, service)));
  const schedule = await service.client.schedules.create.mutate({
    name: flags.name ?? intent.slice(0, MAX_NAME),
    cron,
    timeZone: flags.timeZone,
    overlap: flags.overlap,
    run: {
      intent,
      userId: flags.user ?? userInfo().username,
      selectedCustomerIntegrationIds: (selected.length > 0
        ? selected.map(({ customerIntegrationId }) => customerIntegrationId)
        : ['*']) as ['*'],
      ...(flags.approve && { approvalStrategy: flags.approve }),
    },
  });
  print(schedule, cli);
}

function addPreview(group: Command, cli: Cli): void {
  group
    .command('preview')
    .description('show the next times of a cron expression')
    .argument('<cron>', "e.g. '0 9 * * 1'")
    .option('--time-zone <zone>', 'its time zone', 'UTC')
    .action(
      cli.action(async (cron: string, { timeZone }: { timeZone: string }) => {
        const preview = await cli.service().client.schedules.preview.query({ cron, timeZone });
        cli.output.answer(preview, {
          text: ({ next }) => next.map((time) => `${localTime(time)}  (${time})`),
          items: ({ next }) => next,
        });
      }),
    );
}

function addStates(group: Command, cli: Cli): void {
  const id = ['<schedule>', 'its id or a part of it'] as const;
  for (const [name, active] of [
    ['pause', false],
    ['activate', true],
  ] as const) {
    group
      .command(name)
      .description(active ? 'create runs again' : 'create no runs until it is activated')
      .argument(...id)
      .action(
        cli.action(async (text: string) => {
          const scheduleId = cli.recent().resolve(text);
          print(await cli.service().client.schedules.patch.mutate({ scheduleId, active }), cli);
        }),
      );
  }
  group
    .command('run')
    .description('create its run now')
    .argument(...id)
    .option('-f, --follow', 'show each step until the end')
    .action(
      cli.action(async (text: string, flags: FollowFlags) => {
        const scheduleId = cli.recent().resolve(text);
        return followCreated(await cli.service().client.schedules.run.mutate({ scheduleId }), flags, cli);
      }),
    );
  group
    .command('delete')
    .description('delete a schedule')
    .argument(...id)
    .action(
      cli.action(async (text: string) => {
        const scheduleId = cli.recent().resolve(text);
        await cli.service().client.schedules.delete.mutate({ scheduleId });
        cli.output.say(`The schedule ${scheduleId} is deleted.`);
      }),
    );
}

function print(schedule: Schedule, cli: Cli): void {
  cli.recent().remember([schedule.scheduleId]);
  cli.output.answer(schedule, {
    text: ({ name, scheduleId, active, next }) => [
      `${name} (${scheduleId}) is ${active ? 'active' : 'paused'}.`,
      ...(next[0] ? [`Next: ${next.slice(0, 3).map(localTime).join(', ')}`] : []),
    ],
    ids: ({ scheduleId }) => [scheduleId],
  });
}
