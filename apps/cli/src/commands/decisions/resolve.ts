import { decisionLabels } from '@errand/contracts/labels';
import type { Cli } from '../../cli/cli.ts';
import { idOfEntry } from '../../decisions/entry.ts';
import { findEntry } from '../../decisions/find-entry.ts';
import type { AddCommand } from '../command.ts';
import { choice, readJson } from '../options.ts';

export const DECISIONS = ['happened', 'retry', 'skip'] as const;
type ResolveFlags = { message?: string; output?: string };

export const addResolve: AddCommand = (program, cli) => {
  program
    .command('resolve')
    .summary('say whether an uncertain call took effect')
    .description(
      'happened: continue as if it had answered. retry: make the call again, with its Idempotency-Key. skip: continue without it.',
    )
    .argument('<request>', 'its id, a part of it, or that of its run; @last')
    .argument('<decision>', DECISIONS.join(', '), choice('The decision', DECISIONS))
    .option('-m, --message <text>', 'why, for the record')
    .option('--output <file>', 'with happened: the lost answer as JSON; - reads stdin')
    .action(
      cli.action((id: string, decision: (typeof DECISIONS)[number], flags: ResolveFlags) =>
        resolve(id, decision, flags, cli),
      ),
    );
};

async function resolve(
  id: string,
  decision: (typeof DECISIONS)[number],
  { message, output }: ResolveFlags,
  cli: Cli,
): Promise<void> {
  const entry = await findEntry(id, ['effect'], cli);
  const resolved = await cli.service().client.effects.resolve.mutate({
    effectId: idOfEntry(entry),
    decision,
    ...(message !== undefined && { reason: message }),
    ...(output !== undefined && { output: (await readJson(output, cli)) as never }),
  });
  cli.recent().remember([resolved.effectId, resolved.runId]);
  cli.output.answer(resolved, {
    text: () => [`Resolved: ${decisionLabels[decision]}.`],
    ids: ({ effectId }) => [effectId],
  });
}
