// Creates a workspace: node apps/server/dist/workspace.js create NAME [--link] [--key]
// --link invites its first administrator; --key prints a first API key with all scopes.
import { parseArgs } from 'node:util';
import { system } from '@errand/contracts';
import { runCommand } from './start/run-command.ts';

const { values, positionals } = parseArgs({
  allowPositionals: true,
  options: { link: { type: 'boolean' }, key: { type: 'boolean' } },
});
const [command, name] = positionals;
if (command !== 'create' || !name || name.length > 100) {
  console.error('Usage: workspace.js create NAME [--link] [--key]. A name has at most 100 characters.');
  process.exitCode = 2;
} else {
  await runCommand(async (db, address) => {
    const first = { withKey: values.key ?? false, ...(values.link && { administrator: 'Administrator' }) };
    const workspace = await db.instanceWorkspaces.create(name, system, first);
    if (typeof workspace === 'string') throw new Error(`There is a workspace "${name}" already. Choose another name.`);
    const { workspaceId, key, invitation } = workspace;
    console.log(`Created the workspace "${name}" (${workspaceId}).`);
    if (invitation)
      console.log(
        `\nIts first administrator signs in with this link, once, within seven days:\n\n  ${address}/console/#${invitation.token}`,
      );
    if (key) console.log(`\nIts API key with all scopes is shown this once:\n\n  ${key}`);
  });
}
