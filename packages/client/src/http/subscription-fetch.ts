import type { Problem } from '@errand/trpc-openapi/contract';
import { fetchHere } from './fetch-here.ts';
import { RequestFailed } from './request-failed.ts';
import { isTemporary, MAX_WAIT_MS, retryAfterMs, sleep } from './retry.ts';

/**
 * A `fetch` for the EventSource of subscriptions, which stops permanently on any status other than 200 and hides the body.
 * A temporary error (408, 429, 5xx) becomes a lost connection, so that the subscription reconnects after `Retry-After`
 * (10 s at most). Any other, and an event that is too large, reaches the caller as the error of tRPC, with its problem document.
 */
export const subscriptionFetch =
  (headers: () => Readonly<Record<string, string>>) =>
  async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const response = await fetchHere(input, { ...init, headers: { ...init.headers, ...headers() } });
    if (response.ok) return response.body ? new Response(withFaults(response.body), response) : response;
    if (isTemporary(response)) {
      await response.body?.cancel();
      await sleep(Math.min(retryAfterMs(response), MAX_WAIT_MS), init.signal);
      throw new Error(`The server answered ${response.status}.`);
    }
    const body: unknown = await response.json().catch((error: unknown) => problemIn(error));
    const error = errorIn(body);
    if (error === undefined) return response;
    return new Response(frameOf(error), { headers: { 'content-type': 'text/event-stream' } });
  };

/** The codes of problems that this package finds itself: their documents are not inside an error of tRPC. */
const CODES_OF_CLIENT: readonly unknown[] = ['redirected', 'answer_too_large'];

/** The error of tRPC in an answer. */
function errorIn(body: unknown): unknown {
  const { error, ...problem } = (body ?? {}) as Partial<Problem>;
  return CODES_OF_CLIENT.includes(problem.code) ? errorOf(problem) : error;
}

const problemIn = (error: unknown): Problem | undefined => (error instanceof RequestFailed ? error.problem : undefined);

const errorOf = (problem: Partial<Problem>) => ({
  message: problem.detail,
  code: -32600,
  data: { code: 'BAD_REQUEST', httpStatus: problem.status, problem },
});

const frameOf = (error: unknown): string => `event: serialized-error\ndata: ${JSON.stringify(error)}\n\n`;

/** Makes the event that came before it, which is not complete, one that has no listener. It may end in the middle of a line. */
const END_OF_PART = ':\nevent: incomplete\n\n';

/** The stream; if an event is too large, its problem is the last event. A failure would let the subscription reconnect without an end. */
function withFaults(body: ReadableStream<Uint8Array>): ReadableStream<Uint8Array> {
  const reader = body.getReader();
  return new ReadableStream({
    async pull(controller) {
      try {
        const { done, value } = await reader.read();
        if (done) controller.close();
        else controller.enqueue(value);
      } catch (error) {
        const problem = problemIn(error);
        if (!problem) return controller.error(error);
        controller.enqueue(new TextEncoder().encode(END_OF_PART + frameOf(errorOf(problem))));
        controller.close();
      }
    },
    cancel: (reason) => reader.cancel(reason),
  });
}
