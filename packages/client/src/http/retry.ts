// When to send a request again after a failure, for all clients.

/** The longest wait between two attempts. */
export const MAX_WAIT_MS = 10_000;
/** A server cannot ask for a longer wait. */
const MAX_RETRY_AFTER_MS = 600_000;

/** Whether the same request may succeed later. */
export const isTemporary = ({ status }: Response): boolean => status >= 500 || status === 429 || status === 408;

/** The wait that `Retry-After` of an answer asks for, a number of seconds or a date: in ms, ten minutes at most; 0 without one. */
export function retryAfterMs({ headers }: Response): number {
  const text = headers.get('retry-after') ?? '';
  const ms = /^\d+$/.test(text) ? Number(text) * 1000 : Date.parse(text) - Date.now();
  return Math.min(Math.max(ms || 0, 0), MAX_RETRY_AFTER_MS);
}

/** Ends after `ms`, or when the signal aborts. */
export const sleep = (ms: number, signal?: AbortSignal | null): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    if (signal?.aborted) done();
    else signal?.addEventListener('abort', done, { once: true });
  });

/**
 * Waits between attempts to connect: the base, then twice as long each time up to 10 s, minus a random part of up to
 * half, so that many clients do not reconnect at the same time.
 */
export function createBackoff(signal?: AbortSignal) {
  let baseMs = 500;
  let attempts = 0;
  let minimumMs = 0;
  /** The next wait, which counts as an attempt. */
  const nextMs = () => {
    const fullMs = Math.min(baseMs * 2 ** attempts++, MAX_WAIT_MS);
    const ms = Math.max(fullMs * (1 - Math.random() / 2), minimumMs);
    minimumMs = 0;
    return ms;
  };
  return {
    /** Sets the first wait (`retry:` of the stream). */
    setBase: (ms: number) => {
      baseMs = Math.min(ms, MAX_WAIT_MS);
    },
    /** Sets the minimum of the next wait (`Retry-After`). */
    setMinimum: (ms: number) => {
      minimumMs = ms;
    },
    /** Starts again from the base, after data arrived. */
    reset: () => {
      attempts = 0;
    },
    nextMs,
    /** Also ends when the signal aborts. */
    wait: () => sleep(nextMs(), signal),
  };
}
