// What a handler may hand back or throw beside plain values.
import { isTrackedEnvelope, type TrackedEnvelope } from '@trpc/server';

/** Changes of the REST answer; over tRPC they have no meaning and are ignored. */
export type Answer = {
  /** Status of success instead of the declared one, e.g. 204. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
};

/** JSON that is serialised already: REST sends the bytes as they are, tRPC parses them back. */
export class Raw<T = unknown> {
  /** Phantom: the type that the bytes stand for. */
  declare readonly type: T;
  constructor(
    readonly body: string | Buffer | readonly string[],
    readonly contentType: string,
  ) {}

  /** The value behind the bytes; text that is not JSON stays text. */
  value(): T {
    const text = isPieces(this.body) ? this.body.join('') : this.body.toString();
    return (isJson(this.contentType) ? JSON.parse(text) : text) as T;
  }
}

export const isPieces = (body: Raw['body']): body is readonly string[] => Array.isArray(body);

const isJson = (contentType: string) => /^application\/(?:[\w.-]+\+)?json\b/.test(contentType);

/**
 * A result whose bytes exist already. Pieces of a text are put together in their order, and sent a little at a time when they are large.
 * @param contentType the type of an answer that is not JSON: REST sends it with this type, tRPC delivers the text
 */
export const raw = <T>(
  body: string | Buffer | readonly string[],
  contentType = 'application/json; charset=utf-8',
): Raw<T> => new Raw<T>(body, contentType);

/** A subscription throws it before its first item when nothing is left to send: REST answers 204, tRPC ends the stream. */
export class NoContent extends Error {
  override readonly name = 'NoContent';
  constructor() {
    super('Nothing is left to send.');
  }
}

const LINE_BREAK = /[\r\n]/;

/** One item of a stream, serialised once: the frame's bytes are shared by every subscriber that gets this object. */
export class SseItem<T = unknown> {
  declare readonly type: T;
  #frame: Buffer | undefined;
  #chunk: Buffer | undefined;
  constructor(
    readonly id: string,
    readonly event: string,
    readonly json: string,
    /** Whether the frame names the id. */
    readonly shows: boolean = true,
  ) {
    if (LINE_BREAK.test(id) || id.includes('\0') || LINE_BREAK.test(event)) {
      throw new Error('An event id or name must stand on one line.');
    }
  }

  /** `id:`, `event:` and `data:` lines with the blank line that ends an event. */
  get frame(): Buffer {
    // JSON has line breaks only between its tokens, where a space means the same.
    this.#frame ??= Buffer.from(
      `${this.shows ? `id: ${this.id}\n` : ''}event: ${this.event}\ndata: ${LINE_BREAK.test(this.json) ? this.json.replace(/[\r\n]+/g, ' ') : this.json}\n\n`,
    );
    return this.#frame;
  }

  /** The frame as one chunk of a chunked body (RFC 9112 §7.1), so that a write is one buffer instead of four. */
  get chunk(): Buffer {
    this.#chunk ??= chunkOf(this.frame);
    return this.#chunk;
  }
}

export const chunkOf = (bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);

/**
 * A stream's item that is serialised already.
 * @param id the value that a client sends back as `Last-Event-ID`
 * @param event name of the event, normally the item's `type`
 * @param json the item
 */
export const sse = <T>(id: string | number, event: string, json: string): SseItem<T> =>
  new SseItem<T>(String(id), event, json);

/**
 * The same for an item that does not count: REST sends it without an id, so that a client resumes after the item before it. Over tRPC,
 * where each item has an id, it has the id of that item.
 * @param before id of the item before, or what the client resumes after
 */
export const hint = <T>(before: string, event: string, json: string): SseItem<T> =>
  new SseItem<T>(before, event, json, false);

/** What a subscription's handler yields. */
export type StreamItem<T> = TrackedEnvelope<T> | SseItem<T>;

/** An item with its bytes, whichever way the handler gave it. */
export function sseItem(item: unknown): SseItem {
  if (item instanceof SseItem) return item;
  if (!isTrackedEnvelope(item)) {
    throw new Error('A subscription must yield tracked(id, item) or sse(id, event, json).');
  }
  const [id, data] = item;
  const { type } = (data ?? {}) as { type?: unknown };
  return new SseItem(id, typeof type === 'string' ? type : 'message', JSON.stringify(data));
}
