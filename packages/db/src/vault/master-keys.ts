import { hkdfSync } from 'node:crypto';

export type MasterKey = { readonly id: string; readonly key: Buffer };

/** Reads master keys written as `id:base64`, 32 bytes each.
 *  @throws Error that tells the operator what to do, when a key is malformed or doubled, or there is none */
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
  if (!first) throw new Error('no master key is given; one is needed to keep credentials sealed');
  if (new Set(keys.map(({ id }) => id)).size < keys.length) throw new Error('two master keys have the same id');
  return [first, ...rest];
}

/** A key for one purpose (HKDF-SHA-256, RFC 5869): a leaked one reveals no other. */
export function derive({ key }: MasterKey, purpose: string): Buffer {
  return Buffer.from(hkdfSync('sha256', key, '', `errand v1 ${purpose}`, 32));
}
