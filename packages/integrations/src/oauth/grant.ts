import type { OAuthKnobs, Secret } from '@errand/contracts';
import {
  processRefreshTokenResponse,
  processRevocationResponse,
  refreshTokenGrantRequest,
  revocationRequest,
} from 'oauth4webapi';
import { EgressError } from '../egress/error.ts';
import type { EgressContext } from './http.ts';
import { type AuthorizationServer, type OAuthClient, requestParties } from './server.ts';
import { exchangeTokens } from './token/exchange.ts';
import { type RefreshResult, resultOfRefusal, resultWithoutAnswer } from './token/refresh-result.ts';
import { readTokenAnswer } from './token/token-answer.ts';
import { tokenOptionsFor } from './token/token-request.ts';
import { type Tokens, tokensOf } from './token/tokens.ts';

/** The consent of a user, with which new tokens are requested. */
export type RefreshGrant = {
  server: AuthorizationServer;
  client: OAuthClient;
  refreshToken: Secret;
  scope?: string;
  resource?: string;
  audience?: string;
  knobs?: OAuthKnobs;
};

/** Requests a new access token once. Returns faults of the server as results. @throws EgressError if the call is canceled before it is sent */
export async function refreshTokens(grant: RefreshGrant, context: EgressContext): Promise<RefreshResult> {
  const { client, refreshToken, scope, resource, audience, knobs = {} } = grant;
  const tokenUrl = knobs.tokenRequest?.refreshUrl ?? grant.server.tokenUrl;
  const server = { ...grant.server, tokenUrl };
  const parties = requestParties(server, client);
  let response: Response;
  try {
    const options = await tokenOptionsFor(context, tokenUrl, { knobs, parameters: { resource, audience } });
    response = await refreshTokenGrantRequest(...parties, refreshToken.reveal(), options);
  } catch (error) {
    if (error instanceof EgressError) return resultWithoutAnswer(error);
    throw error;
  }
  const read = await readTokenAnswer(response, { ...knobs.tokenAnswer, orAtTop: true });
  // Some servers report errors with status 200.
  if (read.kind === 'refused') return resultOfRefusal(response, read.word);
  if (read.kind === 'unreadable') return { kind: 'lost' };
  try {
    const answer = await processRefreshTokenResponse(parties[0], parties[1], read.response);
    return {
      kind: 'tokens',
      tokens: tokensOf(answer, { refreshToken, scope, issuer: grant.server.issuer, answer: read.full }),
    };
  } catch {
    // The server has acted, but its answer cannot be read.
    return { kind: 'lost' };
  }
}

/** The renewal of an exchanged token that has no refresh token, by another exchange. */
export type ExchangeGrant = Omit<RefreshGrant, 'refreshToken'> & { accessToken: Secret };

/** Exchanges an access token for one that lives longer. As `refreshTokens`, but a refusal leaves the present token as it is. */
export function renewByExchange(grant: ExchangeGrant, context: EgressContext): Promise<RefreshResult> {
  const { knobs: { exchange } = {}, accessToken, scope, server } = grant;
  if (!exchange) throw new TypeError('The integration exchanges no tokens.');
  const tokens = { accessToken, scope, issuer: server.issuer };
  return exchangeTokens({ ...grant, request: exchange.refresh ?? exchange, tokens }, context);
}

type Revocation = Pick<RefreshGrant, 'server' | 'client' | 'knobs'> &
  Partial<Pick<Tokens, 'accessToken' | 'refreshToken'>>;

/** `unsupported`: the server offers no revocation. `failed`: the tokens may still be valid. */
export type RevocationResult = { kind: 'revoked' | 'unsupported' | 'failed' };

/** Revokes tokens (RFC 7009). The refresh token comes first: most servers revoke its access tokens with it. */
export async function revokeTokens(revocation: Revocation, context: EgressContext): Promise<RevocationResult> {
  const { server, client, accessToken, refreshToken, knobs } = revocation;
  const { revocationUrl } = server;
  if (revocationUrl === undefined) return { kind: 'unsupported' };
  const send = async (token: Secret | undefined, type: string) => {
    if (!token) return;
    const parameters = { token_type_hint: type };
    const options = await tokenOptionsFor(context, revocationUrl, { knobs, parameters, requestsTokens: false });
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
