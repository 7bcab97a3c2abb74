import { createHmac, timingSafeEqual } from 'node:crypto';

/** The first key signs, all are accepted. */
export type SigningKeys = readonly [Buffer, ...Buffer[]];

const MAC_BYTES = 32;

/**
 * Signs bytes: the bytes and their HMAC-SHA256, as base64url. Whoever holds the token can read the bytes and cannot change them.
 * @param context signed, too, and not part of the token: it must be known to whoever opens it
 */
export const signToken = (keys: SigningKeys, body: Uint8Array, context = ''): string =>
  Buffer.concat([body, macOf(keys[0], body, context)]).toString('base64url');

/** The bytes of a token that was signed with one of the keys in this context; null for any other text. */
export function openToken(keys: SigningKeys, token: string, context = ''): Buffer | null {
  const bytes = Buffer.from(token, 'base64url');
  // base64url is read leniently; only what signToken would have written is accepted.
  if (bytes.length < MAC_BYTES || bytes.toString('base64url') !== token) return null;
  const body = bytes.subarray(0, -MAC_BYTES);
  const mac = bytes.subarray(-MAC_BYTES);
  return keys.some((key) => timingSafeEqual(macOf(key, body, context), mac)) ? body : null;
}

// The length before the context keeps apart what belongs to it and what belongs to the body.
const macOf = (key: Buffer, body: Uint8Array, context: string): Buffer =>
  createHmac('sha256', key).update(`${context.length}:${context}`).update(body).digest();
