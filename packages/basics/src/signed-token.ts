import { createHmac, timingSafeEqual } from 'node:crypto';

/** The first key signs, all are accepted. */
export type SigningKeys = readonly [Buffer, ...Buffer[]];

const MAC_BYTES = 32;

/**
 * Signs bytes: the bytes and their HMAC-SHA256, as base64url. The holder of the token can read the bytes but not change them.
 * @param context is signed but not in the token; `openToken` needs the same one
 */
export const signToken = (keys: SigningKeys, body: Uint8Array, context = ''): string =>
  Buffer.concat([body, macOf(keys[0], body, context)]).toString('base64url');

/** The bytes of a token that was signed with one of the keys in this context; null for any other text. */
export function openToken(keys: SigningKeys, token: string, context = ''): Buffer | null {
  const bytes = Buffer.from(token, 'base64url');
  // Node reads base64url leniently; only the exact text that signToken writes is accepted.
  if (bytes.length < MAC_BYTES || bytes.toString('base64url') !== token) return null;
  const body = bytes.subarray(0, -MAC_BYTES);
  const mac = bytes.subarray(-MAC_BYTES);
  return keys.some((key) => timingSafeEqual(macOf(key, body, context), mac)) ? body : null;
}

// The length prefix separates the context from the body.
const macOf = (key: Buffer, body: Uint8Array, context: string): Buffer =>
  createHmac('sha256', key).update(`${context.length}:${context}`).update(body).digest();
