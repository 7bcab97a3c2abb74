// Keys of the platform that embeds Errand: node apps/server/dist/platform-key.js create NAME | list | rotate ID [SECONDS] | revoke ID
import { managePlatformKeys, readPlatformKeyCommand } from './start/platform-keys.ts';
import { runCommand } from './start/run-command.ts';

const command = readPlatformKeyCommand(process.argv.slice(2));
if (command === undefined) {
  console.error('Usage: platform-key.js create NAME | list | rotate ID [SECONDS] | revoke ID');
  process.exitCode = 2;
} else {
  await runCommand(async (db) => console.log(await managePlatformKeys(db, command)));
}
