import type { Awaitable } from '@errand/basics/awaitable';
import { timeLimit } from '@errand/basics/time-limit';
import { isForbiddenHeader } from '@errand/contracts';
import { type Dispatcher, type RequestInit, fetch as undiciFetch } from 'undici';
import { EgressError, errorChain, findEgressError } from './error.ts';
import type { Target } from './target.ts';

const byteLimiter = (maxBytes: number, spend: (bytes: number) => boolean) => {
  let size = 0;
  return new TransformStream<Uint8Array, Uint8Array>({
    transform(chunk, controller) {
      size += chunk.byteLength;
      if (!spend(chunk.byteLength) || size > maxBytes)
        controller.error(new EgressError('upstream_too_large', { sent: true }));
      else controller.enqueue(chunk);
    },
  });
};

/** Limits of each call: its duration, and decoded bytes of its answer. */
export type FetchBounds = {
  totalMs: number;
  maxBytes: number;
  /** Longest wait for the first header, and between two pieces of a body, in ms. */
  idleMs?: number;
  /** Called with the bytes of each piece of an answer; false ends the answer. */
  spend?: (bytes: number) => boolean;
};

type FetchOptions = FetchBounds & {
  check: (url: string) => Awaitable<Target>;
  agentFor: (target: Target) => Dispatcher;
};
type UndiciResponse = Awaited<ReturnType<typeof undiciFetch>>;

/**
 * A fetch with the egress guard, for SDKs: streams answers, and counts decoded bytes. It follows no redirects, which would send credential
 * headers to another origin. With `redirect: 'manual'` the caller gets the redirect; otherwise it is an error.
 */
export function guardedFetch(options: FetchOptions): typeof globalThis.fetch {
  return async (input, init) => {
    const request = input instanceof Request ? input : undefined;
    const target = await options.check(request ? request.url : String(input));
    const merged: RequestInit = { ...(request && requestInit(request)), ...(init as RequestInit | undefined) };
    const totalTimeout = timeLimit(options.totalMs);
    try {
      const response = await undiciFetch(target.url, {
        ...merged,
        headers: allowedHeaders(merged),
        signal: merged.signal ? AbortSignal.any([merged.signal, totalTimeout]) : totalTimeout,
        redirect: 'manual',
        dispatcher: withIdleTimeout(options.agentFor(target), options.idleMs),
      });
      if (merged.redirect !== 'manual') await rejectRedirect(response);
      return boundedResponse(response, options);
    } catch (error) {
      throw failureOf(error, totalTimeout, merged.signal);
    }
  };
}

function failureOf(error: unknown, totalTimeout: AbortSignal, callerSignal: RequestInit['signal']): unknown {
  if (totalTimeout.aborted) return new EgressError('upstream_timeout', { cause: error, sent: true });
  if (callerSignal?.aborted) return callerSignal.reason;
  // The caller gets our text, without the rejected address.
  return findEgressError(error) ?? new EgressError('upstream_unreachable', { cause: error, sent: !isUnsent(error) });
}

function allowedHeaders({ headers: requestHeaders }: RequestInit): [string, string][] {
  const headers = new Headers(requestHeaders as ConstructorParameters<typeof Headers>[0]);
  return [...headers].filter(([name]) => !isForbiddenHeader(name));
}

async function rejectRedirect({ status, body }: UndiciResponse): Promise<void> {
  if (status < 300 || status >= 400) return;
  await body?.cancel();
  throw new EgressError('upstream_redirect', { sent: true, status });
}

function boundedResponse({ status, statusText, headers, body }: UndiciResponse, options: FetchOptions): Response {
  const stream = [204, 205].includes(status) ? null : (body as ReadableStream<Uint8Array> | null);
  const bounded = stream?.pipeThrough(byteLimiter(options.maxBytes, options.spend ?? (() => true)));
  return new Response(bounded, { status, statusText, headers: [...headers] });
}

const withIdleTimeout = (dispatcher: Dispatcher, idleMs: number | undefined): Dispatcher =>
  idleMs === undefined
    ? dispatcher
    : dispatcher.compose(
        (dispatch) => (request, handler) =>
          dispatch({ ...request, headersTimeout: idleMs, bodyTimeout: idleMs }, handler),
      );

/** Codes of errors before there is a connection. */
const UNSENT = /^(?:ECONNREFUSED|ENOTFOUND|EAI_AGAIN|EHOSTUNREACH|ENETUNREACH|UND_ERR_CONNECT_TIMEOUT)$/;

const isUnsent = (error: unknown): boolean =>
  errorChain(error).some((cause) => UNSENT.test((cause as { code?: string }).code ?? ''));

function requestInit(request: Request): RequestInit {
  return {
    method: request.method,
    headers: [...request.headers],
    body: request.body as unknown as RequestInit['body'],
    signal: request.signal,
    duplex: request.body ? 'half' : undefined,
  };
}
