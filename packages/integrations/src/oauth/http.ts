import { CallBudget } from '@errand/basics/call-budget';
import { allowInsecureRequests, customFetch } from 'oauth4webapi';
import type { Egress } from '../egress/egress.ts';
import { EgressError, findEgressError } from '../egress/error.ts';
import type { Received } from '../egress/receive.ts';
import { withinBudget } from '../egress/within-budget.ts';

// A refresh holds its grant while it waits.
const TIMEOUT_MS = 10_000;
const MAX_BYTES = 256 * 1024;

export type EgressUse = { egress: Egress; signal?: AbortSignal };

/** What all requests of one discovery cost together, a registration included. It needs seven; somebody waits for it. */
const DISCOVERY = { requests: 12, bytes: 2 * 1024 * 1024, totalMs: 20_000 };

/** An egress for one discovery. */
export const forDiscovery = (egress: Egress): Egress => withinBudget(egress, new CallBudget(DISCOVERY));

/** A fetch for the protocol library that goes through the guard, follows nothing, and tells in its errors whether a byte
 *  was sent. Its answers are small and whole. @throws EgressError */
function guarded({ egress, signal }: EgressUse, readsOnly: boolean): typeof globalThis.fetch {
  return async (input, init) => {
    const body = init?.body;
    const received = await egress.request({
      method: init?.method ?? 'GET',
      url: String(input),
      headers: Object.fromEntries(new Headers(init?.headers)),
      ...(body !== undefined && body !== null && { body: String(body) }),
      ...(signal && { signal }),
      credentials: !readsOnly,
      redirects: 0,
      timeoutMs: TIMEOUT_MS,
      maxBytes: MAX_BYTES,
    });
    const { status } = received;
    const bodiless = status === 204 || status === 205 || status === 304;
    return new Response(bodiless ? null : received.body, { status, headers: received.headers });
  };
}

/**
 * Options for each request of the protocol library. Plain http passes only where the egress lets it, which is for
 * origins that the operator named: whatever else is not https is refused here and again when it connects.
 * @throws EgressError url_not_allowed
 */
export async function fetchOptionsFor(asking: EgressUse, url: string, readsOnly = false) {
  const { protocol } = await asking.egress.checkUrl(url);
  return { [customFetch]: guarded(asking, readsOnly), [allowInsecureRequests]: protocol === 'http:' };
}

/** A small answer, read without credentials. @throws EgressError when the server does not answer */
export const readAt = (url: string, { egress, signal }: EgressUse): Promise<Received> =>
  egress.request({
    method: 'GET',
    url,
    headers: { accept: 'application/json' },
    ...(signal && { signal }),
    credentials: false,
    redirects: 0,
    timeoutMs: TIMEOUT_MS,
    maxBytes: MAX_BYTES,
  });

/** A JSON document of a server, read without credentials; undefined when there is none. @throws EgressError when it does not answer */
export async function jsonAt(url: string, asking: EgressUse): Promise<unknown> {
  const { status, body } = await readAt(url, asking);
  mustAnswer(status);
  if (status !== 200) return undefined;
  try {
    return JSON.parse(body.toString('utf8'));
  } catch {
    return undefined;
  }
}

/** @throws EgressError for a status with which a server says that it cannot answer now */
export function mustAnswer(status: number): void {
  if (status >= 500 || status === 429) throw new EgressError('upstream_unreachable', { sent: true, status });
}

/** Whether the same may succeed later: a server did not answer. */
export function isPassing(error: unknown): boolean {
  const code = findEgressError(error)?.code;
  return (
    error instanceof Error && (code === 'upstream_unreachable' || code === 'upstream_timeout' || code === 'canceled')
  );
}
