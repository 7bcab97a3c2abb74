import { createCipheriv, createDecipheriv, randomBytes, scrypt } from 'node:crypto';
import { ExplainedError } from '@errand/basics/explained-error';

/** 128 MiB and about half a second for each guess. */
const COST = { N: 2 ** 17, r: 8, p: 1 };
const MAX_MEMORY = 2 ** 28;
/** Fewer characters can be guessed. */
export const MIN_PASSPHRASE = 12;

/** Master keys under a passphrase: scrypt and AES-256-GCM, bound to the backup. */
export type SealedKeys = {
  kdf: 'scrypt';
  N: number;
  r: number;
  p: number;
  salt: string;
  iv: string;
  sealed: string;
  tag: string;
};

/** @throws ExplainedError if the passphrase is too short */
export async function sealKeys(masterKeys: string, passphrase: string, backupId: string): Promise<SealedKeys> {
  if (passphrase.length < MIN_PASSPHRASE)
    throw new ExplainedError(`The passphrase is shorter than ${MIN_PASSPHRASE} characters. Choose a longer one.`);
  const salt = randomBytes(16);
  const iv = randomBytes(12);
  const key = await derive(passphrase, salt, COST);
  const cipher = createCipheriv('aes-256-gcm', key, iv).setAAD(Buffer.from(backupId));
  const sealed = Buffer.concat([cipher.update(masterKeys, 'utf8'), cipher.final()]);
  const text = (bytes: Buffer) => bytes.toString('base64');
  return {
    kdf: 'scrypt',
    ...COST,
    salt: text(salt),
    iv: text(iv),
    sealed: text(sealed),
    tag: text(cipher.getAuthTag()),
  };
}

/** @throws ExplainedError if the passphrase is wrong, or the keys were changed */
export async function openKeys(keys: SealedKeys, passphrase: string, backupId: string): Promise<string> {
  const bytes = (text: string) => Buffer.from(text, 'base64');
  // The file chooses the cost, so it is bounded.
  if (keys.kdf !== 'scrypt' || keys.N > COST.N || keys.r > COST.r || keys.p > COST.p)
    throw new ExplainedError(
      'The master keys of this backup are sealed in an unknown way. Use the version of Errand that made it.',
    );
  const key = await derive(passphrase, bytes(keys.salt), keys);
  try {
    const decipher = createDecipheriv('aes-256-gcm', key, bytes(keys.iv), { authTagLength: 16 });
    decipher.setAAD(Buffer.from(backupId)).setAuthTag(bytes(keys.tag));
    return Buffer.concat([decipher.update(bytes(keys.sealed)), decipher.final()]).toString('utf8');
  } catch (cause) {
    throw new ExplainedError(
      'The passphrase does not open the master keys of this backup. Enter the one with which it was made.',
      { cause },
    );
  }
}

const derive = (passphrase: string, salt: Buffer, { N, r, p }: typeof COST): Promise<Buffer> =>
  new Promise((resolve, reject) =>
    scrypt(passphrase.normalize('NFKC'), salt, 32, { N, r, p, maxmem: MAX_MEMORY }, (error, key) =>
      error ? reject(error) : resolve(key),
    ),
  );
