// Prints a link that signs in once, within ten minutes: node apps/server/dist/login-link.js [--person NAME] [--operator]
// Without --person it is for the first administrator of the first workspace, who is created if there is none.
import { parseArgs } from 'node:util';
import { system } from '@errand/contracts';
import { createLoginLink } from './start/login.ts';
import { runCommand } from './start/run-command.ts';

const { values } = parseArgs({ options: { person: { type: 'string' }, operator: { type: 'boolean' } } });
await runCommand(async (db, address) => {
  const { person, link } = await createLoginLink(db, system, address, values);
  console.log(`Open this link within ten minutes to sign in as ${person.name}. It works once.\n\n  ${link}\n`);
});
