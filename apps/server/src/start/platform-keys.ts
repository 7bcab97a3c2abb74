import type { Db, PlatformKeyInfo } from '@errand/db';

/** For which a rotated key stays valid. */
const OVERLAP_SECONDS = 86_400;

/** A command of the operator that is well formed. */
export type PlatformKeyCommand = { command: 'create' | 'list' | 'rotate' | 'revoke'; text: string; seconds: number };

/** @returns undefined unless the arguments are `create NAME`, `list`, `rotate ID [SECONDS]` or `revoke ID` */
export function readPlatformKeyCommand(args: readonly string[]): PlatformKeyCommand | undefined {
  const [command, text = '', seconds = String(OVERLAP_SECONDS)] = args;
  const needsText = command === 'create' || command === 'rotate' || command === 'revoke';
  if ((command !== 'list' && !(needsText && text)) || !/^\d{1,7}$/.test(seconds)) return undefined;
  return { command, text, seconds: Number(seconds) };
}

/**
 * Lists, creates, rotates and revokes the keys of the platform.
 * @returns the text to print, with the only copy of a new key
 * @throws Error with instructions if there is no such key
 */
export async function managePlatformKeys(
  { platformKeys }: Pick<Db, 'platformKeys'>,
  { command, text, seconds }: PlatformKeyCommand,
): Promise<string> {
  if (command === 'create') return textOfNewKey(await platformKeys.create(text));
  const keys = await platformKeys.list();
  if (command === 'list') return keys.map(line).join('\n') || 'There are no platform keys.';
  const old = keys.find(({ platformKeyId }) => platformKeyId === text);
  if (!old || !(await platformKeys.expire(old.platformKeyId, command === 'rotate' ? seconds : 0)))
    throw new Error(`There is no valid platform key ${text}. "list" shows all.`);
  return command === 'rotate' ? textOfNewKey(await platformKeys.create(old.name)) : 'The key is revoked.';
}

const textOfNewKey = ({ platformKeyId, key }: { platformKeyId: string; key: string }): string =>
  `The id of the key is ${platformKeyId}. The key is shown this once:\n\n  ${key}\n`;

function line({ platformKeyId, name, last4, createdAt, revokedAt, expiresAt }: PlatformKeyInfo): string {
  const expiry = expiresAt ? `expires ${expiresAt.toISOString()}` : 'valid';
  const end = revokedAt ? `revoked ${revokedAt.toISOString()}` : expiry;
  return `${platformKeyId}  …${last4}  ${name}  created ${createdAt.toISOString()}  ${end}`;
}
