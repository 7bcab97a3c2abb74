// A large text on its way out: encoded and written a little at a time, as its reader takes it.
import { Readable } from 'node:stream';
import { setImmediate as turn } from 'node:timers/promises';

/** A text below this is sent at once. */
const SMALL = 256 * 1024;
/** What is encoded and written in one go. */
const CHUNK = 64 * 1024;

/** The body that pieces of a text make: the text itself when it is small. */
export function bodyOf(pieces: readonly string[]): string | Readable {
  const length = pieces.reduce((sum, piece) => sum + piece.length, 0);
  return length <= SMALL ? pieces.join('') : Readable.from(chunks(pieces), { objectMode: false });
}

// A socket that takes all at once asks for more before anything else is done: others get their turn in between.
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

/** The first half of a character: it is not encoded without the second. */
const isHighSurrogate = (code: number): boolean => code >= 0xd800 && code <= 0xdbff;
