import { type BinaryToTextEncoding, createHash } from 'node:crypto';

/** SHA-256 of bytes, or of a text's UTF-8 bytes. */
export const sha256Bytes = (data: string | Uint8Array): Buffer => createHash('sha256').update(data).digest();

/** The same as text. Default: hexadecimal. */
export const sha256 = (data: string | Uint8Array, encoding: BinaryToTextEncoding = 'hex'): string =>
  sha256Bytes(data).toString(encoding);
