const LONGEST_MS = 10_000;

/**
 * Waits between attempts to connect: the base, then twice as long each time up to 10 s, minus a random part of up to
 * half, so that many clients do not reconnect at the same time.
 */
export function createBackoff(signal?: AbortSignal) {
  let baseMs = 500;
  let attempts = 0;
  let leastMs = 0;
  return {
    /** Sets the first wait (`retry:` of the stream). */
    base: (ms: number) => {
      baseMs = Math.min(ms, LONGEST_MS);
    },
    /** Sets the minimum of the next wait (`Retry-After`). */
    atLeast: (ms: number) => {
      leastMs = ms;
    },
    /** Starts again from the base, after data arrived. */
    reset: () => {
      attempts = 0;
    },
    wait: async () => {
      const full = Math.min(baseMs * 2 ** attempts++, LONGEST_MS);
      const ms = Math.max(full * (1 - Math.random() / 2), leastMs);
      leastMs = 0;
      await sleep(ms, signal);
    },
  };
}

const sleep = (ms: number, signal?: AbortSignal) =>
  new Promise<void>((resolve, reject) => {
    const timer = setTimeout(done, ms);
    const stop = () => {
      clearTimeout(timer);
      reject(signal?.reason);
    };
    function done() {
      signal?.removeEventListener('abort', stop);
      resolve();
    }
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
  });
