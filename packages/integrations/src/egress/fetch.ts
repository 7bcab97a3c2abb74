import { type Dispatcher, type RequestInit, fetch as undiciFetch } from 'undici';
import { EgressError, findEgressError } from './error.ts';
import { isForbiddenHeader } from './headers.ts';
import type { Target } from './target.ts';

/** Passes a body on and breaks it off, with an error, after `maxBytes` or what may be spent. */
const capped = (maxBytes: number, spend: (bytes: number) => boolean) => {
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

/**
 * A WHATWG fetch behind the same guard, for SDKs that bring their own protocol: streams answers, counts decoded bytes,
 * and follows no redirect, which would carry custom credential headers to another origin. A caller that says `redirect: 'manual'` is
 * given the redirect and asks again, through the guard; for others it is an error.
 */
export function guardedFetch(options: {
  check: (url: string) => Promise<Target>;
  pick: (target: Target) => Dispatcher;
  maxBytes: number;
  totalMs: number;
  spend?: (bytes: number) => boolean;
  idleMs?: number;
}): typeof globalThis.fetch {
  return async (input, init) => {
    const request = input instanceof Request ? input : undefined;
    const target = await options.check(request ? request.url : String(input));
    const merged: RequestInit = { ...(request && requestInit(request)), ...(init as RequestInit | undefined) };
    const headers = new Headers(merged.headers as ConstructorParameters<typeof Headers>[0]);
    for (const name of [...headers.keys()]) if (isForbiddenHeader(name)) headers.delete(name);
    const total = AbortSignal.timeout(options.totalMs);
    const signal = merged.signal ? AbortSignal.any([merged.signal, total]) : total;
    try {
      const response = await undiciFetch(target.url, {
        ...merged,
        headers: [...headers],
        signal,
        redirect: 'manual',
        dispatcher: withIdle(options.pick(target), options.idleMs),
      });
      if (response.status >= 300 && response.status < 400 && merged.redirect !== 'manual') {
        await response.body?.cancel();
        throw new EgressError('upstream_redirect', { sent: true, status: response.status });
      }
      const body = response.body && ![204, 205].includes(response.status);
      return new Response(
        body
          ? (response.body as unknown as ReadableStream<Uint8Array>).pipeThrough(
              capped(options.maxBytes, options.spend ?? (() => true)),
            )
          : null,
        { status: response.status, statusText: response.statusText, headers: [...response.headers] },
      );
    } catch (error) {
      if (total.aborted) throw new EgressError('upstream_timeout', { cause: error, sent: true });
      if (merged.signal?.aborted) throw merged.signal.reason;
      // The caller sees our words, not the address that was refused.
      throw findEgressError(error) ?? new EgressError('upstream_unreachable', { cause: error, sent: !isUnsent(error) });
    }
  };
}

/** The same connections, with another limit on silence than their own. */
const withIdle = (dispatcher: Dispatcher, idleMs: number | undefined): Dispatcher =>
  idleMs === undefined
    ? dispatcher
    : dispatcher.compose(
        (dispatch) => (request, handler) =>
          dispatch({ ...request, headersTimeout: idleMs, bodyTimeout: idleMs }, handler),
      );

/** Codes of errors before a connection was there. */
const UNSENT = new Set([
  ...['ECONNREFUSED', 'ENOTFOUND', 'EAI_AGAIN', 'EHOSTUNREACH', 'ENETUNREACH', 'UND_ERR_CONNECT_TIMEOUT'],
]);

/** Whether no byte of the request can have been sent. */
function isUnsent(error: unknown): boolean {
  for (let at = error, depth = 0; at instanceof Error && depth < 8; at = at.cause, depth++)
    if (UNSENT.has((at as { code?: string }).code ?? '')) return true;
  return false;
}

function requestInit(request: Request): RequestInit {
  return {
    method: request.method,
    headers: [...request.headers],
    body: request.body as unknown as RequestInit['body'],
    signal: request.signal,
    ...(request.body ? { duplex: 'half' as const } : {}),
  };
}
