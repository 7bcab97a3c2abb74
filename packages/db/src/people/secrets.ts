import { randomBytes } from 'node:crypto';
import { keyHashes } from '../api-keys/verify.ts';
import type { Vault } from '../vault/vault.ts';

type Purpose = 'console session' | 'console page' | 'console link' | 'console login';

/** A secret of 256 bits in base64url. */
export const makeSecret = (): string => randomBytes(32).toString('base64url');

export const isWellFormedSecret = (text: string): boolean => /^[\w-]{43}$/.test(text);

/** HMACs of a secret under each master key; the first is that of the sealing key. A fast hash is safe because secrets are random. */
export const secretHmacs = (vault: Vault, purpose: Purpose, secret: string): Buffer[] =>
  keyHashes(vault.keysFor(purpose), secret);
