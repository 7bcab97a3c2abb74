import type { AppRouter } from '@errand/contracts';
import {
  createTRPCClient,
  httpLink,
  httpSubscriptionLink,
  splitLink,
  type TRPCClient,
  type TRPCLink,
} from '@trpc/client';
import { EventSource } from 'eventsource';
import { type ConnectionOptions, openConnection, rememberConnection } from './http/connection.ts';
import { fetchHere } from './http/fetch-here.ts';
import { mayRepeat, takesKey } from './http/repeatable.ts';
import { createRetryingFetch, type RetryOptions } from './http/retrying-fetch.ts';
import { subscriptionFetch } from './http/subscription-fetch.ts';

export type Client = TRPCClient<AppRouter>;

export type ClientOptions = ConnectionOptions & RetryOptions;

/**
 * The typed tRPC client: every operation of the contract under its name, e.g. `client.runs.create.mutate(…)`.
 * `client.runs.stream.subscribe` resumes by itself after a lost connection, from the last received event. Temporary failures of calls are
 * retried: see `retry`. Failed calls throw a TRPCClientError with the problem document in `data.problem`.
 * @throws TypeError if `url` or `apiKey` cannot be used
 */
export function createClient({ retry, ...options }: ClientOptions): Client {
  const connection = openConnection(options);
  const { baseUrl, headers } = connection;
  const url = `${baseUrl}/trpc`;
  // one request a call: a batch is as slow as its slowest member, and `prefer: wait=…` makes slow ones
  const callLinks =
    retry === false
      ? [httpLink<AppRouter>({ url, headers, fetch: fetchHere })]
      : [keyLink, httpLink<AppRouter>({ url, headers, fetch: createRetryingFetch(isRepeatable, retry) })];
  const client = createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: (op) => op.type === 'subscription',
        true: httpSubscriptionLink({
          url,
          EventSource,
          // connectionParams would put the key into the URL, and so into every log on the way
          eventSourceOptions: { fetch: subscriptionFetch(() => headers) },
        }),
        false: callLinks,
      }),
    ],
  });
  return rememberConnection(client, connection);
}

/** Gives each call that takes an idempotency key one. */
const keyLink: TRPCLink<AppRouter> =
  () =>
  ({ op, next }) => {
    if (!takesKey(op.path)) return next(op);
    const input = op.input as { idempotencyKey?: string };
    return next({ ...op, input: { ...input, idempotencyKey: input.idempotencyKey ?? crypto.randomUUID() } });
  };

/** Of a request of httpLink, which sends queries by GET. */
const isRepeatable = (input: string | URL | Request, init: RequestInit | undefined): boolean =>
  init?.method === 'GET' || mayRepeat(new URL(String(input)).pathname.split('/').at(-1)!);

export type { AppRouter, Run, RunEvent, WebhookBody } from '@errand/contracts';
export type { Problem } from '@errand/trpc-openapi/contract';
/** The error of a failed call; `data.problem` is the problem document. */
export { TRPCClientError } from '@trpc/client';
export type { ConnectionOptions } from './http/connection.ts';
export { RequestFailed } from './http/request-failed.ts';
export type { RetryLimits, RetryOptions } from './http/retrying-fetch.ts';
export { everyItem, type ItemOf, type PageRequest } from './lists/every-item.ts';
export { problemOf } from './problem-of.ts';
export { type StreamEventsOptions, streamEvents } from './rest/stream-events.ts';
export { type WaitOptions, waitForRun } from './rest/wait-for-run.ts';
export {
  type ReceivedWebhook,
  verifyWebhook,
  type WebhookDelivery,
  type WebhookFault,
  WebhookRejected,
} from './webhooks/verify-webhook.ts';
