import type { Secret } from '@errand/contracts';
import {
  processRefreshTokenResponse,
  processRevocationResponse,
  refreshTokenGrantRequest,
  revocationRequest,
} from 'oauth4webapi';
import { EgressError } from '../egress/error.ts';
import { laterResult } from '../egress/headers.ts';
import { type EgressContext, formOptionsFor } from './http.ts';
import { type AuthorizationServer, type OAuthClient, requestParties } from './server.ts';
import { errorCodeOf, repairedAnswer, type Tokens, tokensOf } from './tokens.ts';

/** The consent of a user, with which new tokens are requested. */
export type RefreshGrant = {
  server: AuthorizationServer;
  client: OAuthClient;
  refreshToken: Secret;
  scope?: string;
  resource?: string;
  audience?: string;
};

export type RefreshResult =
  /** Store these before use: the old refresh token may be invalid now. */
  | { kind: 'tokens'; tokens: Tokens }
  /** The user must consent again. `reason` is an error code of RFC 6749 §5.2, or `refused`. */
  | { kind: 'reconnect'; reason: string }
  /** The server did not act; the grant remains valid. */
  | { kind: 'later'; retryAfterMs: number }
  /** The request was sent, and its answer was lost. A second attempt could look like theft to a server that rotates refresh tokens. */
  | { kind: 'lost' };

/** Requests a new access token once. Returns faults of the server as results. @throws EgressError if the call is canceled before it is sent */
export async function refreshTokens(grant: RefreshGrant, context: EgressContext): Promise<RefreshResult> {
  const { server, client, refreshToken, scope, resource, audience } = grant;
  const parties = requestParties(server, client);
  let response: Response;
  try {
    const options = await formOptionsFor(context, server.tokenUrl, { resource, audience });
    response = await refreshTokenGrantRequest(...parties, refreshToken.reveal(), options);
  } catch (error) {
    if (error instanceof EgressError) return resultWithoutAnswer(error);
    throw error;
  }
  if (response.status !== 200) return resultOfRefusal(response);
  const readable = await repairedAnswer(response, false);
  // Some servers report errors with status 200.
  if (await isRefusal(readable.clone())) return resultOfRefusal(new Response(readable.body, response));
  try {
    const answer = await processRefreshTokenResponse(parties[0], parties[1], readable);
    return { kind: 'tokens', tokens: tokensOf(answer, { refreshToken, scope, issuer: server.issuer }) };
  } catch {
    // The server has acted, but its answer cannot be read.
    return { kind: 'lost' };
  }
}

function resultWithoutAnswer(error: EgressError): RefreshResult {
  if (!error.sent) {
    if (error.code === 'canceled') throw error;
    return laterResult();
  }
  if (error.code === 'upstream_redirect') return { kind: 'reconnect', reason: 'refused' };
  return (error.status ?? 0) >= 500 ? laterResult() : { kind: 'lost' };
}

const temporaryErrors = new Set([
  ...['temporarily_unavailable', 'server_error', 'slow_down'],
  // Of services that send them with status 200.
  ...['ratelimited', 'rate_limited', 'rate_limit_exceeded', 'too_many_requests'],
]);

async function isRefusal(answer: Response): Promise<boolean> {
  const { access_token: token, error } = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
  return token === undefined && typeof error === 'string';
}

async function resultOfRefusal(response: Response): Promise<RefreshResult> {
  const { status } = response;
  const code = await errorCodeOf(response);
  // This code counts with any status.
  if (code === 'invalid_grant') return { kind: 'reconnect', reason: code };
  if (status >= 500 || status === 408 || status === 425 || status === 429 || (code && temporaryErrors.has(code))) {
    return laterResult(response.headers.get('retry-after'));
  }
  return { kind: 'reconnect', reason: code ?? 'refused' };
}

type Revocation = Pick<RefreshGrant, 'server' | 'client'> & Partial<Pick<Tokens, 'accessToken' | 'refreshToken'>>;

/** `unsupported`: the server offers no revocation. `failed`: the tokens may still be valid. */
export type RevocationResult = { kind: 'revoked' | 'unsupported' | 'failed' };

/** Revokes tokens (RFC 7009). The refresh token comes first: most servers revoke its access tokens with it. */
export async function revokeTokens(revocation: Revocation, context: EgressContext): Promise<RevocationResult> {
  const { server, client, accessToken, refreshToken } = revocation;
  const { revocationUrl } = server;
  if (revocationUrl === undefined) return { kind: 'unsupported' };
  const send = async (token: Secret | undefined, type: string) => {
    if (!token) return;
    const options = await formOptionsFor(context, revocationUrl, { token_type_hint: type });
    const response = await revocationRequest(...requestParties(server, client), token.reveal(), options);
    await processRevocationResponse(response);
  };
  try {
    await send(refreshToken, 'refresh_token');
    await send(accessToken, 'access_token');
    return { kind: 'revoked' };
  } catch {
    return { kind: 'failed' };
  }
}
