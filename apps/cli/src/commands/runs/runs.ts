import type { Run } from '@errand/contracts';
import { runStatusLabels } from '@errand/contracts/labels';
import type { Cli } from '../../cli/cli.ts';
import { findIntegration } from '../../service/find-integration.ts';
import { readItems } from '../../service/read-items.ts';
import { runMark, runPaint } from '../../terminal/marks.ts';
import { type Column, table } from '../../terminal/table.ts';
import { ago, duration } from '../../terminal/times.ts';
import type { View } from '../../terminal/view.ts';
import type { AddCommand } from '../command.ts';
import { idIn } from '../ids.ts';
import { choice, moment, wholeNumber } from '../options.ts';

const statuses = Object.keys(runStatusLabels) as [Run['status'], ...Run['status'][]];

type RunsFlags = {
  status?: Run['status'][];
  user?: string;
  integration?: string;
  since?: string;
  text?: string;
  waiting?: boolean;
  limit: number;
};

export const addRuns: AddCommand = (program, cli) => {
  const status = choice('--status', statuses);
  program
    .command('runs')
    .description('list runs, newest first')
    .option('-s, --status <status>', `a status, e.g. failed; may be repeated`, (text, list: Run['status'][] = []) => [
      ...list,
      status(text),
    ])
    .option('-u, --user <id>', 'runs of this user')
    .option('-i, --integration <id|name>', 'runs that used this integration')
    .option('--since <time>', 'runs since 24h, 7d, or a time', moment('--since'))
    .option('--text <words>', 'runs with these words in the intent, result or error')
    .option('--waiting', 'runs that wait for a person')
    .option('-n, --limit <runs>', 'the most runs', wholeNumber('--limit', { max: 1000 }), 20)
    .action(cli.action((flags: RunsFlags) => listRuns(flags, cli)));
};

async function listRuns(flags: RunsFlags, cli: Cli): Promise<void> {
  const service = cli.service();
  const integration = flags.integration === undefined ? undefined : await findIntegration(flags.integration, service);
  const filter = {
    ...(flags.status && { status: flags.status }),
    ...(flags.user !== undefined && { userId: flags.user }),
    ...(integration && { customerIntegrationIds: [integration.customerIntegrationId] }),
    ...(flags.since && { createdAfter: flags.since }),
    ...(flags.text !== undefined && { q: flags.text }),
    ...(flags.waiting && { waiting: true }),
  };
  const runs = await readItems(
    ({ pageSize, cursor }) =>
      service.client.runs.list.query({
        ...filter,
        pageSize: Math.min(pageSize, flags.limit),
        cursor,
        includeEvents: false,
      }),
    flags.limit,
  );
  cli.recent().remember(runs.map(({ runId }) => runId));
  cli.output.answer(
    { runs },
    {
      text: (answer, view) => (answer.runs.length === 0 ? [] : table(answer.runs, runColumns(view), view)),
      ids: (answer) => answer.runs.map(({ runId }) => runId),
      items: (answer) => answer.runs,
    },
  );
  if (runs.length === 0) cli.output.say('There are no such runs.');
}

function runColumns(view: View): Column<Run>[] {
  const id = idIn(view);
  return [
    { title: 'run', text: ({ runId }) => id(runId) },
    {
      title: 'status',
      text: ({ status }) => `${runMark(status)} ${runStatusLabels[status] ?? status}`,
      paint: ({ status }) => runPaint(status, view),
    },
    { title: 'intent', text: ({ intent }) => intent, shrinksTo: 16 },
    { title: 'user', text: ({ userId }) => userId, shrinksTo: 6 },
    {
      title: 'steps',
      text: ({ progress }) => progress && `${progress.done}/${progress.total}`,
      align: 'right',
      isExtra: true,
    },
    {
      title: 'took',
      text: ({ createdAt, endedAt }) => endedAt && duration(Date.parse(endedAt) - Date.parse(createdAt)),
      align: 'right',
      isExtra: true,
    },
    { title: 'created', text: ({ createdAt }) => ago(createdAt, view.now), align: 'right' },
  ];
}
