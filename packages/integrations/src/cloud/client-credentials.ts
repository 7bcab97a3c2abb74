import { type OAuthKnobs, Secret } from '@errand/contracts';
import {
  clientCredentialsGrantRequest,
  genericTokenEndpointRequest,
  processClientCredentialsResponse,
} from 'oauth4webapi';
import { EgressError } from '../egress/error.ts';
import type { EgressContext } from '../oauth/http.ts';
import { type OAuthClient, requestParties, type TokenServer } from '../oauth/server.ts';
import { readTokenAnswer } from '../oauth/token/token-answer.ts';
import { tokenOptionsFor } from '../oauth/token/token-request.ts';
import { type CloudAccess, refusedAccess, unansweredAccess } from './cloud-access.ts';

export type ClientGrant = {
  server: TokenServer;
  client: OAuthClient;
  /** By default `client_credentials`. */
  grantType?: string | undefined;
  scopes?: readonly string[] | undefined;
  resource?: string | undefined;
  audience?: string | undefined;
  knobs?: OAuthKnobs;
};

/** The lifetime of a token if neither the answer nor the owner states it. */
const LIFE_SECONDS = 3_600;

/** An access token for this service itself (RFC 6749 §4.4). */
export async function clientAccess(grant: ClientGrant, context: EgressContext): Promise<CloudAccess<Secret>> {
  const { server, client, grantType, scopes, resource, audience, knobs = {} } = grant;
  const parties = requestParties(server, client);
  const scope = scopes?.join(knobs.scopeSeparator ?? ' ') || undefined;
  const stated = Object.entries({ scope, resource, audience }).filter(([, value]) => value !== undefined);
  const parameters = new URLSearchParams(stated as [string, string][]);
  try {
    const options = await tokenOptionsFor(context, server.tokenUrl, { knobs });
    const response =
      grantType === undefined
        ? await clientCredentialsGrantRequest(...parties, parameters, options)
        : await genericTokenEndpointRequest(...parties, grantType, parameters, options);
    const read = await readTokenAnswer(response, knobs.tokenAnswer);
    if (read.kind === 'refused') return refusedAccess(response, read.word);
    if (read.kind === 'unreadable') return { kind: 'refused', reason: 'unreadable' };
    const answer = await processClientCredentialsResponse(parties[0], parties[1], read.response);
    const expiresAt = new Date(Date.now() + (answer.expires_in ?? LIFE_SECONDS) * 1_000);
    return { kind: 'access', value: new Secret(answer.access_token), expiresAt };
  } catch (error) {
    return error instanceof EgressError ? unansweredAccess(error) : { kind: 'refused', reason: 'unreadable' };
  }
}
