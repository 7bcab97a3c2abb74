import type { ExecutionPlan, Run } from '@errand/contracts';
import { approvalStrategyLabels, phaseLabels, requestKindLabels, runStatusLabels } from '@errand/contracts/labels';
import type { Cli } from '../../cli/cli.ts';
import { commandsFor } from '../../decisions/entry.ts';
import { eventLines } from '../../follow/event-lines.ts';
import { counted } from '../../terminal/counted.ts';
import { fields } from '../../terminal/fields.ts';
import { runMark, runPaint } from '../../terminal/marks.ts';
import { duration, localTime } from '../../terminal/times.ts';
import { valueLines } from '../../terminal/value.ts';
import type { View } from '../../terminal/view.ts';
import { oneLine } from '../../terminal/visible.ts';
import { indented, wrap } from '../../terminal/width.ts';
import type { AddCommand } from '../command.ts';

const MAX_LINES = 500;

type ShowFlags = { calls?: boolean };
type RunAndPlan = { run: Run; plan: ExecutionPlan };

export const addShow: AddCommand = (program, cli) => {
  program
    .command('show')
    .description('show a run: its plan, its steps, and its result')
    .argument('<run>', 'its id, a part of it, or @last')
    .option('--calls', 'with --json: the calls of each step')
    .action(cli.action((id: string, flags: ShowFlags) => show(id, flags, cli)));
};

async function show(text: string, { calls }: ShowFlags, cli: Cli): Promise<void> {
  const { client } = cli.service();
  const runId = cli.recent().resolve(text);
  const run = await client.runs.get.query({ runId, includeEvents: true, includeToolCalls: calls ?? false });
  const plan = await client.executionPlans.get.query({ executionPlanId: run.executionPlanId });
  cli.recent().remember([], runId);
  cli.output.answer({ run, plan } as RunAndPlan, { text: showLines, ids: (shown) => [shown.run.runId] });
}

function showLines({ run, plan }: RunAndPlan, view: View): string[] {
  const paint = runPaint(run.status, view);
  const steps = run.events.flatMap((event) => eventLines(event, view));
  return [
    ...wrap(view.colors.bold(oneLine(run.intent)), view.width),
    paint(`${runMark(run.status)} ${runStatusLabels[run.status]}`),
    '',
    ...fields(
      [
        ['run', run.runId],
        ['user', run.userId],
        ['context', oneLine(run.context)],
        ['by', run.requestedBy?.label],
        ['approval', approvalStrategyLabels[run.approvalStrategy]?.label.toLowerCase()],
        ['plan', planText(plan)],
        ['created', localTime(run.createdAt)],
        ['ended', run.endedAt && localTime(run.endedAt)],
        ['time', phasesText(run)],
        [
          'used',
          `${counted(run.usage.toolCalls, 'call')}${run.usage.inputTokens > 0 ? `, ${run.usage.inputTokens + run.usage.outputTokens} tokens` : ''}`,
        ],
        [
          'metadata',
          Object.entries(run.metadata)
            .map(([key, value]) => `${key}=${value}`)
            .join(' '),
        ],
      ],
      view,
    ),
    ...(steps.length > 0 ? ['', ...steps.slice(0, MAX_LINES)] : []),
    ...(run.eventsTruncated || steps.length > MAX_LINES
      ? [view.colors.dim('  … more events: errand api runs.events')]
      : []),
    ...run.waitingOn.flatMap((request) => [
      '',
      ...wrap(
        view.colors.yellow(`Waits for a person (${requestKindLabels[request.kind]}): ${oneLine(request.text)}`),
        view.width,
      ),
      ...commandsFor({ ...request, userId: run.userId }).flatMap((command) => indented(command, view.width)),
    ]),
    ...outcomeLines(run, view),
  ];
}

function outcomeLines({ summary, result, error, outputsRemovedAt }: Run, view: View): string[] {
  if (error) return ['', ...wrap(view.colors.red(`${oneLine(error.message)} (${error.code})`), view.width)];
  if (outputsRemovedAt)
    return ['', `The result was removed on ${localTime(outputsRemovedAt)}, after its retention period.`];
  return [
    ...(summary ? ['', ...wrap(oneLine(summary), view.width)] : []),
    ...(result === undefined ? [] : ['', ...valueLines(result, view)]),
  ];
}

function planText(plan: ExecutionPlan): string {
  if (plan.planType === 'text') return plan.plan;
  const by = plan.madeBy ? `, ${plan.madeBy.model ?? plan.madeBy.kind}` : '';
  return `${oneLine(plan.plan.goal)} (${counted(plan.plan.steps.length, 'step')}${by})`;
}

const phasesText = ({ phases }: Run): string | undefined =>
  phases &&
  Object.entries(phaseLabels)
    .flatMap(([name, label]) => {
      const ms = phases[name as keyof typeof phases];
      return ms ? [`${label} ${duration(ms)}`] : [];
    })
    .join(', ');
