import type { Secret } from '@errand/contracts';
import { processRefreshTokenResponse, refreshTokenGrantRequest } from 'oauth4webapi';
import { EgressError } from '../egress/error.ts';
import { authenticate, clientOf, type OAuthClient } from './client.ts';
import { type EgressUse, fetchOptionsFor } from './http.ts';
import { type AuthorizationServer, metadataOf } from './server.ts';
import { errorWord, readableTokenAnswer, type Tokens, tokensOf } from './tokens.ts';

/** What a user granted us once, and how to ask for more of it. */
export type Grant = {
  server: AuthorizationServer;
  client: OAuthClient;
  refreshToken: Secret;
  scope?: string;
  resource?: string;
  audience?: string;
};

export type Refreshed =
  /** Keep these, and the refresh token among them, before they are used: the old one may be gone. */
  | { kind: 'tokens'; tokens: Tokens }
  /** Nothing but the user can mend it. `reason` is a word of RFC 6749 §5.2, or `refused`. */
  | { kind: 'reconnect'; reason: string }
  /** The server did not act; the grant stands. */
  | { kind: 'later'; retryAfterMs: number }
  /** The request was sent and its answer is not known: a server that rotates may hold the refresh token for used, and a
   *  second try for a theft, for which it revokes everything. So it is not tried again. */
  | { kind: 'lost' };

const DEFAULT_RETRY_MS = 5_000;
const LONGEST_RETRY_MS = 3_600_000;

/** Asks for a new access token once. Never throws for what the server does; a cancelled call throws its EgressError. */
export async function refresh(grant: Grant, asking: EgressUse): Promise<Refreshed> {
  const { server, client, refreshToken, scope, resource, audience } = grant;
  const additionalParameters = {
    ...(resource !== undefined && { resource }),
    ...(audience !== undefined && { audience }),
  };
  let response: Response;
  try {
    const options = { ...(await fetchOptionsFor(asking, server.tokenUrl)), additionalParameters };
    const proof = authenticate(client, server);
    response = await refreshTokenGrantRequest(
      metadataOf(server),
      clientOf(client),
      proof,
      refreshToken.reveal(),
      options,
    );
  } catch (error) {
    if (error instanceof EgressError) return unanswered(error);
    throw error;
  }
  if (response.status !== 200) return refusal(response);
  const readable = await readableTokenAnswer(response, false);
  // Some servers refuse with status 200.
  if (await isRefusal(readable.clone())) return refusal(new Response(readable.body, response));
  try {
    const answer = await processRefreshTokenResponse(metadataOf(server), clientOf(client), readable);
    return { kind: 'tokens', tokens: tokensOf(answer, { refreshToken, scope, issuer: server.issuer }) };
  } catch {
    // It says that it acted, and what it gave cannot be read.
    return { kind: 'lost' };
  }
}

function unanswered(error: EgressError): Refreshed {
  if (!error.sent) {
    if (error.code === 'canceled') throw error;
    return { kind: 'later', retryAfterMs: DEFAULT_RETRY_MS };
  }
  if (error.code === 'upstream_redirect') return { kind: 'reconnect', reason: 'refused' };
  return (error.status ?? 0) >= 500 ? { kind: 'later', retryAfterMs: DEFAULT_RETRY_MS } : { kind: 'lost' };
}

const passing = new Set([
  ...['temporarily_unavailable', 'server_error', 'slow_down'],
  // Of services that answer them with status 200.
  ...['ratelimited', 'rate_limited', 'rate_limit_exceeded', 'too_many_requests'],
]);

async function isRefusal(answer: Response): Promise<boolean> {
  const { access_token: token, error } = (await answer.json().catch(() => ({}))) as Record<string, unknown>;
  return token === undefined && typeof error === 'string';
}

async function refusal(response: Response): Promise<Refreshed> {
  const { status } = response;
  const word = await errorWord(response);
  // A grant that is named as invalid is so, whatever the status.
  if (word === 'invalid_grant') return { kind: 'reconnect', reason: word };
  if (status >= 500 || status === 408 || status === 425 || status === 429 || (word && passing.has(word))) {
    return { kind: 'later', retryAfterMs: retryAfterMs(response.headers.get('retry-after')) };
  }
  return { kind: 'reconnect', reason: word ?? 'refused' };
}

function retryAfterMs(value: string | null): number {
  if (value === null) return DEFAULT_RETRY_MS;
  const ms = /^\d+$/.test(value.trim()) ? Number(value) * 1_000 : Date.parse(value) - Date.now();
  return Number.isFinite(ms) ? Math.min(Math.max(0, ms), LONGEST_RETRY_MS) : DEFAULT_RETRY_MS;
}
