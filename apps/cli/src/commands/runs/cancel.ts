import { runStatusLabels } from '@errand/contracts/labels';
import type { Cli } from '../../cli/cli.ts';
import { type ExitCode, exitCodes } from '../../outcome/exit-codes.ts';
import type { AddCommand } from '../command.ts';

export const addCancel: AddCommand = (program, cli) => {
  program
    .command('cancel')
    .description('cancel runs that have not ended')
    .argument('<run...>', 'their ids, parts of them, or @last')
    .action(cli.action((ids: string[]) => cancel(ids, cli)));
};

async function cancel(texts: readonly string[], cli: Cli): Promise<ExitCode> {
  const recent = cli.recent();
  const runIds = texts.map((text) => recent.resolve(text));
  const answer = await cli.service().client.runs.cancelMany.mutate({ runIds });
  recent.remember(runIds);
  cli.output.answer(answer, {
    text: ({ results }) =>
      results.map(({ runId, run, error }) =>
        error
          ? `${runId}  ${error.detail ?? error.title} (${error.code})`
          : `${runId}  ${run ? runStatusLabels[run.status] : 'canceled'}`,
      ),
    ids: ({ results }) => results.filter(({ error }) => !error).map(({ runId }) => runId),
    items: ({ results }) => results,
  });
  return answer.results.some(({ error }) => error) ? exitCodes.error : exitCodes.success;
}
