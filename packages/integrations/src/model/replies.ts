import { isRecord } from '@errand/basics/is-record';
import { EgressError } from '../egress/error.ts';
import { parsedJson } from '../parsed-json.ts';
import { httpStatusOf, ORIGINAL_STATUS_HEADER } from './failure.ts';

const MAX_ERROR_BYTES = 64 * 1024;

/** First characters of lines of an event stream: `data`, `event`, `id`, `retry`, or a comment. */
const LINE_START = /[deir:]/;

export type ReplyKind = 'stream' | 'plain';

/**
 * The HTTP side of one question to a model. Bounds the reply, and recognizes a stream by its first byte, since content types are often
 * wrong. A reply of the unexpected kind is kept for the next call, which expects that kind.
 */
export class Replies {
  expects: ReplyKind;
  #keptReply: { kind: ReplyKind; response: Response } | undefined;

  constructor(
    private readonly send: typeof globalThis.fetch,
    private readonly bounds: StreamBounds,
    { stream }: { stream: boolean },
  ) {
    this.expects = stream ? 'stream' : 'plain';
  }

  /** Expects the kind of the kept reply from now on. @returns false if there is none */
  expectKept(): boolean {
    if (!this.#keptReply) return false;
    this.expects = this.#keptReply.kind;
    return true;
  }

  fetch: typeof globalThis.fetch = async (input, init) => {
    const keptReply = this.#keptReply;
    this.#keptReply = undefined;
    if (keptReply) return keptReply.response;
    const response = await this.send(input, init);
    if (!response.ok || !response.body) return withBody(response, await this.#text(response, MAX_ERROR_BYTES, 'cut'));
    const { first, body } = await peek(response.body);
    const kind = LINE_START.test(first) ? 'stream' : 'plain';
    const reply =
      kind === 'stream'
        ? withBody(response, body.pipeThrough(wholeLines(this.bounds)))
        : await this.#plainReply(withBody(response, body));
    if (kind === this.expects || !reply.ok) return reply;
    this.#keptReply = { kind, response: reply };
    throw new Error(`The endpoint sent a ${kind} reply.`);
  };

  /** A reply that is not a stream. Errors with status 200, as gateways report them, get an error status. */
  async #plainReply(response: Response): Promise<Response> {
    const text = await this.#text(response, this.bounds.maxEventBytes, 'fail');
    const status = text.length <= MAX_ERROR_BYTES ? statusOfError(text) : undefined;
    if (status === undefined) return withBody(response, text);
    const headers = new Headers(response.headers);
    headers.set(ORIGINAL_STATUS_HEADER, String(response.status));
    return new Response(text, { status, headers });
  }

  async #text(response: Response, maxBytes: number, whenTooLarge: 'cut' | 'fail'): Promise<string> {
    const chunks: Uint8Array[] = [];
    let remaining = maxBytes;
    // Leaving the loop cancels the stream, and closes the connection.
    for await (const chunk of response.body ?? []) {
      chunks.push(chunk.subarray(0, remaining));
      remaining -= chunk.byteLength;
      if (remaining < 0 && whenTooLarge === 'fail') throw new EgressError('upstream_too_large', { sent: true });
      if (remaining <= 0 && whenTooLarge === 'cut') break;
      if (chunks.length > this.bounds.maxEvents) throw new EgressError('upstream_too_large', { sent: true });
    }
    return Buffer.concat(chunks).toString();
  }
}

const withBody = ({ status, statusText, headers }: Response, body: string | ReadableStream<Uint8Array>): Response =>
  new Response([204, 205, 304].includes(status) ? null : body, { status, statusText, headers });

/** The first character of a body after white space, and the whole body again. */
async function peek(body: ReadableStream<Uint8Array>): Promise<{ first: string; body: ReadableStream<Uint8Array> }> {
  const reader = body.getReader();
  const chunks: Uint8Array[] = [];
  let first = '';
  for (let size = 0; first === '' && size < 1024; ) {
    const { done, value } = await reader.read();
    if (done) break;
    chunks.push(value);
    size += Math.max(1, value.byteLength);
    first = Buffer.from(value)
      .toString('latin1')
      .replace(/^[\s\u00ef\u00bb\u00bf]+/, '')
      .slice(0, 1);
  }
  return {
    first,
    body: new ReadableStream(
      {
        async pull(controller) {
          const next = chunks.shift();
          if (next) return controller.enqueue(next);
          const { done, value } = await reader.read();
          if (done) controller.close();
          else controller.enqueue(value);
        },
        cancel: (reason) => reader.cancel(reason),
      },
      { highWaterMark: 0 },
    ),
  };
}

/** The status for an error in the body of a reply; undefined if the body is not an error. */
function statusOfError(text: string): number | undefined {
  const body = parsedJson(text);
  if (!isRecord(body) || !body.error || ['choices', 'output', 'content', 'candidates'].some((key) => body[key]))
    return undefined;
  return httpStatusOf(body.error);
}

type StreamBounds = {
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
function wholeLines(bounds: StreamBounds): TransformStream<Uint8Array, Uint8Array> {
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
