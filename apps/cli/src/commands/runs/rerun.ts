import type { ApprovalStrategy } from '@errand/contracts';
import { effectLabels } from '@errand/contracts/labels';
import type { Cli } from '../../cli/cli.ts';
import { type ExitCode, exitCodes } from '../../outcome/exit-codes.ts';
import { usageFailure } from '../../outcome/failure.ts';
import { oneLine } from '../../terminal/visible.ts';
import type { AddCommand } from '../command.ts';
import { choice, wholeNumber } from '../options.ts';
import { type FollowFlags, followCreated, strategies } from './run.ts';

type RerunFlags = FollowFlags & {
  from?: string;
  newPlan?: boolean;
  intent?: string;
  context?: string;
  approve?: ApprovalStrategy;
  preview?: boolean;
};

export const addRerun: AddCommand = (program, cli) => {
  program
    .command('rerun')
    .summary('run an errand again')
    .description(
      'Creates a new run of an earlier one, with its plan or a new one. It repeats the writes of the earlier one.',
    )
    .argument('[run]', 'its id, a part of it, or @last', '@last')
    .option('--from <step>', 'this step and those that need it run again; the others keep their outputs')
    .option('--new-plan', 'plan again')
    .option('--intent <text>', 'another goal, with --new-plan')
    .option('--context <text>', 'another context')
    .option('--approve <when>', 'none, on-start, on-write or on-tool-call', choice('--approve', strategies))
    .option('--preview', 'with --from: show the steps that would run, and create nothing')
    .option('-f, --follow', 'show each step until the end; decide requests here')
    .option('--wait <seconds>', 'wait for the end at most so long', wholeNumber('--wait', { max: 86_400 }))
    .option('--no-wait', 'with --follow: end with code 7 once the run waits for a person')
    .action(cli.action((id: string, flags: RerunFlags) => rerun(id, flags, cli)));
};

async function rerun(text: string, flags: RerunFlags, cli: Cli): Promise<ExitCode> {
  const { client } = cli.service();
  const runId = cli.recent().resolve(text);
  if (flags.preview) return preview(runId, flags.from, cli);
  const created = await client.runs.rerun.mutate({
    runId,
    mode: flags.newPlan ? 'new_plan' : 'same_plan',
    ...(flags.from !== undefined && { from: flags.from }),
    ...(flags.intent !== undefined && { intent: flags.intent }),
    ...(flags.context !== undefined && { context: flags.context }),
    ...(flags.approve && { approvalStrategy: flags.approve }),
  });
  return followCreated(created, flags, cli);
}

async function preview(runId: string, from: string | undefined, cli: Cli): Promise<ExitCode> {
  const { client } = cli.service();
  if (from === undefined) {
    throw usageFailure('--preview shows a rerun from a step.', 'Give the step with --from.');
  }
  const answer = await client.runs.previewRerun.query({ runId, from });
  cli.output.answer(answer, {
    text: ({ takenOver, runsAgain }) => [
      ...takenOver.map(({ title }) => `keeps       ${oneLine(title)}`),
      ...runsAgain.map(({ title, effect }) => `runs again  ${oneLine(title)} (${effectLabels[effect]})`),
    ],
  });
  return exitCodes.success;
}
