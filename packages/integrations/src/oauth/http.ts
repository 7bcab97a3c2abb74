import { CallBudget } from '@errand/basics/call-budget';
import { variablesIn } from '@errand/contracts';
import { allowInsecureRequests, customFetch } from 'oauth4webapi';
import type { Egress } from '../egress/egress.ts';
import { EgressError, findEgressError } from '../egress/error.ts';
import type { EgressResponse } from '../egress/receive.ts';
import { withinBudget } from '../egress/within-budget.ts';
import { parsedJson } from '../parsed-json.ts';

// Other callers wait for a grant during its refresh, so the timeout is short.
export const BOUNDS = { redirects: 0, timeoutMs: 10_000, maxBytes: 256 * 1024 } as const;

export type EgressContext = { egress: Egress; signal?: AbortSignal };

/** The limits for all requests of one discovery together, with a registration. It needs up to seven requests. */
const DISCOVERY = { requests: 12, bytes: 2 * 1024 * 1024, totalMs: 20_000 };

export const discoveryEgress = (egress: Egress): Egress => withinBudget(egress, new CallBudget(DISCOVERY));

/** A fetch for the protocol library that uses the egress guard and follows no redirect. @throws EgressError */
function egressFetch({ egress, signal }: EgressContext, isRead: boolean): typeof globalThis.fetch {
  return async (input, init) => {
    const body = init?.body;
    const response = await egress.request({
      method: init?.method ?? 'GET',
      url: String(input),
      headers: Object.fromEntries(new Headers(init?.headers)),
      ...(body !== undefined && body !== null && { body: String(body) }),
      signal,
      credentials: !isRead,
      ...BOUNDS,
    });
    const { status } = response;
    const bodiless = status === 204 || status === 205 || status === 304;
    return new Response(bodiless ? null : response.body, { status, headers: response.headers });
  };
}

/** Options for a request of the protocol library. Plain http is allowed only where the egress allows it. @throws EgressError url_not_allowed */
export async function fetchOptionsFor(context: EgressContext, url: string, isRead = false) {
  checkIsComplete(url);
  const { protocol } = await context.egress.checkUrl(url);
  return { [customFetch]: egressFetch(context, isRead), [allowInsecureRequests]: protocol === 'http:' };
}

/** A host may contain braces, so a URL without the value of a variable would be looked up. @throws EgressError url_not_allowed */
export function checkIsComplete(url: string): void {
  if (variablesIn(url).length > 0) throw new EgressError('url_not_allowed');
}

/** Options for a form with further parameters; undefined ones are left out. @throws EgressError url_not_allowed */
export async function formOptionsFor(
  context: EgressContext,
  url: string,
  parameters: Readonly<Record<string, string | undefined>>,
) {
  const additionalParameters: Record<string, string> = JSON.parse(JSON.stringify(parameters));
  return { ...(await fetchOptionsFor(context, url)), additionalParameters };
}

/**
 * Sends parameters with secrets: in the query of a GET, else as a form. Returns the answer with any status.
 * @throws EgressError
 */
export async function sendParameters(
  { method, url, parameters }: { method: 'GET' | 'POST'; url: string; parameters: URLSearchParams },
  context: EgressContext,
): Promise<Response> {
  checkIsComplete(url);
  const send = egressFetch(context, false);
  const headers = { accept: 'application/json' };
  const target = new URL(url);
  if (method === 'POST') return send(target.href, { method, headers: { ...headers, ...FORM }, body: parameters });
  for (const [name, value] of parameters) target.searchParams.append(name, value);
  return send(target.href, { method, headers });
}

const FORM = { 'content-type': 'application/x-www-form-urlencoded;charset=UTF-8' };

/** Reads a small answer without credentials. @throws EgressError if the server does not answer */
export const readUrl = (url: string, { egress, signal }: EgressContext): Promise<EgressResponse> =>
  egress.request({
    method: 'GET',
    url,
    headers: { accept: 'application/json' },
    signal,
    credentials: false,
    ...BOUNDS,
  });

/** Reads a JSON document without credentials; undefined if there is none. @throws EgressError if the server does not answer */
export async function readJson(url: string, context: EgressContext): Promise<unknown> {
  const { status, body } = await readUrl(url, context);
  checkAnswered(status);
  return status === 200 ? parsedJson(body.toString('utf8')) : undefined;
}

/** @throws EgressError for a status that means a temporary failure */
export function checkAnswered(status: number): void {
  if (status >= 500 || status === 429) throw new EgressError('upstream_unreachable', { sent: true, status });
}

/** Whether a server did not answer, so that a repetition may succeed. */
export function isTemporaryError(error: unknown): boolean {
  const code = findEgressError(error)?.code;
  return code === 'upstream_unreachable' || code === 'upstream_timeout' || code === 'canceled';
}
