/** How often calls are tried, how long one may take, and how long to wait between attempts. */
export type CallPolicy = { timeoutMs: number; attempts: number; backoffMs: number; maxBackoffMs: number };

export const defaultCallPolicy: CallPolicy = { timeoutMs: 30_000, attempts: 3, backoffMs: 250, maxBackoffMs: 10_000 };

/** The abort reason when the process drains: another worker carries on, and INTENDED entries stay INTENDED. */
export const drained = Symbol('drained');

/** Waits, unless the signal is aborted first. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  new Promise((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal.addEventListener('abort', done);
    if (signal.aborted) done();
  });
