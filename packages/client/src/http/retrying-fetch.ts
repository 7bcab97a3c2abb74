import type { Problem } from '@errand/trpc-openapi/contract';
import { fetchHere } from './fetch-here.ts';
import { RequestFailed } from './request-failed.ts';
import { createBackoff, retryAfterMs, sleep } from './retry.ts';

export type RetryLimits = {
  /** Attempts, with the first one. Default: 8. */
  attempts?: number;
  /** No attempt begins later than this many ms after the first one. Default: 30,000. */
  totalMs?: number;
};

export type RetryOptions = {
  /**
   * Limits of the attempts after a temporary failure: no connection, an answer that broke off, or the status 408, 429, 502, 503 or 504.
   * Queries, and operations that take an Idempotency-Key or may be repeated, are sent again; the client makes the key.
   * `false` sends each request once.
   */
  retry?: false | RetryLimits;
};

const TEMPORARY = new Set([408, 429, 502, 503, 504]);

/**
 * A `fetch` that sends a request again after a temporary failure. The first wait is half a second at most, later ones
 * are longer, and none is shorter than `Retry-After`. The answer or error of the last attempt is the result.
 * @param mayRepeat whether sending the request twice does no more than sending it once. It is asked before the first attempt.
 */
export const createRetryingFetch =
  (
    mayRepeat: (input: string | URL | Request, init: RequestInit | undefined) => boolean,
    { attempts = 8, totalMs = 30_000 }: RetryLimits = {},
  ) =>
  async (input: string | URL | Request, init?: RequestInit): Promise<Response> => {
    if (!mayRepeat(input, init)) return fetchHere(input, init);
    const signal = init?.signal ?? (input instanceof Request ? input.signal : undefined);
    const backoff = createBackoff();
    const endsAt = performance.now() + totalMs;
    for (let attempt = 1; ; attempt++) {
      const outcome = await send(input, init);
      if (outcome.isFinal || signal?.aborted || attempt >= attempts) return outcome.result();
      backoff.setMinimum(outcome.minimumMs);
      const waitMs = backoff.nextMs();
      if (performance.now() + waitMs > endsAt) return outcome.result();
      await sleep(waitMs, signal);
      signal?.throwIfAborted();
    }
  };

type Outcome = { isFinal: boolean; minimumMs: number; result: () => Response };

async function send(input: string | URL | Request, init: RequestInit | undefined): Promise<Outcome> {
  try {
    const response = await fetchHere(input instanceof Request ? input.clone() : input, init);
    const minimumMs = await readFailure(response);
    return { isFinal: minimumMs === undefined, minimumMs: minimumMs ?? 0, result: () => response };
  } catch (error) {
    const result = () => {
      throw error;
    };
    return { isFinal: error instanceof RequestFailed, minimumMs: 0, result };
  }
}

/**
 * How many ms to wait after a temporary failure; undefined for any other answer.
 * @throws Error if the answer breaks off
 */
async function readFailure(response: Response): Promise<number | undefined> {
  if (response.headers.get('content-type')?.startsWith('text/event-stream')) return undefined;
  const copy = response.clone();
  if (response.ok) {
    await copy.arrayBuffer();
    return undefined;
  }
  const problem = problemIn(await copy.text());
  if (!TEMPORARY.has(response.status) && problem?.code !== 'request_in_progress') return undefined;
  return Math.max(retryAfterMs(response), Number(problem?.values?.retryAfterSeconds ?? 0) * 1000 || 0);
}

/** The problem document of an answer, over REST or tRPC. */
function problemIn(text: string): Partial<Problem> | undefined {
  try {
    const body = JSON.parse(text);
    return body?.error?.data?.problem ?? body;
  } catch {
    return undefined;
  }
}
