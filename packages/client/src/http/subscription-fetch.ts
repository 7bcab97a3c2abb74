import { isTemporary, MAX_WAIT_MS, retryAfterMs, sleep } from './retry.ts';

/**
 * A `fetch` for the EventSource of subscriptions, which stops permanently on any status other than 200 and hides the body.
 * A temporary error (408, 429, 5xx) becomes a lost connection, so that the subscription reconnects after `Retry-After`
 * (10 s at most). Any other reaches the caller as the error of tRPC, with its problem document.
 */
export const subscriptionFetch =
  (headers: () => Readonly<Record<string, string>>) =>
  async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const response = await fetch(input, { ...init, headers: { ...init.headers, ...headers() } });
    if (response.ok) return response;
    if (isTemporary(response)) {
      await response.body?.cancel();
      await sleep(Math.min(retryAfterMs(response), MAX_WAIT_MS), init.signal);
      throw new Error(`The server answered ${response.status}.`);
    }
    const { error } = (await response.json().catch(() => ({}))) as { error?: unknown };
    if (error === undefined) return response;
    return new Response(`event: serialized-error\ndata: ${JSON.stringify(error)}\n\n`, {
      headers: { 'content-type': 'text/event-stream' },
    });
  };
