import { readSettings } from '@errand/server/folder-settings';
import { readProcessEnv } from '../environment/config.ts';
import type { UpArguments } from '../up/early/up.mjs';
import { up } from '../up/early/up.mjs';
import type { AddCommand } from './command.ts';

export const addUp: AddCommand = (program, cli) => {
  program
    .command('up')
    .summary('start Errand with a Postgres of its own, and run it until Ctrl-C')
    .description(
      'Starts the service, a Postgres of its own and a demo CRM, and runs them until Ctrl-C. Reads settings from the environment, .env and errand.config.json.',
    )
    .option('--data <folder>', 'the folder of the data; .errand unless set')
    .option('--port <port>', 'the port to listen on; 4000 or the next free one unless set')
    .option('--no-demo', 'start without the demo CRM')
    .option('--without-backup', 'migrate an older database without a backup')
    .option('--open', 'open the console in a browser', false)
    .action(
      cli.action(async (args: UpArguments) => {
        const load = () => import('../up/service/stack.ts');
        // The first errand may still wait for the service that was stopped.
        process.exit(await up({ env: readProcessEnv(), folder: process.cwd(), args, readSettings, load }));
      }),
    );
};
