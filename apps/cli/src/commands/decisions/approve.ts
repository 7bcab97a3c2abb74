import type { Approval } from '@errand/contracts';
import type { Cli } from '../../cli/cli.ts';
import { type Args, editArgs, withArgs } from '../../decisions/edit-args.ts';
import { idOfEntry } from '../../decisions/entry.ts';
import { entryLines } from '../../decisions/entry-lines.ts';
import { findEntry } from '../../decisions/find-entry.ts';
import { usageFailure } from '../../outcome/failure.ts';
import type { AddCommand } from '../command.ts';
import { collect, moment } from '../options.ts';

type ApproveFlags = { args?: string[]; edit?: boolean; always?: boolean; until?: string; message?: string };

const KINDS = ['plan', 'call'] as const;
const ID = 'its id, a part of it, or that of its run; @last';

export const addApprove: AddCommand = (program, cli) => {
  program
    .command('approve')
    .summary('approve a plan or a call')
    .description('Approves the open request with this id, or the only one of the run with this id.')
    .argument('[request]', ID, '@last')
    .option('--args <name=value>', 'change an argument, e.g. body.amount=100; may be repeated', collect)
    .option('--edit', 'change the arguments in your editor')
    .option('--always', 'also allow the same call in the future, for 30 days')
    .option('--until <time>', 'with --always: until this time', moment('--until'))
    .option('-m, --message <text>', 'why, for the record')
    .action(cli.action((id: string, flags: ApproveFlags) => approve(id, flags, cli)));
};

export const addDeny: AddCommand = (program, cli) => {
  program
    .command('deny')
    .description('deny a plan or a call')
    .argument('[request]', ID, '@last')
    .option('-m, --message <text>', 'why, for the record and for the planner')
    .action(
      cli.action(async (id: string, { message }: { message?: string }) => {
        const entry = await findEntry(id, KINDS, cli);
        const approval = await cli.service().client.approvals.decide.mutate({
          approvalId: idOfEntry(entry),
          decision: 'deny',
          ...(message !== undefined && { reason: message }),
        });
        print(approval, cli);
      }),
    );
};

async function approve(id: string, flags: ApproveFlags, cli: Cli): Promise<void> {
  const entry = await findEntry(id, KINDS, cli);
  if (cli.output.mode === 'text') cli.output.show(entry, entryLines);
  const args = await changedArgs(entry.args, flags, cli);
  const approval = await cli.service().client.approvals.decide.mutate({
    approvalId: idOfEntry(entry),
    decision: 'approve',
    ...(args && { args: args as never }),
    ...(flags.message !== undefined && { reason: flags.message }),
    ...((flags.always || flags.until) && { always: flags.until ? { until: flags.until } : {} }),
  });
  print(approval, cli);
}

async function changedArgs(args: unknown, flags: ApproveFlags, cli: Cli): Promise<Args | undefined> {
  const changed = flags.args && withArgs(args, flags.args);
  if (!flags.edit) return changed;
  if (!cli.terminal.isInteractive) throw usageFailure('--edit needs a terminal.', 'Use --args instead.');
  return (await editArgs(changed ?? args, cli.env)) ?? changed;
}

function print(approval: Approval, cli: Cli): void {
  cli.recent().remember([approval.approvalId, approval.runId]);
  cli.output.answer(approval, {
    text: ({ decision, approvalRuleId }) => [
      decision === 'approve' ? 'Approved.' : 'Denied.',
      ...(approvalRuleId ? [`The rule ${approvalRuleId} allows it from now on.`] : []),
    ],
    ids: ({ approvalId }) => [approvalId],
  });
}
