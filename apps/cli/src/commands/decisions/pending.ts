import type { PendingEntry } from '@errand/contracts';
import { requestKindLabels } from '@errand/contracts/labels';
import type { Cli } from '../../cli/cli.ts';
import { idOfEntry } from '../../decisions/entry.ts';
import { entryLines, sentenceOf } from '../../decisions/entry-lines.ts';
import { readItems } from '../../service/read-items.ts';
import { type Column, table } from '../../terminal/table.ts';
import { ago } from '../../terminal/times.ts';
import type { View } from '../../terminal/view.ts';
import type { AddCommand } from '../command.ts';
import { idIn } from '../ids.ts';
import { choice, wholeNumber } from '../options.ts';
import { addDecideMatching } from './decide-matching.ts';

const kinds = Object.keys(requestKindLabels) as [PendingEntry['kind'], ...PendingEntry['kind'][]];

type PendingFlags = {
  run?: string;
  user?: string;
  kind?: PendingEntry['kind'];
  text?: string;
  full?: boolean;
  limit: number;
};

export const addPending: AddCommand = (program, cli) => {
  const group = program.command('pending').description('open requests to people');
  group
    .command('list', { isDefault: true })
    .description('list the open requests to people')
    .option('--run <run>', 'those of one run')
    .option('-u, --user <id>', 'those of runs for this user')
    .option('--kind <kind>', `one of ${kinds.join(', ')}`, choice('--kind', kinds))
    .option('--text <words>', 'those with this text in the request or the intent')
    .option('--full', 'show everything that is needed to decide')
    .option('-n, --limit <requests>', 'the most requests', wholeNumber('--limit', { max: 1000 }), 50)
    .action(cli.action((flags: PendingFlags) => listPending(flags, cli)));
  addDecideMatching(group, cli);
};

async function listPending({ limit, ...flags }: PendingFlags, cli: Cli): Promise<void> {
  const { client } = cli.service();
  const filter = {
    ...(flags.run !== undefined && { runId: cli.recent().resolve(flags.run) }),
    ...(flags.user !== undefined && { userId: flags.user }),
    ...(flags.kind && { kind: [flags.kind] }),
    ...(flags.text !== undefined && { q: flags.text }),
  };
  const pending = await readItems((page) => client.pending.list.query({ ...filter, ...page }), limit);
  cli.recent().remember(pending.flatMap((entry) => [idOfEntry(entry), entry.runId]));
  cli.output.answer(
    { pending },
    {
      text: (answer, view) =>
        flags.full
          ? answer.pending.flatMap((entry, i) => [...(i > 0 ? [''] : []), ...entryLines(entry, view)])
          : answer.pending.length === 0
            ? []
            : table(answer.pending, columnsOf(view), view),
      ids: (answer) => answer.pending.map(idOfEntry),
      items: (answer) => answer.pending,
    },
  );
  if (pending.length === 0) cli.output.say('Nothing waits for a person.');
}

function columnsOf(view: View): Column<PendingEntry>[] {
  const id = idIn(view);
  return [
    { title: 'request', text: (entry) => id(idOfEntry(entry)) },
    { title: 'kind', text: ({ kind }) => requestKindLabels[kind], paint: () => view.colors.yellow },
    { title: 'subject', text: sentenceOf, shrinksTo: 20 },
    { title: 'user', text: ({ userId }) => userId, shrinksTo: 6 },
    { title: 'run', text: ({ runId }) => id(runId), isExtra: true },
    { title: 'expires', text: ({ expiresAt }) => expiresAt && ago(expiresAt, view.now), align: 'right' },
  ];
}
