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

async function migrateDatabase({ env, output }: Cli): Promise<void> {
  const url = env.ownerDatabaseUrl ?? env.databaseUrl;
  if (url === undefined)
    throw new Failure('DATABASE_URL is not set.', {
      remedy:
        'Set DATABASE_URL, or ERRAND_OWNER_DATABASE_URL to the login that owns the tables. errand up migrates the embedded Postgres itself.',
    });
  checkUrls(env);
  const { migrate, migrateOrCheck } = await import('@errand/db/backup');
  const { mayShare } = env;
  const applied = env.ownerDatabaseUrl ? await migrate(url, { mayShare }) : await migrateOrCheck(url, mayShare);
  output.answer({ applied }, { text: () => (applied.length > 0 ? applied : ['Nothing to apply.']) });
}
