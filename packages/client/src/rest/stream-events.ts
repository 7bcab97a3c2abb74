import type { ProgressFrame, RunEvent } from '@errand/contracts';
import { createParser, type EventSourceMessage } from 'eventsource-parser';
import { type Connection, type ConnectionOptions, openConnection } from '../http/connection.ts';
import { fetchHere } from '../http/fetch-here.ts';
import { RequestFailed } from '../http/request-failed.ts';
import { createBackoff, isTemporary, retryAfterMs } from '../http/retry.ts';

export type StreamOptions = {
  /** Only events after this one; 0 (the default) is all of them. */
  after?: number;
  /** Whether step events carry toolCalls. */
  includeToolCalls?: boolean;
  /** Whether events carry links that decide or answer, for keys that may decide. True by default. */
  links?: boolean;
  /** Called when a call begins or is retried; without it the server sends no progress. */
  onProgress?: (frame: ProgressFrame) => void;
  /** Ends the stream: the generator throws the signal's reason. */
  signal?: AbortSignal;
  /** Milliseconds without a byte after which the connection counts as lost. The server sends a keepalive each 20 s. */
  idleMs?: number;
};

export type StreamEventsOptions = ConnectionOptions & StreamOptions & { runId: string };

/**
 * The events of a run, past ones first, then live, each exactly once and in order, ending after `end`.
 * A lost connection is resumed after the last received event, without a limit of attempts: the wait grows from the server's
 * `retry` to 10 s, and respects `Retry-After`.
 * @throws RequestFailed if the server rejects the request permanently (a 4xx that is not 408 or 429)
 * @throws TypeError if `url` or `apiKey` cannot be used
 */
export const streamEvents = ({ runId, ...options }: StreamEventsOptions): AsyncGenerator<RunEvent, void, void> =>
  followRun(openConnection(options), runId, options);

/** The same over a connection. */
export async function* followRun(
  connection: Connection,
  runId: string,
  options: StreamOptions,
): AsyncGenerator<RunEvent, void, void> {
  const { signal } = options;
  const backoff = createBackoff(signal);
  const position = { lastSeq: options.after ?? 0 };
  const open = openerOf(connection, runId, options);
  for (;;) {
    try {
      if (yield* readConnection(options, position, { open, backoff })) return;
    } catch (error) {
      signal?.throwIfAborted();
      if (error instanceof RequestFailed || error instanceof SyntaxError) throw error;
    }
    await backoff.wait();
  }
}

type Opener = (lastSeq: number, signal: AbortSignal) => Promise<Response>;
type Attempts = { open: Opener; backoff: ReturnType<typeof createBackoff> };

/** The new events of one connection. Returns whether the stream is over. */
async function* readConnection(
  options: StreamOptions,
  position: { lastSeq: number },
  attempts: Attempts,
): AsyncGenerator<RunEvent, boolean, void> {
  for await (const event of eventsOfConnection(options, position.lastSeq, attempts)) {
    if (event === NOTHING_LEFT) return true;
    if (event.seq <= position.lastSeq) continue;
    position.lastSeq = event.seq;
    yield event;
    if (event.type === 'end') return true;
  }
  return false;
}

/** The server answered 204: the run has ended, and all its events were read. */
const NOTHING_LEFT = Symbol('nothing left');

/** The events of one connection, which ends with the generator. */
async function* eventsOfConnection(
  { signal, idleMs = 60_000, onProgress }: StreamOptions,
  lastSeq: number,
  { open, backoff }: Attempts,
): AsyncGenerator<RunEvent | typeof NOTHING_LEFT, void, void> {
  const lifetime = new AbortController();
  const abort = () => lifetime.abort(signal?.reason);
  /** Aborts the connection if the work takes longer than `idleMs`. */
  const unlessSilent = <T>(work: Promise<T>): Promise<T> => {
    const timer = setTimeout(() => lifetime.abort(), idleMs);
    return work.finally(() => clearTimeout(timer));
  };
  signal?.throwIfAborted();
  signal?.addEventListener('abort', abort, { once: true });
  try {
    const response = await unlessSilent(open(lastSeq, lifetime.signal));
    if (response.status === 204) yield NOTHING_LEFT;
    else if (isTemporary(response)) backoff.setMinimum(retryAfterMs(response));
    else if (!response.ok) throw await RequestFailed.from(response);
    else if (response.body) {
      for await (const { event, data } of readFrames(response.body, { unlessSilent, onRetry: backoff.setBase })) {
        backoff.reset();
        if (event !== 'keepalive') yield* parseEvents(data, onProgress);
      }
    }
  } finally {
    signal?.removeEventListener('abort', abort);
    lifetime.abort();
  }
}

/**
 * The frames of a server-sent event stream, until the body ends.
 * @param options `onRetry`: called with each `retry:` field, in ms
 */
async function* readFrames(
  body: ReadableStream<Uint8Array>,
  options: { unlessSilent: <T>(work: Promise<T>) => Promise<T>; onRetry: (ms: number) => void },
): AsyncGenerator<EventSourceMessage, void, void> {
  const frames: EventSourceMessage[] = [];
  const parser = createParser({ onEvent: (frame) => frames.push(frame), onRetry: options.onRetry });
  const decoder = new TextDecoder();
  const reader = body.getReader();
  try {
    for (;;) {
      const chunk = await options.unlessSilent(reader.read());
      if (chunk.done) return;
      parser.feed(decoder.decode(chunk.value, { stream: true }));
      yield* frames.splice(0);
    }
  } finally {
    await reader.cancel().catch(() => undefined);
  }
}

function* parseEvents(data: string, onProgress: StreamOptions['onProgress']): Generator<RunEvent, void, void> {
  const event = JSON.parse(data) as RunEvent | ProgressFrame;
  if (event.type === 'progress') onProgress?.(event);
  else yield event;
}

function openerOf({ baseUrl, headers }: Connection, runId: string, options: StreamOptions): Opener {
  const url = new URL(`${baseUrl}/v1/runs/${encodeURIComponent(runId)}/sse`);
  if (options.includeToolCalls) url.searchParams.set('includeToolCalls', 'true');
  if (options.links === false) url.searchParams.set('links', 'false');
  if (!options.onProgress) url.searchParams.set('progress', 'false');
  return (lastSeq, signal) =>
    fetchHere(url, {
      signal,
      headers: {
        accept: 'text/event-stream',
        ...headers,
        ...(lastSeq > 0 && { 'last-event-id': String(lastSeq) }),
      },
    });
}
