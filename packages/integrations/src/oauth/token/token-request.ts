import type { OAuthKnobs } from '@errand/contracts';
import { customFetch, type TokenEndpointRequestOptions } from 'oauth4webapi';
import { EgressError } from '../../egress/error.ts';
import { isWritableHeader } from '../../egress/headers.ts';
import { type EgressContext, formOptionsFor } from '../http.ts';

type RequestOptions = {
  knobs?: OAuthKnobs | undefined;
  /** Parameters that the library does not send; undefined ones are left out. */
  parameters?: Readonly<Record<string, string | undefined>>;
  /** Whether tokens are requested: then the parameters of `tokenRequest` are added. */
  requestsTokens?: boolean;
};

/**
 * Options for a request to a token or revocation endpoint. Where the server deviates, the request of the library is rewritten before it
 * is sent.
 * @throws EgressError url_not_allowed
 */
export async function tokenOptionsFor(
  context: EgressContext,
  url: string,
  options: RequestOptions,
): Promise<TokenEndpointRequestOptions> {
  const { knobs = {}, parameters = {}, requestsTokens = true } = options;
  const standard = await formOptionsFor(context, url, parameters);
  if (!knobs.tokenRequest && !knobs.rename) return standard;
  const send = standard[customFetch];
  const rewrite: typeof send = (input, init) => send(input, rewritten(init ?? {}, knobs, requestsTokens));
  return Object.assign(standard, { [customFetch]: rewrite });
}

function rewritten(init: RequestInit, knobs: OAuthKnobs, requestsTokens: boolean): RequestInit {
  const { body: format, parameters = {}, headers: moreHeaders = {} } = knobs.tokenRequest ?? {};
  const form = new URLSearchParams(String(init.body ?? ''));
  // The library's own parameters and its Authorization win.
  if (requestsTokens)
    for (const [name, value] of Object.entries(parameters)) if (!form.has(name)) form.set(name, value);
  const headers = new Headers(init.headers);
  for (const [name, value] of Object.entries(moreHeaders)) {
    // Values of variables may have characters that a header may not contain.
    if (!isWritableHeader(name, value)) throw new EgressError('request_not_allowed');
    if (name.toLowerCase() !== 'authorization' || !headers.has(name)) headers.set(name, value);
  }
  const entries = [...form].map(([name, value]) => [vendorName(name, knobs.rename), value] as [string, string]);
  if (format !== 'json') return { ...init, headers, body: new URLSearchParams(entries) };
  headers.set('content-type', 'application/json');
  return { ...init, headers, body: JSON.stringify(Object.fromEntries(entries)) };
}

/** The name of a standard parameter at the server. */
export const vendorName = (name: string, rename: OAuthKnobs['rename'] = {}): string =>
  Object.hasOwn(rename, name) ? (rename[name as keyof typeof rename] ?? name) : name;

/** A callback with the standard names. The standard name counts no more where the server has another. */
export function standardCallback(callback: URLSearchParams, rename: OAuthKnobs['rename'] = {}): URLSearchParams {
  const standard = new URLSearchParams(callback);
  for (const name of ['code', 'state', 'scope'] as const) {
    const renamed = rename[name];
    if (renamed === undefined) continue;
    standard.delete(name);
    for (const value of callback.getAll(renamed)) standard.append(name, value);
  }
  return standard;
}
