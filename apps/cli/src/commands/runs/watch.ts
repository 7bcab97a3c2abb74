import type { Cli } from '../../cli/cli.ts';
import { followRun } from '../../follow/follow-run.ts';
import type { ExitCode } from '../../outcome/exit-codes.ts';
import type { AddCommand } from '../command.ts';
import { wholeNumber } from '../options.ts';
import { followOptions } from './run.ts';

type WatchFlags = { timeout?: number; wait: boolean };

export const addWatch: AddCommand = (program, cli) => {
  program
    .command('watch')
    .summary('follow a run to its end')
    .description('Shows each step until the end; requests are decided here. The exit code is that of the end.')
    .argument('[run]', 'its id, a part of it, or @last', '@last')
    .option('--timeout <seconds>', 'end with code 9 after so long', wholeNumber('--timeout', { max: 86_400 }))
    .option('--no-wait', 'end with code 7 once the run waits for a person')
    .action(cli.action((id: string, flags: WatchFlags) => watch(id, flags, cli)));
};

async function watch(text: string, { timeout, wait }: WatchFlags, cli: Cli): Promise<ExitCode> {
  const runId = cli.recent().resolve(text);
  const run = await cli.service().client.runs.get.query({ runId, includeEvents: false });
  cli.recent().remember([], runId);
  const options = followOptions({ follow: true, ...(wait ? {} : { wait: false as const }) }, cli)!;
  return followRun(run, cli, { ...options, ...(timeout !== undefined && { timeoutMs: timeout * 1000 }) });
}
