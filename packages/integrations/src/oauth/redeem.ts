import { timingSafeEqual } from 'node:crypto';
import { problem, type Secret } from '@errand/contracts';
import type { PendingAuthorization } from '@errand/ports/credentials';
import {
  authorizationCodeGrantRequest,
  nopkce,
  processAuthorizationCodeResponse,
  skipStateCheck,
  type TokenEndpointResponse,
  validateAuthResponse,
} from 'oauth4webapi';
import { stateHash } from './authorize.ts';
import type { RefreshGrant } from './grant.ts';
import type { EgressContext } from './http.ts';
import { type AuthorizationServer, requestParties } from './server.ts';
import { exchangeTokens } from './token/exchange.ts';
import { readTokenAnswer } from './token/token-answer.ts';
import { standardCallback, tokenOptionsFor } from './token/token-request.ts';
import { type Tokens, tokensOf } from './token/tokens.ts';

export type Redemption = Pick<RefreshGrant, 'server' | 'client' | 'resource' | 'audience' | 'knobs'> & {
  callback: URLSearchParams;
  /** The stored request; undefined if it is unknown, expired, used, or of another browser. */
  pending: PendingAuthorization | undefined;
};

const stateInvalid = (detail: string) => problem('oauth_state_invalid', detail);
const oauthFailed = (detail: string, cause?: unknown) => problem('oauth_failed', detail, { cause });
const RESTART = 'Start the authorization again.';

/** For servers that do not decode id and secret, as RFC 6749 §2.3.1 requires. */
const OTHER_AUTHENTICATION =
  'Check clientId and clientSecret. If they are right, set clientAuthentication: client_secret_post, or client_secret_basic_unencoded if the secret has characters such as + / = ~.';

/** The cause of `oauth_failed` if the server does not know the client or its secret. */
export class UnknownClient extends Error {}

/**
 * Exchanges the answer of an authorization server, from the browser, for tokens. Sends nothing until state and issuer are verified.
 * @throws ProblemError oauth_state_invalid, oauth_issuer_mismatch, oauth_denied, oauth_failed
 */
export async function redeemCode(redemption: Redemption, context: EgressContext): Promise<Tokens> {
  const { answer, full, scope, issuer } = await exchangeCode(redemption, context);
  const first = tokensOf(answer, { scope, issuer, answer: full });
  const { exchange } = redemption.knobs ?? {};
  if (!exchange) return first;
  const exchanged = await exchangeTokens({ ...redemption, request: exchange, tokens: first }, context);
  if (exchanged.kind === 'tokens') return exchanged.tokens;
  const word = exchanged.kind === 'reconnect' ? `: ${exchanged.reason}` : '';
  throw oauthFailed(`The authorization server did not exchange the token${word}. ${RESTART}`);
}

/**
 * As `redeemCode`. Of an ID token it verifies the claims, not the signature: the answer comes from the token endpoint itself.
 * @returns the answer of the token endpoint, and the scope and issuer of the request
 */
export async function exchangeCode(
  redemption: Redemption,
  context: EgressContext,
): Promise<{ answer: TokenEndpointResponse; full: Secret } & Pick<PendingAuthorization, 'scope' | 'issuer'>> {
  const { server, client, pending, resource, audience, knobs = {} } = redemption;
  const callback = standardCallback(redemption.callback, knobs.rename);
  if (!pending || !hasExpectedState(callback, pending)) {
    throw stateInvalid(`This authorization is unknown, already used, or older than ten minutes. ${RESTART}`);
  }
  checkIssuer(server, callback, pending);
  const parties = requestParties(server, client);
  const parameters = callbackParameters(server, callback, parties);
  try {
    const response = await authorizationCodeGrantRequest(
      ...parties,
      parameters,
      pending.redirectUri,
      knobs.pkce === 'off' ? nopkce : pending.verifier.reveal(),
      await tokenOptionsFor(context, server.tokenUrl, { knobs, parameters: { resource, audience } }),
    );
    const nonce = pending.nonce?.reveal();
    const read = await readTokenAnswer(response, { ...knobs.tokenAnswer, keepIdToken: nonce !== undefined });
    if (read.kind === 'refused') throw refusedCode(read.word);
    if (read.kind === 'unreadable') throw new Error('unreadable');
    const answer = await processAuthorizationCodeResponse(
      parties[0],
      parties[1],
      read.response,
      nonce === undefined ? {} : { expectedNonce: nonce, requireIdToken: true },
    );
    return { answer, full: read.full, scope: pending.scope, issuer: pending.issuer };
  } catch (error) {
    if ((error as { code?: string }).code === 'oauth_failed') throw error;
    throw oauthFailed(`The authorization server issued no usable tokens. ${RESTART}`, error);
  }
}

function refusedCode(word: string | undefined) {
  const detail = `The authorization server refused the code${word ? `: ${word}` : ''}. ${RESTART}`;
  if (word !== 'invalid_client') return oauthFailed(detail);
  return problem('oauth_failed', detail, { cause: new UnknownClient(), remedy: OTHER_AUTHENTICATION });
}

const singleValue = (callback: URLSearchParams, name: string): string | undefined => {
  const values = callback.getAll(name);
  return values.length === 1 ? values[0] : undefined;
};

function hasExpectedState(callback: URLSearchParams, pending: PendingAuthorization): boolean {
  const state = singleValue(callback, 'state');
  if (state === undefined) return false;
  const [received, expected] = [stateHash(state), pending.stateHash].map((text) => Buffer.from(text));
  return received?.length === expected?.length && timingSafeEqual(received as Buffer, expected as Buffer);
}

/** Checks that the answer comes from the expected server (RFC 9207). */
function checkIssuer(server: AuthorizationServer, callback: URLSearchParams, pending: PendingAuthorization): void {
  const mismatch = problem('oauth_issuer_mismatch', `The answer comes from another authorization server. ${RESTART}`);
  if (callback.getAll('iss').length > 1) throw mismatch;
  const iss = singleValue(callback, 'iss');
  if (pending.issuer !== server.issuer) throw mismatch;
  if (iss === undefined && server.sendsIssuer) throw mismatch;
  if (iss !== undefined && server.issuer !== undefined && iss !== server.issuer) throw mismatch;
  if (iss === undefined || server.issuer !== undefined) return;
  // Without a known issuer, `iss` must at least have the origin of one of the endpoints.
  const urls = [server.authorizationUrl, server.tokenUrl].filter((url) => URL.canParse(url));
  const origins = urls.map((url) => new URL(url).origin);
  if (!URL.canParse(iss) || !origins.includes(new URL(iss).origin)) throw mismatch;
}

function callbackParameters(
  server: AuthorizationServer,
  callback: URLSearchParams,
  [metadata, client]: ReturnType<typeof requestParties>,
): URLSearchParams {
  const error = callback.get('error');
  if (error === 'access_denied')
    throw problem('oauth_denied', `The user or the authorization server denied the request. ${RESTART}`);
  if (error !== null) {
    const code = /^[a-z_]{1,60}$/.test(error) ? `: ${error}` : '';
    throw oauthFailed(`The authorization server refused the request${code}. ${RESTART}`);
  }
  const parameters = new URLSearchParams(callback);
  if (server.issuer === undefined) parameters.delete('iss');
  if (singleValue(callback, 'code') === undefined) throw oauthFailed(`The answer contains no code. ${RESTART}`);
  try {
    return validateAuthResponse(metadata, client, parameters, skipStateCheck);
  } catch (cause) {
    throw oauthFailed(`The answer of the authorization server cannot be used. ${RESTART}`, cause);
  }
}
