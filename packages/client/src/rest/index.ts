import createFetchClient, { type Client } from 'openapi-fetch';
import type { paths } from '../generated/schema.ts';
import { type ConnectionOptions, openConnection, rememberConnection } from '../http/connection.ts';
import { fetchHere } from '../http/fetch-here.ts';
import { mayRepeatRoute, routeTakesKey } from '../http/repeatable.ts';
import { createRetryingFetch, type RetryOptions } from '../http/retrying-fetch.ts';

export type RestClient = Client<paths>;

/**
 * The REST client, typed by the OpenAPI document: `client.GET('/v1/runs/{runId}', { params: { path: { runId } } })`.
 * It answers `{ data, error, response }`; `error` is a problem document. Temporary failures are retried: see `retry`.
 * @throws TypeError if `url` or `apiKey` cannot be used
 */
export function createRestClient({ retry, ...options }: ConnectionOptions & RetryOptions): RestClient {
  const connection = openConnection(options);
  const { baseUrl, headers } = connection;
  const client = createFetchClient<paths>({
    baseUrl,
    headers: { ...headers },
    fetch: retry === false ? fetchHere : fetchWithKeys(baseUrl, retry),
  });
  return rememberConnection(client, connection);
}

/** Adds an Idempotency-Key where an operation takes one, and retries. */
function fetchWithKeys(baseUrl: string, limits: Exclude<RetryOptions['retry'], false>) {
  const prefix = new URL(baseUrl).pathname.replace(/\/$/, '');
  const routeOf = ({ method, url }: Request) => `${method} ${new URL(url).pathname.slice(prefix.length)}`;
  const retryingFetch = createRetryingFetch(
    (input) => input instanceof Request && (input.method === 'GET' || mayRepeatRoute(routeOf(input))),
    limits,
  );
  return (request: Request): Promise<Response> => {
    if (routeTakesKey(routeOf(request)) && !request.headers.has('idempotency-key'))
      request.headers.set('idempotency-key', crypto.randomUUID());
    return retryingFetch(request);
  };
}

export type { components, operations, paths } from '../generated/schema.ts';
export type { ConnectionOptions } from '../http/connection.ts';
export { RequestFailed } from '../http/request-failed.ts';
export type { RetryLimits, RetryOptions } from '../http/retrying-fetch.ts';
export { type StreamEventsOptions, streamEvents } from './stream-events.ts';
export { type WaitOptions, waitForRun } from './wait-for-run.ts';
