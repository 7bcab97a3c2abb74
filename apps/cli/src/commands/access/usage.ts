import type { UsageReport } from '@errand/contracts';
import type { Cli } from '../../cli/cli.ts';
import { type Column, table } from '../../terminal/table.ts';
import { duration } from '../../terminal/times.ts';
import type { View } from '../../terminal/view.ts';
import type { AddCommand } from '../command.ts';
import { choice } from '../options.ts';

const KEYS = ['day', 'status', 'integration', 'tool', 'user', 'requester', 'request'] as const;
type UsageFlags = { by: (typeof KEYS)[number]; from?: string; to?: string };
type Row = UsageReport['rows'][number];

export const addUsage: AddCommand = (program, cli) => {
  program
    .command('usage')
    .description('show totals of ended runs')
    .option('--by <key>', KEYS.join(', '), choice('--by', KEYS), 'day')
    .option('--from <day>', 'the first day (UTC), e.g. 2026-01-01; 29 days before the last by default')
    .option('--to <day>', 'the last day, included; today by default')
    .action(cli.action((flags: UsageFlags) => usage(flags, cli)));
};

async function usage({ by, from, to }: UsageFlags, cli: Cli): Promise<void> {
  const report = await cli.service().client.usage.get.query({ by, ...(from && { from }), ...(to && { to }) });
  cli.output.answer(report, {
    text: (shown, view) => {
      const total = shown.total ? [{ key: 'total', ...shown.total }] : [];
      return shown.rows.length === 0 ? [] : table<Row>([...shown.rows, ...total], columnsOf(by, view), view);
    },
    items: ({ rows }) => rows,
  });
  if (report.rows.length === 0) cli.output.say(`No run ended from ${report.from} to ${report.to}.`);
}

const time = (ms: number | undefined): string | undefined => (ms === undefined ? undefined : duration(ms));

const columnsOf = (by: string, view: View): Column<Row>[] => [
  {
    title: by,
    text: ({ key, requester }) => requester?.label ?? key,
    shrinksTo: 10,
    paint: ({ key }) => (key === 'total' ? view.colors.bold : String),
  },
  { title: 'runs', text: ({ runs }) => runs, align: 'right' },
  { title: 'success', text: ({ succeeded }) => succeeded, align: 'right' },
  {
    title: 'failed',
    text: ({ failed }) => failed,
    align: 'right',
    paint: ({ failed }) => (failed > 0 ? view.colors.red : String),
  },
  { title: 'calls', text: ({ calls }) => calls, align: 'right' },
  { title: 'errors', text: ({ callErrors }) => callErrors, align: 'right' },
  { title: 'tokens', text: ({ tokens }) => tokens || undefined, align: 'right' },
  { title: 'cost', text: ({ cost }) => cost && `${cost.amount} ${cost.currency}`, align: 'right' },
  { title: 'p50', text: ({ p50Ms }) => time(p50Ms), align: 'right' },
  { title: 'p95', text: ({ p95Ms }) => time(p95Ms), align: 'right' },
];
