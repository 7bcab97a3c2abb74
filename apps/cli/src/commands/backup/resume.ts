import { readServiceSettings } from '../../environment/service-settings.ts';
import type { AddCommand } from '../command.ts';
import { dataOption, locationOf } from './location.ts';

type Cli = Parameters<AddCommand>[1];

export const addResume: AddCommand = (program, cli) => {
  program
    .command('resume')
    .description('let a restored service work again; stop the original first')
    .option(...dataOption)
    .action(cli.action(({ data }: { data?: string }) => resume(cli, data)));
};

async function resume({ output }: Cli, folder: string | undefined): Promise<void> {
  const [{ withServer }, { resumeRestored }] = await Promise.all([
    import('@errand/db/embedded'),
    import('@errand/db/backup'),
  ]);
  const hold = await withServer(locationOf(readServiceSettings(output.say), folder), ({ url }) => resumeRestored(url));
  output.answer(hold ? { resumed: true, ...hold } : { resumed: false }, {
    text: () => [
      hold
        ? `Resumed: the database of the backup of ${hold.takenAt.toISOString()} works again.`
        : 'The database is not held: there is nothing to resume.',
    ],
  });
}
