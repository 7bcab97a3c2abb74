import type { MatchingDecision, MatchingResult } from '@errand/contracts';
import type { Cli } from '../../cli/cli.ts';
import { type ExitCode, exitCodes } from '../../outcome/exit-codes.ts';
import { usageFailure } from '../../outcome/failure.ts';
import { findIntegration } from '../../service/find-integration.ts';
import { counted } from '../../terminal/counted.ts';
import type { AddCommand } from '../command.ts';
import { choice, wholeNumber } from '../options.ts';
import { DECISIONS } from './resolve.ts';

type Decision = (typeof DECISIONS)[number];
type DecideFlags = { run?: string; user?: string; integration?: string; message?: string; yes?: number };
type Matching = Pick<MatchingDecision, 'filter' | 'decision' | 'reason'>;

export const addDecideMatching: AddCommand = (group, cli) => {
  group
    .command('decide')
    .summary('decide all uncertain calls that match, such as those after a restore')
    .description(
      'Counts the uncertain calls that match, asks you to confirm their number, and decides each as errand resolve does.',
    )
    .argument('<decision>', DECISIONS.join(', '), choice('The decision', DECISIONS))
    .option('--run <run>', 'those of one run')
    .option('-u, --user <id>', 'those of runs for this user')
    .option('--integration <integration>', 'those of this integration, by its id or name')
    .option('-m, --message <text>', 'why, for the record')
    .option('-y, --yes <count>', 'do not ask: exactly so many must match', wholeNumber('--yes', { min: 0 }))
    .action(cli.action((decision: Decision, flags: DecideFlags) => decideMatching(decision, flags, cli)));
};

async function decideMatching(decision: Decision, flags: DecideFlags, cli: Cli): Promise<ExitCode> {
  const { run, user: userId, integration, message: reason, yes } = flags;
  const filter = {
    kind: ['effect' as const],
    ...(run !== undefined && { runId: cli.recent().resolve(run) }),
    ...(userId !== undefined && { userId }),
    ...(integration !== undefined && {
      customerIntegrationId: (await findIntegration(integration, cli.service())).customerIntegrationId,
    }),
  };
  const matching = { filter, decision, ...(reason !== undefined && { reason }) };
  const counts = yes === undefined ? await askForCount(matching, cli) : { remaining: yes };
  if (counts === undefined) {
    cli.output.say('Nothing was decided.');
    return exitCodes.success;
  }
  const total = await decideAll(matching, counts, cli);
  cli.output.answer(total, {
    text: ({ decided, skipped }) => [
      `Decided ${counted(decided, 'uncertain call')}.`,
      ...Object.entries(skipped).map(([code, count]) => `Skipped ${count}: ${code}.`),
    ],
  });
  return Object.keys(total.skipped).length > 0 ? exitCodes.error : exitCodes.success;
}

const send = async (matching: MatchingDecision, cli: Cli): Promise<MatchingResult> =>
  (await cli.service().client.pending.decide.mutate({ matching })).matching!;

/** @returns undefined if there are none, or the person says no */
async function askForCount(matching: Matching, cli: Cli): Promise<MatchingResult | undefined> {
  const counts = await send(matching, cli);
  if (counts.matched === 0) return undefined;
  const number = counted(counts.matched, 'uncertain call');
  if (!cli.terminal.isInteractive)
    throw usageFailure(
      `There is no terminal to confirm ${number}.`,
      `Repeat the command with --yes ${counts.matched}.`,
    );
  const question = `${number} match. Decide all ${counts.matched}: ${matching.decision}?`;
  return (await cli.ask.confirm(question)) ? counts : undefined;
}

type Counts = Pick<MatchingResult, 'remaining' | 'newest'>;

/** Sends requests until all are decided or skipped. */
async function decideAll(matching: Matching, { remaining, newest }: Counts, cli: Cli) {
  const total: Pick<MatchingResult, 'decided' | 'skipped'> = { decided: 0, skipped: {} };
  for (let next: Counts | undefined = { remaining, newest }; next; ) {
    const part = await send({ ...matching, expectedCount: next.remaining, newest: next.newest }, cli);
    total.decided += part.decided;
    for (const [code, count] of Object.entries(part.skipped)) total.skipped[code] = (total.skipped[code] ?? 0) + count;
    next = part.newest === undefined ? undefined : part;
    if (next) cli.output.say(`Decided ${total.decided}; ${next.remaining} follow.`);
  }
  return total;
}
