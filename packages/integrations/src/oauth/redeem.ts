import { timingSafeEqual } from 'node:crypto';
import { problem } from '@errand/contracts';
import type { BegunConsent } from '@errand/ports/credentials';
import {
  authorizationCodeGrantRequest,
  processAuthorizationCodeResponse,
  skipStateCheck,
  validateAuthResponse,
} from 'oauth4webapi';
import { stateHash } from './authorize.ts';
import type { Grant } from './grant.ts';
import { type EgressContext, formOptionsFor } from './http.ts';
import { type AuthorizationServer, requestParties } from './server.ts';
import { errorWord, readableTokenAnswer, type Tokens, tokensOf } from './tokens.ts';

export type Redemption = Pick<Grant, 'server' | 'client' | 'resource' | 'audience'> & {
  callback: URLSearchParams;
  /** The stored request; undefined if it is unknown, expired, used, or of another browser. */
  pending: BegunConsent | undefined;
};

const invalid = (detail: string) => problem('oauth_state_invalid', detail);
const failed = (detail: string, cause?: unknown) => problem('oauth_failed', detail, { cause });
const AGAIN = 'Start the authorization again.';

/** The cause of `oauth_failed` if the server does not know the client or its secret. */
export class UnknownClient extends Error {}

/**
 * Exchanges the answer of an authorization server, from the browser, for tokens. Sends nothing until state and issuer are verified.
 * @throws ProblemError oauth_state_invalid, oauth_issuer_mismatch, oauth_denied, oauth_failed
 */
export async function redeem(redemption: Redemption, context: EgressContext): Promise<Tokens> {
  const { server, client, callback, pending, resource, audience } = redemption;
  if (!pending || !isExpected(callback, pending)) {
    throw invalid(`This authorization is unknown, already used, or older than ten minutes. ${AGAIN}`);
  }
  checkIssuer(server, callback, pending);
  const parties = requestParties(server, client);
  const parameters = callbackParameters(server, callback, parties);
  try {
    const response = await authorizationCodeGrantRequest(
      ...parties,
      parameters,
      pending.redirectUri,
      pending.verifier.reveal(),
      await formOptionsFor(context, server.tokenUrl, { resource, audience }),
    );
    if (response.status >= 400) {
      const word = await errorWord(response);
      const cause = word === 'invalid_client' ? new UnknownClient() : undefined;
      throw failed(`The authorization server refused the code${word ? `: ${word}` : ''}. ${AGAIN}`, cause);
    }
    const nonce = pending.nonce?.reveal();
    const answer = await processAuthorizationCodeResponse(
      parties[0],
      parties[1],
      await readableTokenAnswer(response, nonce !== undefined),
      nonce === undefined ? {} : { expectedNonce: nonce, requireIdToken: true },
    );
    return tokensOf(answer, { scope: pending.scope, issuer: pending.issuer });
  } catch (error) {
    if ((error as { code?: string }).code === 'oauth_failed') throw error;
    throw failed(`The authorization server issued no usable tokens. ${AGAIN}`, error);
  }
}

const only = (callback: URLSearchParams, name: string): string | undefined => {
  const values = callback.getAll(name);
  return values.length === 1 ? values[0] : undefined;
};

function isExpected(callback: URLSearchParams, pending: BegunConsent): boolean {
  const state = only(callback, 'state');
  if (state === undefined) return false;
  const [received, expected] = [stateHash(state), pending.stateHash].map((text) => Buffer.from(text));
  return received?.length === expected?.length && timingSafeEqual(received as Buffer, expected as Buffer);
}

/** Checks that the answer comes from the expected server (RFC 9207). */
function checkIssuer(server: AuthorizationServer, callback: URLSearchParams, pending: BegunConsent): void {
  const mismatch = problem('oauth_issuer_mismatch', `The answer comes from another authorization server. ${AGAIN}`);
  if (callback.getAll('iss').length > 1) throw mismatch;
  const iss = only(callback, 'iss');
  if (pending.issuer !== server.issuer) throw mismatch;
  if (iss === undefined && server.sendsIssuer) throw mismatch;
  if (iss !== undefined && server.issuer !== undefined && iss !== server.issuer) throw mismatch;
  if (iss === undefined || server.issuer !== undefined) return;
  // Without a known issuer, `iss` must at least have the origin of one of the endpoints.
  const origins = [server.authorizationUrl, server.tokenUrl].map((url) => new URL(url).origin);
  if (!URL.canParse(iss) || !origins.includes(new URL(iss).origin)) throw mismatch;
}

function callbackParameters(
  server: AuthorizationServer,
  callback: URLSearchParams,
  [metadata, client]: ReturnType<typeof requestParties>,
): URLSearchParams {
  const error = callback.get('error');
  if (error === 'access_denied')
    throw problem('oauth_denied', `The user or the authorization server denied the request. ${AGAIN}`);
  if (error !== null) {
    const word = /^[a-z_]{1,60}$/.test(error) ? `: ${error}` : '';
    throw failed(`The authorization server refused the request${word}. ${AGAIN}`);
  }
  const parameters = new URLSearchParams(callback);
  if (server.issuer === undefined) parameters.delete('iss');
  if (only(callback, 'code') === undefined) throw failed(`The answer contains no code. ${AGAIN}`);
  try {
    return validateAuthResponse(metadata, client, parameters, skipStateCheck);
  } catch (cause) {
    throw failed(`The answer of the authorization server cannot be used. ${AGAIN}`, cause);
  }
}
