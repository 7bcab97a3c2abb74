// The typed client of pages that the service itself serves: it calls `/console/trpc` of their own origin with a session instead of a key.
import type { AppRouter } from '@errand/contracts';
import {
  createTRPCClient,
  httpLink,
  httpSubscriptionLink,
  splitLink,
  type TRPCClient,
  TRPCClientError,
} from '@trpc/client';
import type { inferRouterInputs, inferRouterOutputs } from '@trpc/server';
import { EventSource } from 'eventsource';
import { subscriptionFetch } from '../http/subscription-fetch.ts';

export type ConsoleClient = TRPCClient<AppRouter>;
/** The answers of all operations, by their names: `Outputs['runs']['list']`. */
export type Outputs = inferRouterOutputs<AppRouter>;
/** The inputs of all operations, by their names, as a caller may write them. */
export type Inputs = inferRouterInputs<AppRouter>;

export type ConsoleClientOptions = {
  /** The origin of the service, e.g. `http://127.0.0.1:4000`; the path is `/console/trpc`. */
  origin: string;
  /** The token of the session, read for each request. The browser adds the cookie, which is its other half. */
  token: () => string;
  /** The workspace of the requests. Operations of the session itself need none. */
  workspaceId?: string;
};

/** A client for a person who is signed in. Subscriptions reconnect by themselves, from the last received event. */
export function createConsoleClient({ origin, token, workspaceId }: ConsoleClientOptions): ConsoleClient {
  const url = `${origin}/console/trpc`;
  const headers = () => ({
    'x-errand-console': token(),
    ...(workspaceId === undefined ? {} : { 'x-errand-workspace': workspaceId }),
  });
  return createTRPCClient<AppRouter>({
    links: [
      splitLink({
        condition: ({ type }) => type === 'subscription',
        true: httpSubscriptionLink({ url, EventSource, eventSourceOptions: { fetch: subscriptionFetch(headers) } }),
        false: httpLink({ url, headers }),
      }),
    ],
  });
}

/** A refusal of the service, for people. */
export type Problem = {
  code: string;
  title: string;
  status: number;
  detail: string;
  remedy?: string;
  /** The faulty parts of the input. */
  errors?: readonly { pointer: string; message: string }[];
};

/** The problem document of a failed call, or undefined if the service did not answer with one. */
export function problemOf(error: unknown): Problem | undefined {
  if (!(error instanceof TRPCClientError)) return undefined;
  return (error.data as { problem?: Problem } | undefined)?.problem;
}
