import { setTimeout as wait } from 'node:timers/promises';
import { failedCall, isNetworkError } from './failure.ts';

const pausesMs = [300, 1500];

type Limits = {
  signal: AbortSignal;
  /** Deadline of all attempts, in ms since the epoch. */
  endsAt: number;
  isFinal: (error: unknown) => boolean;
};

/**
 * Repeats a call up to twice after temporary failures. Waits as long as the endpoint requests (`retry-after-ms`, `retry-after`), but fails
 * at once if `endsAt` is sooner.
 */
export async function withRetries<T>(call: () => Promise<T>, { signal, endsAt, isFinal }: Limits): Promise<T> {
  for (const pause of pausesMs) {
    try {
      return await call();
    } catch (error) {
      if (signal.aborted || !mayPass(error) || isFinal(error)) throw error;
      const ms = requestedPause(error) ?? pause * (0.75 + Math.random() / 2);
      if (Date.now() + ms >= endsAt) throw error;
      await wait(ms, undefined, { signal });
    }
  }
  return call();
}

const mayPass = (error: unknown): boolean => failedCall(error)?.isRetryable || isNetworkError(error);

function requestedPause(error: unknown): number | undefined {
  const headers = failedCall(error)?.responseHeaders ?? {};
  const inMs = Number(headers['retry-after-ms'] ?? Number.NaN);
  if (inMs >= 0) return inMs;
  const after = headers['retry-after'];
  if (!after) return undefined;
  const seconds = Number(after);
  const ms = Number.isNaN(seconds) ? Date.parse(after) - Date.now() : seconds * 1000;
  return ms >= 0 ? ms : undefined;
}
