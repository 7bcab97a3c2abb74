import type { AppRouter } from '@errand/contracts';
import { createTRPCClient, httpLink, httpSubscriptionLink, splitLink, type TRPCClient } from '@trpc/client';
import { EventSource } from 'eventsource';
import { credentialHeaders } from './http/credential.ts';
import { subscriptionFetch } from './http/subscription-fetch.ts';

/** The error of a failed call; `data.problem` is the problem document. */
export { TRPCClientError } from '@trpc/client';

export type Client = TRPCClient<AppRouter>;

export type ClientOptions = {
  /** Where Errand is, e.g. `http://127.0.0.1:4000`. */
  url: string;
  /** An API key, sent as `x-api-key`, or a user token, sent as `Authorization: Bearer`. Never sent in a URL. */
  apiKey: string;
};

/**
 * The typed tRPC client: every operation of the contract under its name, e.g. `client.runs.create.mutate(…)`.
 * `client.runs.stream.subscribe` resumes by itself after a lost connection, from the last received event.
 * Works in Node and in browsers. Failed calls throw a TRPCClientError with the problem document in `data.problem`.
 */
export function createClient({ url, apiKey }: ClientOptions): Client {
  const endpoint = `${url.replace(/\/+$/, '')}/trpc`;
  const key = credentialHeaders(apiKey);
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: (op) => op.type === 'subscription',
        true: httpSubscriptionLink({
          url: endpoint,
          EventSource,
          // connectionParams would put the key into the URL, and so into every log on the way
          eventSourceOptions: { fetch: subscriptionFetch(() => key) },
        }),
        // one request a call: a batch is as slow as its slowest member, and `prefer: wait=…` makes slow ones
        false: httpLink({ url: endpoint, headers: key }),
      }),
    ],
  });
}

export type { AppRouter } from '@errand/contracts';
