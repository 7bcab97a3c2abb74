import type { EventList, Run } from '@errand/contracts';
import { type Connection, type ConnectionOptions, connectionOf } from '../http/connection.ts';
import { fetchHere } from '../http/fetch-here.ts';
import { RequestFailed } from '../http/request-failed.ts';
import { createBackoff, isTemporary, retryAfterMs } from '../http/retry.ts';
import { followRun } from './stream-events.ts';

export type WaitOptions = {
  /** `end` (the default): until the run has ended. `waiting`: also until it waits for a person (`waitingOn` is not empty). */
  until?: 'end' | 'waiting';
  /** Ends the wait after this many ms. The run continues. Without it, and without a signal, the wait may take days. */
  timeoutMs?: number;
  /** Ends the wait. The run continues. */
  signal?: AbortSignal;
};

/** A client of createClient, or of createRestClient. */
type AnyClient = { readonly runs: object } | { readonly GET: object };

/** The longest time that a timer can have. */
const MAX_TIMER_MS = 2 ** 31 - 1;

/**
 * Waits until a run has ended, by its stream: nothing is polled. It waits through lost connections and restarts of Errand.
 * @param errand a client of createClient or createRestClient, or `{ url, apiKey }`. The key needs `runs:read`.
 * @returns the run: its `status`, and its `result` or `error`; with `until: 'waiting'` perhaps its `waitingOn`
 * @throws RequestFailed if the server rejects a request permanently, e.g. because there is no such run
 * @throws DOMException a TimeoutError after `timeoutMs`; the reason of the signal when that aborts
 */
export async function waitForRun(
  errand: AnyClient | ConnectionOptions,
  runId: string,
  { until = 'end', timeoutMs, signal }: WaitOptions = {},
): Promise<Run> {
  const connection = connectionOf(errand);
  const wait = new AbortController();
  const abort = () => wait.abort(signal?.reason);
  signal?.throwIfAborted();
  signal?.addEventListener('abort', abort, { once: true });
  const goal = until === 'end' ? 'ended' : 'ended or waited for a person';
  const timeOut = () =>
    wait.abort(
      new DOMException(`The run ${runId} has not ${goal} within ${timeoutMs} ms. It continues.`, 'TimeoutError'),
    );
  const timer = timeoutMs === undefined ? undefined : setTimeout(timeOut, Math.min(timeoutMs, MAX_TIMER_MS));
  try {
    return await follow(connection, runId, until, wait.signal);
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

async function follow(
  connection: Connection,
  runId: string,
  until: 'end' | 'waiting',
  signal: AbortSignal,
): Promise<Run> {
  const path = `/v1/runs/${encodeURIComponent(runId)}`;
  const readRun = () => read<Run>(connection, path, signal);
  const isOver = (run: Run) => run.endedAt !== undefined || (until === 'waiting' && run.waitingOn.length > 0);
  // Before the run is read, so that a later event is on the stream.
  const { events } = await read<EventList>(connection, `${path}/events?order=desc&limit=1&links=false`, signal);
  const run = await readRun();
  if (isOver(run)) return run;
  for await (const event of followRun(connection, runId, { after: events[0]?.seq ?? 0, links: false, signal })) {
    if (until !== 'waiting' || (event.runStatus !== 'AUTH_REQUIRED' && event.runStatus !== 'PAUSED')) continue;
    const now = await readRun();
    if (isOver(now)) return now;
  }
  return readRun();
}

/** Reads something for as long as it takes. @throws RequestFailed if the server rejects the request permanently */
async function read<T>({ baseUrl, headers }: Connection, path: string, signal: AbortSignal): Promise<T> {
  const backoff = createBackoff(signal);
  for (;;) {
    try {
      const response = await fetchHere(`${baseUrl}${path}`, { headers, signal });
      if (response.ok) return (await response.json()) as T;
      if (!isTemporary(response)) throw await RequestFailed.from(response);
      backoff.setMinimum(retryAfterMs(response));
      await response.body?.cancel();
    } catch (error) {
      signal.throwIfAborted();
      if (error instanceof RequestFailed || error instanceof SyntaxError) throw error;
    }
    await backoff.wait();
  }
}
