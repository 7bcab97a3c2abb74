// Keys of the platform that embeds Errand: node apps/server/dist/platform-key.js create NAME | list | rotate ID [SECONDS] | revoke ID
import type { PlatformKeyInfo } from '@errand/db';
import { runCommand } from './start/run-command.ts';

const USAGE = 'Usage: platform-key.js create NAME | list | rotate ID [SECONDS] | revoke ID';
/** For which a rotated key stays valid. */
const OVERLAP_SECONDS = 86_400;

const [command, text, seconds = String(OVERLAP_SECONDS)] = process.argv.slice(2);
const isKnown = command === 'list' || (['create', 'rotate', 'revoke'].includes(command ?? '') && text);
if (!isKnown || !/^\d{1,7}$/.test(seconds)) {
  console.error(USAGE);
  process.exitCode = 2;
} else {
  await runCommand(async ({ platformKeys }) => {
    if (command === 'list') return list(await platformKeys.list());
    const show = ({ platformKeyId, key }: { platformKeyId: string; key: string }) =>
      console.log(`The id of the key is ${platformKeyId}. The key is shown this once:\n\n  ${key}\n`);
    const noSuchKey = () => new Error(`There is no valid platform key ${text}. "list" shows all.`);
    if (command === 'create') return show(await platformKeys.create(text!));
    const keys = await platformKeys.list();
    const old = keys.find(({ platformKeyId }) => platformKeyId === text);
    if (!old || !(await platformKeys.expire(old.platformKeyId, command === 'rotate' ? Number(seconds) : 0)))
      throw noSuchKey();
    if (command === 'rotate') show(await platformKeys.create(old.name));
    else console.log('The key is revoked.');
  });
}

function list(keys: readonly PlatformKeyInfo[]): void {
  for (const { platformKeyId, name, last4, createdAt, revokedAt, expiresAt } of keys) {
    const expiry = expiresAt ? `expires ${expiresAt.toISOString()}` : 'valid';
    const end = revokedAt ? `revoked ${revokedAt.toISOString()}` : expiry;
    console.log(`${platformKeyId}  …${last4}  ${name}  created ${createdAt.toISOString()}  ${end}`);
  }
  if (keys.length === 0) console.log('There are no platform keys.');
}
