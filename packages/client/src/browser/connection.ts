// One connection of a stream of server-sent events.
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { MAX_ANSWER_BYTES } from '../http/limit-answer.ts';
import { PAGE_OPTIONS } from './page-options.ts';
import { withinMs } from './within.ts';

/** The stream is no valid stream of events, so the connection is closed. */
export class UnreadableStream extends Error {}

/** No frame arrived in time. */
export const QUIET = Symbol('quiet');

type Chunk = { done: boolean; value?: Uint8Array | undefined };

export class Connection {
  readonly #controller = new AbortController();
  readonly #frames: EventSourceMessage[] = [];
  readonly #decoder = new TextDecoder();
  readonly #parser;
  #reader: ReadableStreamDefaultReader<Uint8Array> | undefined;
  #reading: Promise<Chunk> | undefined;
  #fault: UnreadableStream | undefined;

  /**
   * @param idleMs closes the connection if no byte arrives for so long
   * @param onRetry called with each `retry:` of the stream, in ms
   */
  constructor(
    private readonly idleMs: number,
    onRetry: (ms: number) => void,
  ) {
    this.#parser = createParser({
      onEvent: (frame) => this.#frames.push(frame),
      onRetry,
      onError: ({ type }) => {
        if (type === 'max-buffer-size-exceeded') this.#fault = new UnreadableStream('A frame is too large.');
      },
      // It counts characters, which have a byte at least.
      maxBufferSize: MAX_ANSWER_BYTES,
    });
  }

  async open(url: string, headers: Record<string, string>): Promise<Response> {
    const { signal } = this.#controller;
    const response = await this.#unlessIdle(fetch(url, { ...PAGE_OPTIONS, headers, signal }));
    this.#reader = response.ok ? response.body?.getReader() : undefined;
    return response;
  }

  /**
   * The next frame; undefined when the body has ended.
   * @param quietMs returns QUIET if no frame arrives within this time
   */
  async next(quietMs?: number): Promise<EventSourceMessage | typeof QUIET | undefined> {
    for (;;) {
      const frame = this.#frames.shift();
      if (frame) return frame;
      if (this.#fault) throw this.#fault;
      if (!this.#reader) return undefined;
      this.#reading ??= this.#unlessIdle(this.#reader.read());
      const chunk =
        quietMs === undefined ? await this.#reading : await withinMs(quietMs, this.#reading, (): typeof QUIET => QUIET);
      if (chunk === QUIET) return QUIET;
      this.#reading = undefined;
      if (chunk.done) return undefined;
      this.#parser.feed(this.#decoder.decode(chunk.value, { stream: true }));
    }
  }

  /** Closes the connection if nothing arrives in time. A reader that takes its time does not count. */
  #unlessIdle<T>(arrival: Promise<T>): Promise<T> {
    return withinMs(this.idleMs, arrival, () => {
      this.close();
      throw new Error(`No byte arrived within ${this.idleMs} ms.`);
    });
  }

  /** Releases the connection. A pending `open` or `next` rejects. */
  close(): void {
    this.#controller.abort();
  }
}
