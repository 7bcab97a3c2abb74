import { EgressError } from '../egress/error.ts';

/** Bounds of a streamed answer. */
export type StreamBounds = {
  /** One event, in bytes: it is parsed in one go. */
  maxEventBytes: number;
  /** Events, and pieces in which the network delivers them. */
  maxEvents: number;
};

/** The mark by which OpenAI ends a stream. */
const DONE = /^data: ?\[DONE\]$/m;
/** Longest wait for the end of a stream after that mark. */
const CLOSING_MS = 2000;

const LF = 10;
const CR = 13;

/**
 * Passes on whole lines of an event stream, each line end as LF, and breaks the stream off beyond its bounds. A parser that receives
 * whole lines never scans the same bytes twice, however the endpoint cuts or ends its lines.
 */
export function wholeLines(bounds: StreamBounds): TransformStream<Uint8Array, Uint8Array> {
  const reader = new LineReader(bounds);
  let pending: Uint8Array[] = [];
  let end: NodeJS.Timeout | undefined;
  return new TransformStream({
    transform(piece, controller) {
      const { bytes, whole } = reader.read(piece);
      if (whole > 0) {
        const lines = Buffer.concat([...pending, bytes.subarray(0, whole)]);
        pending = [];
        controller.enqueue(lines);
        // Some endpoints leave the connection open; the others close it at once, so that it can be used again.
        if (DONE.test(lines.toString('latin1'))) end ??= setTimeout(() => controller.terminate(), CLOSING_MS);
      }
      if (whole < bytes.length) pending.push(bytes.subarray(whole));
    },
    flush(controller) {
      clearTimeout(end);
      // An endpoint may leave out the blank line that ends the last event. A line that was cut is none.
      const last = Buffer.concat(pending);
      controller.enqueue(Buffer.concat([isCut(last.toString()) ? Buffer.alloc(0) : last, Buffer.from('\n\n')]));
    },
  });
}

/** Counts the events of a stream and their bytes. */
class LineReader {
  readonly #bounds: StreamBounds;
  #eventBytes = 0;
  #lineBytes = 0;
  #events = 0;
  #pieces = 0;
  #isAfterCr = false;

  constructor(bounds: StreamBounds) {
    this.#bounds = bounds;
  }

  /** Copies a piece with LF at each line end. @returns the copy, and the length of its whole lines */
  read(piece: Uint8Array): { bytes: Uint8Array; whole: number } {
    const { maxEventBytes, maxEvents } = this.#bounds;
    const bytes = new Uint8Array(piece.length);
    let length = 0;
    let whole = 0;
    for (const byte of piece) {
      const isSecondOfCrLf = byte === LF && this.#isAfterCr;
      this.#isAfterCr = byte === CR;
      if (isSecondOfCrLf) continue;
      const isEnd = byte === LF || byte === CR;
      bytes[length++] = isEnd ? LF : byte;
      if (isEnd) whole = length;
      this.#count(isEnd);
      if (this.#eventBytes > maxEventBytes) throw tooLarge(`an event of more than ${maxEventBytes} bytes`);
    }
    if (++this.#pieces > maxEvents || this.#events > maxEvents) throw tooLarge(`more than ${maxEvents} events`);
    return { bytes: bytes.subarray(0, length), whole };
  }

  #count(isLineEnd: boolean): void {
    this.#eventBytes++;
    if (isLineEnd && this.#lineBytes === 0) {
      this.#events++;
      this.#eventBytes = 0;
    }
    this.#lineBytes = isLineEnd ? 0 : this.#lineBytes + 1;
  }
}

function isCut(line: string): boolean {
  try {
    JSON.parse(line.replace(/^data:/, ''));
    return false;
  } catch {
    return true;
  }
}

const tooLarge = (detail: string): EgressError =>
  new EgressError('upstream_too_large', { sent: true, cause: new Error(detail) });
