import type { OAuthKnobs } from '@errand/contracts';
import { expandKnown } from '@errand/contracts/variable-values';
import { processGenericTokenEndpointResponse } from 'oauth4webapi';
import { EgressError } from '../../egress/error.ts';
import { type EgressContext, sendParameters } from '../http.ts';
import { type AuthorizationServer, type OAuthClient, requestParties } from '../server.ts';
import { type RefreshResult, resultOfRefusal, resultWithoutAnswer } from './refresh-result.ts';
import { readTokenAnswer } from './token-answer.ts';
import { type Tokens, tokensOf } from './tokens.ts';

type ExchangeKnob = NonNullable<OAuthKnobs['exchange']>;

type Exchange = {
  server: AuthorizationServer;
  client: OAuthClient;
  request: Pick<ExchangeKnob, 'url' | 'method' | 'parameters'>;
  tokens: Tokens;
  knobs?: OAuthKnobs;
};

/**
 * Exchanges an access token for one that lives longer, as servers do that issue no refresh tokens. The protocol library has no such
 * request: it is a plain GET or POST with parameters of the vendor.
 */
export async function exchangeTokens(exchange: Exchange, context: EgressContext): Promise<RefreshResult> {
  const { request, server, client, tokens, knobs = {} } = exchange;
  const values: Readonly<Record<string, string>> = {
    accessToken: tokens.accessToken.reveal(),
    clientId: client.clientId,
    clientSecret: client.clientSecret?.reveal() ?? '',
  };
  const parameters = new URLSearchParams();
  for (const [name, text] of Object.entries(request.parameters ?? {})) parameters.set(name, expandKnown(text, values));
  try {
    const response = await sendParameters({ ...request, parameters }, context);
    const read = await readTokenAnswer(response, { ...knobs.tokenAnswer, orAtTop: true });
    if (read.kind === 'refused') return resultOfRefusal(response, read.word);
    if (read.kind === 'unreadable') return { kind: 'lost' };
    const [metadata, parameterClient] = requestParties(server, client);
    const answer = await processGenericTokenEndpointResponse(metadata, parameterClient, read.response);
    return { kind: 'tokens', tokens: tokensOf(answer, { ...tokens, answer: tokens.answer ?? read.full }) };
  } catch (error) {
    return error instanceof EgressError ? resultWithoutAnswer(error) : { kind: 'lost' };
  }
}
