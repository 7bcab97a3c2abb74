import { readServiceSettings } from '../../environment/service-settings.ts';
import { Failure } from '../../outcome/failure.ts';
import type { AddCommand } from '../command.ts';
import { checkUrls } from './location.ts';

type Cli = Parameters<AddCommand>[1];

export const addMigrate: AddCommand = (program, cli) => {
  program
    .command('migrate')
    .description('apply the migrations of this version to your Postgres, and end; no service starts')
    .action(cli.action(() => migrateDatabase(cli)));
};

async function migrateDatabase({ output }: Cli): Promise<void> {
  const settings = readServiceSettings(output.say);
  const { ownerDatabaseUrl, databaseUrl } = settings;
  const url = ownerDatabaseUrl ?? databaseUrl;
  if (url === undefined)
    throw new Failure('DATABASE_URL is not set.', {
      remedy:
        'Set DATABASE_URL, or ERRAND_OWNER_DATABASE_URL to the login that owns the tables. errand up migrates the embedded Postgres itself.',
    });
  checkUrls(settings);
  const { migrate, migrateOrCheck } = await import('@errand/db/backup');
  const applied = ownerDatabaseUrl ? await migrate(url, settings) : await migrateOrCheck(url, settings);
  output.answer({ applied }, { text: () => (applied.length > 0 ? applied : ['Nothing to apply.']) });
}
