// Single calls: with a time limit, and repeated after a temporary failure.

import { limitAnswer } from '../http/limit-answer.ts';
import { RequestFailed } from '../http/request-failed.ts';
import { createBackoff, retryAfterMs } from '../http/retry.ts';
import { PAGE_OPTIONS } from './page-options.ts';
import type { TokenSource } from './token-source.ts';

export type CallOptions = {
  /** Ends the call, which throws the reason of the signal. Errand may have carried it out. */
  signal?: AbortSignal | undefined;
};

export type Call = {
  method: 'GET' | 'POST' | 'DELETE';
  url: string;
  body?: object;
  headers?: Record<string, string>;
};

const MAX_ATTEMPTS = 4;
/** The limit of one attempt, and of all together. */
const ATTEMPT_MS = 30_000;
const CALL_MS = 60_000;
/** A token that was refused is replaced once. */
const MAX_REFUSALS = 2;

/** Failures that last longer than a call. */
const LASTING_CODES = ['too_many_runs', 'credential_unavailable', 'answer_too_large'];
const LASTING_STATUSES = [501, 505];

type Failure = { error: RequestFailed; minimumMs: number };

/** @throws RequestFailed when Errand refuses or does not answer; the error of `getToken` */
export async function send<T>(tokens: TokenSource, call: Call, signal?: AbortSignal): Promise<T> {
  const endsAt = Date.now() + CALL_MS;
  const backoff = createBackoff(signal);
  for (let attempts = 1, refusals = 0; ; attempts++) {
    signal?.throwIfAborted();
    const { token } = await tokens.get(signal);
    const outcome = await attempt<T>(call, token, signal);
    if ('value' in outcome) return outcome.value;
    const { error, minimumMs } = outcome;
    if (error.problem.status === 401) {
      tokens.refuse(token);
      if (++refusals >= MAX_REFUSALS) throw error;
      continue;
    }
    if (!mayPass(error) || attempts >= MAX_ATTEMPTS || Date.now() + minimumMs > endsAt) throw error;
    backoff.setMinimum(minimumMs);
    await backoff.wait();
  }
}

const mayPass = ({ problem: { status, code } }: RequestFailed): boolean =>
  (status === 0 ||
    status < 300 ||
    status === 408 ||
    status === 429 ||
    status >= 500 ||
    code === 'request_in_progress') &&
  !LASTING_STATUSES.includes(status) &&
  !LASTING_CODES.includes(code);

async function attempt<T>(call: Call, token: string, signal?: AbortSignal): Promise<{ value: T } | Failure> {
  const request = new AbortController();
  const abort = () => request.abort();
  signal?.addEventListener('abort', abort, { once: true });
  const timer = setTimeout(abort, ATTEMPT_MS);
  try {
    const response = await fetch(call.url, { ...requestOf(call, token), signal: request.signal });
    if (response.ok) return { value: (await limitAnswer(response).json()) as T };
    return { error: await RequestFailed.from(response), minimumMs: retryAfterMs(response) };
  } catch (error) {
    signal?.throwIfAborted();
    return { error: error instanceof RequestFailed ? error : noAnswer(error), minimumMs: 0 };
  } finally {
    clearTimeout(timer);
    signal?.removeEventListener('abort', abort);
  }
}

const requestOf = ({ method, body, headers }: Call, token: string): RequestInit => ({
  ...PAGE_OPTIONS,
  method,
  headers: {
    accept: 'application/json',
    authorization: `Bearer ${token}`,
    ...(body && { 'content-type': 'application/json' }),
    ...headers,
  },
  ...(body && { body: JSON.stringify(body) }),
});

const noAnswer = (cause: unknown) =>
  new RequestFailed(
    {
      type: 'about:blank',
      title: 'No answer',
      status: 0,
      code: 'no_answer',
      detail: 'Errand did not answer.',
      remedy: 'Check the connection, the URL, and whether Errand allows the origin of the page; then try again.',
    },
    { cause },
  );
