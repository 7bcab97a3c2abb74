import { isRecord } from '@errand/basics/is-record';
import { Secret } from '@errand/contracts';
import type { IssuedGrant } from '@errand/ports/credentials';
import type { TokenEndpointResponse } from 'oauth4webapi';
import { scopesIn } from './scopes.ts';

/** A token that fits into a header (RFC 6749, appendix A.12), with the usual length limit of headers. */
const HEADER_TOKEN = /^[\x21-\x7e]{1,16384}$/;

/** The tokens of an answer. Without a refresh token, the user must consent again once the access token expires. */
export type Tokens = Omit<IssuedGrant, 'askedScope'>;

/** Values for members that an answer omits (RFC 6749 §5.1, §6). */
type TokenDefaults = Pick<Tokens, 'refreshToken' | 'scope' | 'issuer'>;

export function tokensOf(answer: TokenEndpointResponse, defaults: TokenDefaults): Tokens {
  const { access_token: access, refresh_token: newRefreshToken, expires_in: seconds, scope = defaults.scope } = answer;
  const refreshToken = newRefreshToken ? new Secret(newRefreshToken) : defaults.refreshToken;
  return {
    accessToken: new Secret(access),
    refreshToken,
    expiresAt: seconds === undefined ? undefined : new Date(Date.now() + Math.min(seconds, 3_153_600_000) * 1_000),
    scope: scope === undefined ? undefined : scopesIn(scope).join(' '),
    issuer: defaults.issuer,
  };
}

/**
 * Repairs a token answer for the protocol library: adds a `token_type`, which some servers omit; removes null members and a token that does
 * not fit into a header. Removes an unrequested ID token unless `keepIdToken`: there is no issuer to check it against.
 */
export async function repairedAnswer(response: Response, keepIdToken: boolean): Promise<Response> {
  if (response.status !== 200) return response;
  const text = await response.text();
  const headers = { 'content-type': 'application/json' };
  try {
    const members = Object.entries(JSON.parse(text) as Record<string, unknown>);
    const { id_token: idToken, ...body } = Object.fromEntries(members.filter(([, value]) => value !== null));
    if (!HEADER_TOKEN.test(String(body.access_token))) delete body.access_token;
    const read = { token_type: 'bearer', ...body, ...(keepIdToken && idToken !== undefined && { id_token: idToken }) };
    return new Response(JSON.stringify(read), { headers });
  } catch {
    return new Response(text, { headers });
  }
}

/** The `error` of a refusal, if it has the form of the codes of RFC 6749 §5.2. */
export async function errorCodeOf(response: Response): Promise<string | undefined> {
  const body: unknown = await response.json().catch(() => undefined);
  const { error } = isRecord(body) ? body : {};
  return typeof error === 'string' && /^[a-z_]{1,60}$/.test(error) ? error : undefined;
}
