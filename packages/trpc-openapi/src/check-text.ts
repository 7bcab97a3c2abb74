// Rejects JSON text that would take long to parse and to check. It runs before JSON.parse, and reads each byte once.

import { tooDeep } from './check-value.ts';
import { ProblemError } from './contract.ts';

/** Beyond the levels of an input, which `checkValue` counts: a batch of tRPC has one more. */
const MAX_DEPTH = 128;
/** Objects, lists, and separators of members and items. Parsing and checking them takes the event loop some 80 ms. */
const MAX_PARTS = 300_000;

const [QUOTE, BACKSLASH, COMMA] = [0x22, 0x5c, 0x2c];
const [OPEN_LIST, CLOSE_LIST, OPEN_OBJECT, CLOSE_OBJECT] = [0x5b, 0x5d, 0x7b, 0x7d];

/** @throws ProblemError `json_too_deep` for more than 128 levels, `invalid_json` for more than 300,000 parts */
export function checkText(bytes: Uint8Array): void {
  let depth = 0;
  let parts = 0;
  for (let at = 0; at < bytes.length; at++) {
    switch (bytes[at]) {
      case QUOTE:
        at = endOfString(bytes, at);
        break;
      case OPEN_LIST:
      case OPEN_OBJECT:
        parts++;
        if (++depth > MAX_DEPTH) throw tooDeep();
        break;
      case CLOSE_LIST:
      case CLOSE_OBJECT:
        depth--;
        break;
      case COMMA:
        parts++;
    }
  }
  if (parts > MAX_PARTS) throw tooManyParts(parts);
}

/** The index of the quote that ends a string. */
function endOfString(bytes: Uint8Array, start: number): number {
  for (let at = start + 1; at < bytes.length; at++) {
    if (bytes[at] === BACKSLASH) at++;
    else if (bytes[at] === QUOTE) return at;
  }
  return bytes.length;
}

const tooManyParts = (count: number) =>
  new ProblemError(
    'invalid_json',
    `The JSON has ${count} objects, lists, members and items; at most ${MAX_PARTS} are accepted.`,
    {
      remedy: 'Send less at once. A large document can be sent as text.',
    },
  );
