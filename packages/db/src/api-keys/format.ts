import { randomBytes } from 'node:crypto';
import { crc32 } from 'node:zlib';

export const PREFIX = 'er_live_';
export const USER_TOKEN_PREFIX = 'er_user_';
type Prefix = typeof PREFIX | typeof USER_TOKEN_PREFIX;
const DIGITS = '0123456789ABCDEFGHIJKLMNOPQRSTUVWXYZabcdefghijklmnopqrstuvwxyz';
const DIGITS_FORMAT = /^[0-9A-Za-z]{38}$/;

/** A new key or user token: the prefix, 32 random base62 digits (190 bits), and the CRC32 of both as 6 base62 digits. */
export function makeKey(prefix: Prefix = PREFIX): string {
  let body: string = prefix;
  while (body.length < prefix.length + 32) {
    // 248 is the largest multiple of 62 in a byte; larger bytes would favour the first digits.
    for (const byte of randomBytes(40)) if (byte < 248 && body.length < prefix.length + 32) body += DIGITS[byte % 62];
  }
  return body + checksum(body);
}

/** Whether the text is a well-formed key. Mistyped keys are rejected without a query. */
export const isWellFormedKey = (text: string): boolean => isWellFormed(text, PREFIX);

/** The same for user tokens. */
export const isWellFormedUserToken = (text: string): boolean => isWellFormed(text, USER_TOKEN_PREFIX);

function isWellFormed(text: string, prefix: Prefix): boolean {
  return (
    text.startsWith(prefix) &&
    DIGITS_FORMAT.test(text.slice(prefix.length)) &&
    checksum(text.slice(0, -6)) === text.slice(-6)
  );
}

function checksum(body: string) {
  let rest = crc32(body);
  let text = '';
  for (let i = 0; i < 6; i++, rest = Math.floor(rest / 62)) text = DIGITS[rest % 62] + text;
  return text;
}
