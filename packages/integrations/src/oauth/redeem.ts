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
import { authenticate, clientOf, type OAuthClient } from './client.ts';
import { type EgressUse, fetchOptionsFor } from './http.ts';
import { type AuthorizationServer, metadataOf } from './server.ts';
import { errorWord, readableTokenAnswer, type Tokens, tokensOf } from './tokens.ts';

export type Redemption = {
  server: AuthorizationServer;
  client: OAuthClient;
  /** The query of the callback. */
  callback: URLSearchParams;
  /** What was kept; undefined when nothing is found by the state, or it is over, used, or another browser's. */
  pending: BegunConsent | undefined;
  resource?: string;
  audience?: string;
};

const invalid = (detail: string) => problem('oauth_state_invalid', detail);
const failed = (detail: string, cause?: unknown) => problem('oauth_failed', detail, { cause });
const AGAIN = 'Start the authorization again.';

/** The cause of `oauth_failed` when the server does not know the client, or not by this secret. */
export class UnknownClient extends Error {}

/**
 * Turns the answer that a browser brought back into tokens. Nothing is sent before state and issuer are found right.
 * @throws ProblemError oauth_state_invalid, oauth_issuer_mismatch, oauth_denied, oauth_failed
 */
export async function redeem(redemption: Redemption, asking: EgressUse): Promise<Tokens> {
  const { server, client, callback, pending } = redemption;
  if (!pending || !isOurs(callback, pending)) {
    throw invalid(`This authorization is not one of ours, or was used or begun over ten minutes ago. ${AGAIN}`);
  }
  checkIssuer(server, callback, pending);
  const metadata = metadataOf(server);
  const parameters = answerOf(server, client, callback);
  const additionalParameters = {
    ...(redemption.resource !== undefined && { resource: redemption.resource }),
    ...(redemption.audience !== undefined && { audience: redemption.audience }),
  };
  try {
    const sent = await authorizationCodeGrantRequest(
      metadata,
      clientOf(client),
      authenticate(client, server),
      parameters,
      pending.redirectUri,
      pending.verifier.reveal(),
      { ...(await fetchOptionsFor(asking, server.tokenUrl)), additionalParameters },
    );
    if (sent.status >= 400) {
      const word = await errorWord(sent);
      const cause = word === 'invalid_client' ? new UnknownClient() : undefined;
      throw failed(`The authorization server refused the code${word ? `: ${word}` : ''}. ${AGAIN}`, cause);
    }
    const nonce = pending.nonce?.reveal();
    const answer = await processAuthorizationCodeResponse(
      metadata,
      clientOf(client),
      await readableTokenAnswer(sent, nonce !== undefined),
      nonce === undefined ? {} : { expectedNonce: nonce, requireIdToken: true },
    );
    return tokensOf(answer, { scope: pending.scope, issuer: pending.issuer });
  } catch (error) {
    if ((error as { code?: string }).code === 'oauth_failed') throw error;
    throw failed(`The authorization server gave no usable tokens. ${AGAIN}`, error);
  }
}

const only = (callback: URLSearchParams, name: string): string | undefined => {
  const values = callback.getAll(name);
  return values.length === 1 ? values[0] : undefined;
};

function isOurs(callback: URLSearchParams, pending: BegunConsent): boolean {
  const state = only(callback, 'state');
  if (state === undefined) return false;
  const [received, expected] = [stateHash(state), pending.stateHash].map((text) => Buffer.from(text));
  return received?.length === expected?.length && timingSafeEqual(received as Buffer, expected as Buffer);
}

/** RFC 9207: the answer comes from the server that was asked, not from one that poses as it. */
function checkIssuer(server: AuthorizationServer, callback: URLSearchParams, pending: BegunConsent): void {
  const mismatch = problem('oauth_issuer_mismatch', `The answer comes from another authorization server. ${AGAIN}`);
  if (callback.getAll('iss').length > 1) throw mismatch;
  const iss = only(callback, 'iss');
  if (pending.issuer !== server.issuer) throw mismatch;
  if (iss === undefined) {
    if (server.sendsIssuer) throw mismatch;
    return;
  }
  if (server.issuer !== undefined) {
    if (iss !== server.issuer) throw mismatch;
    return;
  }
  // No issuer is known, so the least that can be asked is that it is at home where the user was sent.
  const homes = [server.authorizationUrl, server.tokenUrl].map((url) => new URL(url).origin);
  if (!URL.canParse(iss) || !homes.includes(new URL(iss).origin)) throw mismatch;
}

function answerOf(server: AuthorizationServer, client: OAuthClient, callback: URLSearchParams): URLSearchParams {
  const error = callback.get('error');
  if (error === 'access_denied')
    throw problem('oauth_denied', `The user or the authorization server said no. ${AGAIN}`);
  if (error !== null) {
    const word = /^[a-z_]{1,60}$/.test(error) ? `: ${error}` : '';
    throw failed(`The authorization server refused the request${word}. ${AGAIN}`);
  }
  const parameters = new URLSearchParams(callback);
  if (server.issuer === undefined) parameters.delete('iss');
  if (only(callback, 'code') === undefined) throw failed(`The answer carries no code. ${AGAIN}`);
  try {
    return validateAuthResponse(metadataOf(server), clientOf(client), parameters, skipStateCheck);
  } catch (cause) {
    throw failed(`The answer of the authorization server cannot be used. ${AGAIN}`, cause);
  }
}
