import type { Problem } from '@errand/trpc-openapi/contract';
import { fetchHere } from './fetch-here.ts';
import { isTemporary, MAX_WAIT_MS, retryAfterMs, sleep } from './retry.ts';

/**
 * A `fetch` for the EventSource of subscriptions, which stops permanently on any status other than 200 and hides the body.
 * A temporary error (408, 429, 5xx) becomes a lost connection, so that the subscription reconnects after `Retry-After`
 * (10 s at most). Any other reaches the caller as the error of tRPC, with its problem document.
 */
export const subscriptionFetch =
  (headers: () => Readonly<Record<string, string>>) =>
  async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const response = await fetchHere(input, { ...init, headers: { ...init.headers, ...headers() } });
    if (response.ok) return response;
    if (isTemporary(response)) {
      await response.body?.cancel();
      await sleep(Math.min(retryAfterMs(response), MAX_WAIT_MS), init.signal);
      throw new Error(`The server answered ${response.status}.`);
    }
    const error = errorIn(await response.json().catch(() => undefined));
    if (error === undefined) return response;
    return new Response(`event: serialized-error\ndata: ${JSON.stringify(error)}\n\n`, {
      headers: { 'content-type': 'text/event-stream' },
    });
  };

/** The error of tRPC in an answer. A redirect has a problem document only. */
function errorIn(body: unknown): unknown {
  const { error, ...problem } = (body ?? {}) as Partial<Problem>;
  if (problem.code !== 'redirected') return error;
  const { detail, status } = problem;
  return { message: detail, code: -32600, data: { code: 'BAD_REQUEST', httpStatus: status, problem } };
}
