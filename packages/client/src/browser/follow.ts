// Follows a stream over lost connections, restarts of Errand, and the ends of tokens.

import { RequestFailed } from '../http/request-failed.ts';
import { createBackoff, isTemporary, retryAfterMs } from '../http/retry.ts';
import { Connection, QUIET, UnreadableStream } from './connection.ts';
import type { TokenSource } from './token-source.ts';
import { withinMs } from './within.ts';

export type StreamState = 'open' | 'reconnecting';

/** Of all streams of a client. */
export type StreamContext = { tokens: TokenSource; idleMs: number };

export type StreamOptions = {
  /** Ends the stream: the generator throws the reason of the signal. */
  signal?: AbortSignal | undefined;
  /** Called when the connection is open, and when it is lost. */
  onState?: ((state: StreamState) => void) | undefined;
};

export type FollowOptions = StreamOptions & {
  /** The URL of the stream. */
  url: string;
  /** The id of the last event, for each connection. */
  lastEventId: () => string | undefined;
  /** Returns QUIET after so many ms without a frame; undefined waits without a limit. */
  quietMs?: () => number | undefined;
};

/** A connection was opened. */
export const OPENED = Symbol('opened');
type Frame = object | typeof OPENED | typeof QUIET;

/** A new token is asked for so often in a row. */
const MAX_REFUSALS = 3;
/** So many connections in a row are given up because their frames cannot be read. */
const MAX_FAULTS = 3;
/** The longest wait that the service or a proxy can ask for. */
const MAX_RETRY_AFTER_MS = 60_000;

/**
 * The values in the frames of a stream, without keepalives, over as many connections as it takes. Ends when the service answers 204.
 * @throws RequestFailed if the service refuses for good
 */
export async function* follow(context: StreamContext, options: FollowOptions): AsyncGenerator<Frame, void, void> {
  const attempts = new Attempts(options);
  for (;;) {
    const link = new Link(context, options, attempts.backoff);
    try {
      const response = await link.open();
      if (response.status === 204) return;
      if (await link.unlessSilent(attempts.isOpen(response))) yield* link.frames();
    } catch (error) {
      options.signal?.throwIfAborted();
      attempts.failed(error);
    } finally {
      link.close();
    }
    if (!link.isRenewed) await attempts.lost();
  }
}

type Backoff = ReturnType<typeof createBackoff>;

/** A connection with its token. */
class Link {
  /** Whether it was closed because there is a newer token. */
  isRenewed = false;
  readonly #connection: Connection;
  #token = '';
  #endRenewal = () => {};

  constructor(
    private readonly context: StreamContext,
    private readonly options: FollowOptions,
    private readonly backoff: Backoff,
  ) {
    this.#connection = new Connection(context.idleMs, backoff.setBase);
  }

  async open(): Promise<Response> {
    const { tokens } = this.context;
    const { signal, url, lastEventId } = this.options;
    signal?.throwIfAborted();
    signal?.addEventListener('abort', this.close, { once: true });
    this.#token = (await tokens.get(signal)).token;
    const response = await this.#connection.open(url, headersOf(this.#token, lastEventId()));
    if (response.status === 401) tokens.refuse(this.#token);
    return response;
  }

  async *frames(): AsyncGenerator<Frame, void, void> {
    this.#endRenewal = this.context.tokens.whileOpen(this.#token, () => {
      this.isRenewed = true;
      this.close();
    });
    yield OPENED;
    for (;;) {
      const frame = await this.#connection.next(this.options.quietMs?.());
      if (frame === undefined) return;
      if (frame === QUIET) {
        yield QUIET;
        continue;
      }
      this.backoff.reset();
      const value = toValue(frame.data);
      if (value) yield value;
    }
  }

  /** An answer that does not end counts as a lost connection. */
  unlessSilent<T>(reading: Promise<T>): Promise<T> {
    return withinMs(this.context.idleMs, reading, () => {
      throw new Error('The answer does not end.');
    });
  }

  readonly close = () => {
    this.options.signal?.removeEventListener('abort', this.close);
    this.#endRenewal();
    this.#connection.close();
  };
}

/** The JSON of a frame; null in keepalives. */
function toValue(data: string): object | null {
  try {
    const value: unknown = JSON.parse(data);
    return typeof value === 'object' ? value : null;
  } catch {
    throw new UnreadableStream('A frame is not valid JSON.');
  }
}

const headersOf = (token: string, lastEventId: string | undefined) => ({
  accept: 'text/event-stream',
  authorization: `Bearer ${token}`,
  ...(lastEventId !== undefined && { 'last-event-id': lastEventId }),
});

/** Counts failures in a row, and waits between connections. */
class Attempts {
  readonly backoff;
  #refusals = 0;
  #faults = 0;
  #state: StreamState | undefined;
  #mustWait = true;

  constructor(private readonly options: StreamOptions) {
    this.backoff = createBackoff(options.signal ?? undefined);
  }

  /** Whether the answer is a stream. @throws RequestFailed if another attempt would be refused, too */
  async isOpen(response: Response): Promise<boolean> {
    if (response.status === 401) {
      if (++this.#refusals >= MAX_REFUSALS) throw await RequestFailed.from(response);
      // The first time, the token has probably ended.
      this.#mustWait = this.#refusals > 1;
      return false;
    }
    if (isTemporary(response)) {
      this.backoff.setMinimum(Math.min(retryAfterMs(response), MAX_RETRY_AFTER_MS));
      return false;
    }
    if (!response.ok) throw await RequestFailed.from(response);
    // A proxy answers a page while Errand is away.
    if (!response.headers.get('content-type')?.startsWith('text/event-stream')) return false;
    this.#refusals = 0;
    this.#setState('open');
    return true;
  }

  /** @throws RequestFailed if another attempt would fail, too */
  failed(error: unknown): void {
    if (error instanceof RequestFailed) throw error;
    this.#faults = error instanceof UnreadableStream ? this.#faults + 1 : 0;
    if (this.#faults < MAX_FAULTS) return;
    throw new RequestFailed(
      {
        type: 'about:blank',
        title: 'Unreadable stream',
        status: 200,
        code: 'unreadable_stream',
        detail: `The stream cannot be read: ${(error as Error).message}`,
        remedy: 'Check the URL, and the proxies between the browser and Errand.',
      },
      { cause: error },
    );
  }

  /** Waits before the next connection. */
  async lost(): Promise<void> {
    this.#setState('reconnecting');
    if (this.#mustWait) await this.backoff.wait();
    this.#mustWait = true;
  }

  #setState(state: StreamState): void {
    if (state === this.#state) return;
    this.#state = state;
    this.options.onState?.(state);
  }
}
