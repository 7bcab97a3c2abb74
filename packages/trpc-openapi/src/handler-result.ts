// The results of handlers that are not plain values: serialised JSON, items of streams, and an empty stream. See `implement`.
import { isTrackedEnvelope, type TrackedEnvelope } from '@trpc/server';

/** The parts that a handler sets of the REST answer. Ignored over tRPC. */
export type ReplyOptions = {
  /** Status of success instead of the declared one, e.g. 204. */
  readonly status?: number;
  readonly headers?: Readonly<Record<string, string>>;
  /** The answer instead of the result: `otherOutput` of the route. */
  readonly body?: Raw;
};

/** JSON that is serialised already: REST sends the bytes as they are, tRPC parses them back. */
export class Raw<T = unknown> {
  /** Phantom: the type of the value in the bytes. */
  declare readonly type: T;
  constructor(
    readonly body: string | Buffer | readonly string[],
    readonly contentType: string,
  ) {}

  /** The value in the bytes. Text that is not JSON stays text. */
  value(): T {
    const text = isTextParts(this.body) ? this.body.join('') : this.body.toString();
    return (isJson(this.contentType) ? JSON.parse(text) : text) as T;
  }
}

export const isTextParts = (body: Raw['body']): body is readonly string[] => Array.isArray(body);

const isJson = (contentType: string) => /^application\/(?:[\w.-]+\+)?json\b/.test(contentType);

/**
 * A result that is already serialised. A list of texts is joined in order. A large one is sent in small chunks.
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
    readonly hasId: boolean = true,
  ) {
    if (LINE_BREAK.test(id) || id.includes('\0') || LINE_BREAK.test(event)) {
      throw new Error('An event id or name must be a single line.');
    }
  }

  /** `id:`, `event:` and `data:` lines with the blank line that ends an event. */
  get frame(): Buffer {
    // JSON has line breaks only between its tokens, where a space means the same.
    this.#frame ??= Buffer.from(
      `${this.hasId ? `id: ${this.id}\n` : ''}event: ${this.event}\ndata: ${LINE_BREAK.test(this.json) ? this.json.replace(/[\r\n]+/g, ' ') : this.json}\n\n`,
    );
    return this.#frame;
  }

  /** The frame as one chunk of a chunked body (RFC 9112 §7.1), so that a write is one buffer instead of four. */
  get chunk(): Buffer {
    this.#chunk ??= toChunk(this.frame);
    return this.#chunk;
  }
}

export const toChunk = (bytes: Buffer): Buffer =>
  Buffer.concat([Buffer.from(`${bytes.length.toString(16)}\r\n`), bytes, Buffer.from('\r\n')]);

/**
 * An item of a stream that is already serialised.
 * @param id the value that a client sends back as `Last-Event-ID`
 * @param event name of the event, normally the item's `type`
 * @param json the item
 */
export const sse = <T>(id: string | number, event: string, json: string): SseItem<T> =>
  new SseItem<T>(String(id), event, json);

/**
 * An item without an id in REST, so that a client resumes after the previous item. Over tRPC, where each item has an id, it has the id
 * of the previous item.
 * @param previousId id of the previous item, or the id that the client resumes after
 */
export const sseWithoutId = <T>(previousId: string, event: string, json: string): SseItem<T> =>
  new SseItem<T>(previousId, event, json, false);

/** An item that the handler of a subscription yields. */
export type StreamItem<T> = TrackedEnvelope<T> | SseItem<T>;

/** Serialises an item unless the handler has done so. */
export function toSseItem(item: unknown): SseItem {
  if (item instanceof SseItem) return item;
  if (!isTrackedEnvelope(item)) {
    throw new Error('A subscription must yield tracked(id, item) or sse(id, event, json).');
  }
  const [id, data] = item;
  const { type } = (data ?? {}) as { type?: unknown };
  return new SseItem(id, typeof type === 'string' ? type : 'message', JSON.stringify(data));
}
