// The open event streams of a server, written to the socket. They share one timer: a timer for each would cost more than the socket.
import type { IncomingMessage, OutgoingHttpHeaders, ServerResponse } from 'node:http';
import type { FastifyReply } from 'fastify';
import { ProblemError } from '../contract.ts';
import { NoContent, toChunk, toSseItem } from '../handler-result.ts';
import type { ErrorAnswerOptions } from '../mount-problems.ts';
import type { RestTransport } from './rest-transport.ts';
import type { ServedRoute } from './route.ts';

const KEEPALIVE = Buffer.from('event: keepalive\ndata: null\n\n');
const KEEPALIVE_CHUNK = toChunk(KEEPALIVE);

/** Clients reconnect after a random time between these, in ms, so that not all streams of a server that stops reach another one at once. */
const MIN_RETRY_MS = 100;
const MAX_RETRY_MS = 1000;

export type StreamOptions = {
  /** Milliseconds between keepalive frames; default 20 000. */
  readonly keepaliveMs?: number;
  /** Milliseconds in which a slow reader must accept bytes, or is disconnected; default 30 000. */
  readonly stallMs?: number;
  /** Bytes that may wait for a reader; beyond them, only a tenth of `stallMs` applies; default 1 MiB. */
  readonly maxBuffered?: number;
};

type OpenStream = {
  readonly raw: ServerResponse;
  /** The target of frames: the socket, with chunks made here, or a response that is not chunked (HTTP/1.0). */
  readonly sink: ServerResponse | IncomingMessage['socket'];
  /** While the reader is slow: bytes handed to the kernel at the last check, and its time. */
  bytesSent: number;
  progressAt: number;
  /** Bytes of the current frame that are not handed over yet. */
  bytesLeft: number;
};

/** Joins all writes of this turn to a connection into one write of the kernel, which costs as much as making ten frames. */
function batchWrites({ socket }: ServerResponse): void {
  if (!socket || socket.writableCorked > 0) return;
  socket.cork();
  process.nextTick(() => socket.uncork());
}

/** Bytes written at once. The progress of a reader is visible in these steps. */
const SLICE_BYTES = 64 * 1024;

export const sseHeaders = {
  'content-type': 'text/event-stream; charset=utf-8',
  'cache-control': 'no-cache, no-transform',
  'x-accel-buffering': 'no',
} as const;

export class Streams {
  readonly #open = new Map<ServerResponse, OpenStream>();
  /** The streams with a slow reader; normally none. */
  readonly #slowStreams = new Set<OpenStream>();
  readonly #keepaliveMs: number;
  readonly #maxBuffered: number;
  readonly #stallMs: number;
  #timer: NodeJS.Timeout | undefined;
  #nextKeepalive = 0;
  #closed = false;

  constructor({ keepaliveMs = 20_000, maxBuffered = 1024 * 1024, stallMs = 30_000 }: StreamOptions) {
    this.#keepaliveMs = keepaliveMs;
    this.#maxBuffered = maxBuffered;
    this.#stallMs = stallMs;
  }

  /**
   * Writes every item until the source ends or the reader disconnects. The head of the answer is already sent.
   * A `ProblemError` ends the stream after a comment with its code. Any other error closes the connection: the reader
   * reconnects with its last id and then gets a status.
   * @param step the pending first step of the iterator
   * @param onError called with an error of the source
   */
  async pump(
    raw: ServerResponse,
    iterator: AsyncIterator<unknown>,
    step: Promise<IteratorResult<unknown>>,
    onError: (error: unknown) => void,
  ): Promise<void> {
    const stream = this.#add(raw);
    if (this.#closed) endForNow(stream);
    // Lets an unfinished source end its work.
    const endSource = () => void iterator.return?.()?.then(undefined, () => {});
    raw.once('close', endSource);
    try {
      // No variable has the item, so an idle stream does not keep the one that it sent last.
      for (;;) {
        const written = this.#write(stream, await step);
        if (written === 'end') break;
        if (written) await written;
        step = iterator.next();
      }
      raw.end();
    } catch (error) {
      if (!raw.destroyed) fail(stream, error, onError);
    } finally {
      this.#remove(stream);
    }
  }

  /** Ends every stream when the server shuts down, including later ones. */
  close(): void {
    this.#closed = true;
    for (const stream of this.#open.values()) {
      // The end would wait for a stalled reader.
      if (this.#slowStreams.has(stream)) stream.raw.destroy();
      else endForNow(stream);
    }
  }

  #add(raw: ServerResponse): OpenStream {
    const stream: OpenStream = {
      raw,
      sink: raw.chunkedEncoding && raw.socket ? raw.socket : raw,
      bytesSent: 0,
      progressAt: 0,
      bytesLeft: 0,
    };
    this.#open.set(raw, stream);
    if (!this.#timer) {
      this.#nextKeepalive = Date.now() + this.#keepaliveMs;
      this.#timer = setInterval(() => this.#tick(), Math.min(1000, this.#keepaliveMs));
      this.#timer.unref();
    }
    return stream;
  }

  #remove(stream: OpenStream): void {
    this.#open.delete(stream.raw);
    this.#slowStreams.delete(stream);
    if (this.#open.size > 0) return;
    clearInterval(this.#timer);
    this.#timer = undefined;
  }

  /** Writes the item of a step. @returns a promise when the reader must accept bytes first */
  #write(stream: OpenStream, step: IteratorResult<unknown>): Promise<void> | 'end' | undefined {
    if (step.done || stream.raw.destroyed) return 'end';
    const item = toSseItem(step.value);
    const bytes = stream.sink === stream.raw ? item.frame : item.chunk;
    batchWrites(stream.raw);
    if (bytes.length > SLICE_BYTES) return this.#writeLarge(stream, bytes);
    return stream.sink.write(bytes) ? undefined : this.#waitForDrain(stream);
  }

  async #writeLarge(stream: OpenStream, bytes: Buffer): Promise<void> {
    for (let at = 0; at < bytes.length && !stream.raw.destroyed; at += SLICE_BYTES) {
      stream.bytesLeft = bytes.length - at;
      if (!stream.sink.write(bytes.subarray(at, at + SLICE_BYTES))) await this.#waitForDrain(stream);
    }
    stream.bytesLeft = 0;
  }

  async #waitForDrain(stream: OpenStream): Promise<void> {
    const { raw, sink } = stream;
    if (raw.destroyed || !sink.writableNeedDrain) return;
    stream.bytesSent = bytesSentBy(raw);
    stream.progressAt = Date.now();
    this.#slowStreams.add(stream);
    await new Promise<void>((resolve) => {
      const done = () => {
        sink.off('drain', done);
        raw.off('close', done);
        resolve();
      };
      sink.on('drain', done);
      raw.on('close', done);
    });
    this.#slowStreams.delete(stream);
  }

  #tick(): void {
    const now = Date.now();
    for (const stream of this.#slowStreams) this.#disconnectWhenStalled(stream, now);
    if (now < this.#nextKeepalive) return;
    this.#nextKeepalive = now + this.#keepaliveMs;
    for (const stream of this.#open.values()) {
      // A slow reader needs no keepalive.
      if (stream.bytesLeft > 0 || this.#slowStreams.has(stream)) continue;
      const { raw, sink } = stream;
      if (!sink.write(sink === raw ? KEEPALIVE : KEEPALIVE_CHUNK)) void this.#waitForDrain(stream);
    }
  }

  #disconnectWhenStalled(stream: OpenStream, now: number): void {
    const sent = bytesSentBy(stream.raw);
    if (sent > stream.bytesSent) {
      stream.bytesSent = sent;
      stream.progressAt = now;
      return;
    }
    const maxStallMs =
      stream.bytesLeft + stream.raw.writableLength > this.#maxBuffered ? this.#stallMs / 10 : this.#stallMs;
    if (now - stream.progressAt >= maxStallMs) stream.raw.destroy();
  }
}

/** Ends a stream that its client should resume at another server. */
function endForNow({ raw, sink }: OpenStream): void {
  const hint = Buffer.from(`retry: ${Math.round(MIN_RETRY_MS + Math.random() * (MAX_RETRY_MS - MIN_RETRY_MS))}\n\n`);
  sink.write(sink === raw ? hint : toChunk(hint));
  raw.end();
}

/** Ends a stream after an error of its source. */
function fail({ raw, sink }: OpenStream, error: unknown, onError: (error: unknown) => void): void {
  if (error instanceof ProblemError) {
    const comment = Buffer.from(`: ${error.code}\n\n`);
    sink.write(sink === raw ? comment : toChunk(comment));
    raw.end();
  } else {
    onError(error);
    disconnect(raw);
  }
}

/** Bytes that have left this process; `bytesWritten` includes waiting ones. */
const bytesSentBy = ({ socket }: ServerResponse): number => (socket ? socket.bytesWritten - socket.writableLength : 0);

/** Sends the written bytes, then disconnects without the end of the body, which would look like a finished stream. */
function disconnect(raw: ServerResponse): void {
  raw.socket?.destroySoon();
  setTimeout(() => raw.destroy(), 5000).unref();
}

/** Answers a subscription with a stream, or with a status if the handler fails before its first item. */
export function streamAnswer(
  { name }: ServedRoute,
  options: ErrorAnswerOptions & { readonly openAfterMs?: number },
  streams: Streams,
) {
  const openAfterMs = options.openAfterMs ?? 1000;
  return async (pending: Promise<unknown>, reply: FastifyReply, transport: RestTransport) => {
    const { raw, request } = reply;
    let iterator: AsyncIterator<unknown>;
    let first: Promise<IteratorResult<unknown>>;
    try {
      iterator = ((await pending) as AsyncIterable<unknown>)[Symbol.asyncIterator]();
      first = iterator.next();
      // Marks it as handled: `pump` awaits it later.
      first.catch(() => {});
      if (!transport.isReady) await Promise.race([first, delay(openAfterMs, raw)]);
    } catch (error) {
      if (error instanceof NoContent) return reply.code(204).send();
      throw error;
    }
    reply.hijack();
    batchWrites(raw);
    raw.writeHead(200, { ...(reply.getHeaders() as OutgoingHttpHeaders), ...sseHeaders });
    raw.flushHeaders();
    void streams.pump(raw, iterator, first, (error) => options.onError?.({ error, req: request, name }));
    return reply;
  };
}

/** Ends after the time, or when the caller disconnects. */
const delay = (ms: number, raw: ServerResponse): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      raw.off('close', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    raw.once('close', done);
  });
