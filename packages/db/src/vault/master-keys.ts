import { hkdfSync } from 'node:crypto';

export type MasterKey = { readonly id: string; readonly key: Buffer };

/**
 * Parses master keys of the form `id:base64`, 32 bytes each. @throws Error with instructions if a key is malformed or repeated,
 * or none is given
 */
export function parseMasterKeys(written: readonly string[]): readonly [MasterKey, ...MasterKey[]] {
  const keys = written.map((text, index) => {
    const [, id, base64] = /^([A-Za-z0-9_-]{1,32}):([A-Za-z0-9+/]+={0,2})$/.exec(text.trim()) ?? [];
    const key = Buffer.from(base64 ?? '', 'base64');
    if (!id || key.length !== 32)
      throw new Error(
        `master key ${index + 1} is not "id:base64" with 32 bytes; make one with: ` +
          `node -p "'k1:' + crypto.randomBytes(32).toString('base64')"`,
      );
    return { id, key };
  });
  const [first, ...rest] = keys;
  if (!first) throw new Error('no master key is given; credentials cannot be sealed without one');
  if (new Set(keys.map(({ id }) => id)).size < keys.length) throw new Error('two master keys have the same id');
  return [first, ...rest];
}

/** Derives a key for one purpose (HKDF-SHA-256, RFC 5869), so that a leaked one reveals no other. */
export function derive({ key }: MasterKey, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, '', `errand v1 ${purpose}`, 32));
}
