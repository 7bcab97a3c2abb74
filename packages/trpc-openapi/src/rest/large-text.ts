// Encodes and writes a large text in small parts, as fast as its reader accepts them.
import { Readable } from 'node:stream';
import { setImmediate as nextTurn } from 'node:timers/promises';

/** Up to this length a text is sent at once. */
const MAX_STRING_LENGTH = 256 * 1024;
/** The characters that are encoded and written at once. */
const CHUNK_LENGTH = 64 * 1024;

/** The body of an answer that consists of several texts: a string if they are small together, otherwise a stream. */
export function toTextBody(parts: readonly string[]): string | Readable {
  const length = parts.reduce((sum, part) => sum + part.length, 0);
  return length <= MAX_STRING_LENGTH ? parts.join('') : Readable.from(chunks(parts), { objectMode: false });
}

// A fast socket requests more immediately, so each part waits for a turn of the event loop.
async function* chunks(parts: readonly string[]): AsyncGenerator<Buffer, void> {
  let pendingText = '';
  for (const part of parts) {
    pendingText += part;
    if (pendingText.length < CHUNK_LENGTH) continue;
    let offset = 0;
    while (pendingText.length - offset >= CHUNK_LENGTH) {
      const end = offset + CHUNK_LENGTH - (isHighSurrogate(pendingText.charCodeAt(offset + CHUNK_LENGTH - 1)) ? 1 : 0);
      yield Buffer.from(pendingText.slice(offset, end));
      offset = end;
      await nextTurn();
    }
    pendingText = pendingText.slice(offset);
  }
  if (pendingText !== '') yield Buffer.from(pendingText);
}

/** The first half of a surrogate pair, which cannot be encoded without the second. */
const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdbff;
