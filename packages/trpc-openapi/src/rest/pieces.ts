// Encodes and writes a large text in small parts, as fast as its reader accepts them.
import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';

/** A text below this is sent at once. */
const SMALL = 256 * 1024;
/** The characters that are encoded and written at once. */
const CHUNK = 64 * 1024;

/** The body of pieces of text: a string if it is small. */
export function bodyOf(pieces: readonly string[]): string | Readable {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  return length <= SMALL ? pieces.join('') : Readable.from(chunks(pieces), { objectMode: false });
}

// A fast socket requests more immediately, so each part waits for a turn of the event loop.
async function* chunks(pieces: readonly string[]): AsyncGenerator<Buffer, void> {
  let waiting = '';
  for (const piece of pieces) {
    waiting += piece;
    if (waiting.length < CHUNK) continue;
    let at = 0;
    while (waiting.length - at >= CHUNK) {
      const end = at + CHUNK - (isHighSurrogate(waiting.charCodeAt(at + CHUNK - 1)) ? 1 : 0);
      yield Buffer.from(waiting.slice(at, end));
      at = end;
      await turn();
    }
    waiting = waiting.slice(at);
  }
  if (waiting !== '') yield Buffer.from(waiting);
}

/** The first half of a surrogate pair, which cannot be encoded without the second. */
const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdbff;
