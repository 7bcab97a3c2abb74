import { EgressError } from '../egress/error.ts';
import { parsedJson } from '../parsed-json.ts';

export type StreamBounds = {
  /** An event is parsed at once. */
  maxEventBytes: number;
  /** Also limits the pieces in which the network delivers them. */
  maxEvents: number;
};

/** OpenAI's mark of the end of a stream. */
const DONE = /^data: ?\[DONE\]$/m;
/** Longest wait for the end of a stream after that mark. */
const CLOSING_MS = 2000;

const LF = 10;
const CR = 13;

/**
 * Passes on whole lines of an event stream with LF as line ends, within bounds. A parser of whole lines never scans bytes twice, however
 * the endpoint splits or ends its lines.
 */
export function wholeLines(bounds: StreamBounds): TransformStream<Uint8Array, Uint8Array> {
  const reader = new LineReader(bounds);
  let pending: Uint8Array[] = [];
  let end: NodeJS.Timeout | undefined;
  return new TransformStream({
    transform(chunk, controller) {
      const { bytes, wholeLength } = reader.read(chunk);
      if (wholeLength > 0) {
        const lines = Buffer.concat([...pending, bytes.subarray(0, wholeLength)]);
        pending = [];
        controller.enqueue(lines);
        // Some endpoints leave the stream open; others end it at once, and the connection can be reused.
        if (DONE.test(lines.toString('latin1'))) end ??= setTimeout(() => controller.terminate(), CLOSING_MS);
      }
      if (wholeLength < bytes.length) pending.push(bytes.subarray(wholeLength));
    },
    flush(controller) {
      clearTimeout(end);
      // An endpoint may omit the blank line after the last event. An incomplete line is dropped.
      const last = Buffer.concat(pending);
      controller.enqueue(Buffer.concat([isCut(last.toString()) ? Buffer.alloc(0) : last, Buffer.from('\n\n')]));
    },
  });
}

class LineReader {
  #eventBytes = 0;
  #lineBytes = 0;
  #events = 0;
  #pieces = 0;
  #isAfterCr = false;

  constructor(private readonly bounds: StreamBounds) {}

  /** Copies a piece with LF at each line end. @returns the copy, and the length of its whole lines */
  read(chunk: Uint8Array): { bytes: Uint8Array; wholeLength: number } {
    const { maxEventBytes, maxEvents } = this.bounds;
    const bytes = new Uint8Array(chunk.length);
    let length = 0;
    let wholeLength = 0;
    for (const byte of chunk) {
      const isSecondOfCrLf = byte === LF && this.#isAfterCr;
      this.#isAfterCr = byte === CR;
      if (isSecondOfCrLf) continue;
      const isEnd = byte === LF || byte === CR;
      bytes[length++] = isEnd ? LF : byte;
      if (isEnd) wholeLength = length;
      this.#count(isEnd);
      if (this.#eventBytes > maxEventBytes) throw tooLarge(`an event of more than ${maxEventBytes} bytes`);
    }
    if (++this.#pieces > maxEvents || this.#events > maxEvents) throw tooLarge(`more than ${maxEvents} events`);
    return { bytes: bytes.subarray(0, length), wholeLength };
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

const isCut = (line: string): boolean => parsedJson(line.replace(/^data:/, '')) === undefined;

const tooLarge = (detail: string): EgressError =>
  new EgressError('upstream_too_large', { sent: true, cause: new Error(detail) });
