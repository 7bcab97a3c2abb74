import type { EgressError } from '../../egress/error.ts';
import { laterResult } from '../../egress/headers.ts';
import type { Tokens } from './tokens.ts';

export type RefreshResult =
  /** Store these before use: the old refresh token may be invalid now. */
  | { kind: 'tokens'; tokens: Tokens }
  /** The user must consent again. `reason` is an error code of RFC 6749 §5.2, or `refused`. */
  | { kind: 'reconnect'; reason: string }
  /** The server did not act; the grant remains valid. */
  | { kind: 'later'; retryAfterMs: number }
  /** The request was sent, and its answer was lost. A second attempt could look like theft to a server that rotates refresh tokens. */
  | { kind: 'lost' };

/** @throws EgressError if the call was canceled before it was sent */
export function resultWithoutAnswer(error: EgressError): RefreshResult {
  if (!error.sent) {
    if (error.code === 'canceled') throw error;
    return laterResult();
  }
  if (error.code === 'upstream_redirect') return { kind: 'reconnect', reason: 'refused' };
  return (error.status ?? 0) >= 500 ? laterResult() : { kind: 'lost' };
}

const TEMPORARY = new Set([
  ...['temporarily_unavailable', 'server_error', 'slow_down'],
  // Of services that send them with status 200.
  ...['ratelimited', 'rate_limited', 'rate_limit_exceeded', 'too_many_requests', 'accesslimited'],
  ...['internal_error', 'fatal_error', 'service_unavailable', 'request_timeout'],
]);

/** @param word the error code in the answer */
export function resultOfRefusal(
  { status, headers }: Pick<Response, 'status' | 'headers'>,
  word: string | undefined,
): Exclude<RefreshResult, { kind: 'tokens' | 'lost' }> {
  // This code counts with any status.
  if (word === 'invalid_grant') return { kind: 'reconnect', reason: word };
  const isTemporary = word !== undefined && TEMPORARY.has(word.toLowerCase());
  if (isTemporary || status >= 500 || status === 408 || status === 425 || status === 429)
    return laterResult(headers.get('retry-after'));
  return { kind: 'reconnect', reason: word ?? 'refused' };
}
