const RETRY_MS = 10_000;

/**
 * A `fetch` for the EventSource of subscriptions, which stops permanently on any status other than 200 and hides the body.
 * A temporary error (408, 429, 5xx) becomes a lost connection, so that the subscription reconnects after `Retry-After`
 * (10 s at most). Any other reaches the caller as the error of tRPC, with its problem document.
 */
export const subscriptionFetch =
  (headers: Readonly<Record<string, string>>) =>
  async (input: string | URL | Request, init: RequestInit = {}): Promise<Response> => {
    const response = await fetch(input, { ...init, headers: { ...init.headers, ...headers } });
    if (response.ok) return response;
    const { status } = response;
    if (status >= 500 || status === 429 || status === 408) {
      await response.body?.cancel();
      const seconds = Number(response.headers.get('retry-after'));
      await sleep(Number.isFinite(seconds) ? Math.min(seconds * 1000, RETRY_MS) : 0, init.signal);
      throw new Error(`The server answered ${status}.`);
    }
    const { error } = (await response.json().catch(() => ({}))) as { error?: unknown };
    if (error === undefined) return response;
    return new Response(`event: serialized-error\ndata: ${JSON.stringify(error)}\n\n`, {
      headers: { 'content-type': 'text/event-stream' },
    });
  };

const sleep = (ms: number, signal?: AbortSignal | null) =>
  new Promise<void>((resolve) => {
    const done = () => {
      clearTimeout(timer);
      signal?.removeEventListener('abort', done);
      resolve();
    };
    const timer = setTimeout(done, ms);
    signal?.addEventListener('abort', done, { once: true });
  });
