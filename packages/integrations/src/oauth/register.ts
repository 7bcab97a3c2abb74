import { problem, Secret } from '@errand/contracts';
import { dynamicClientRegistrationRequest } from 'oauth4webapi';
import { z } from 'zod';
import { findEgressError } from '../egress/error.ts';
import { checkAnswered, type EgressContext, fetchOptionsFor } from './http.ts';
import { type AuthorizationServer, type ClientAuthentication, metadataOf, type OAuthClient } from './server.ts';
import { errorCodeOf } from './token/token-answer.ts';

export type RegisteredClient = { client: OAuthClient; expiresAt?: Date };

const METHODS = [
  'client_secret_basic',
  'client_secret_post',
  'none',
] as const satisfies readonly ClientAuthentication[];

/** The characters of client ids and secrets (RFC 6749, appendix A). */
const PRINTABLE = /^[\x20-\x7e]+$/;
/** The end of the year 9999, in seconds: databases and libraries reject later times. */
const LATEST = 253_402_300_799;

// Servers omit members, and answer 200. Only the members that are used are read.
const RegistrationResponse = z.object({
  client_id: z.string().max(1000).regex(PRINTABLE),
  client_secret: z.string().max(4000).regex(PRINTABLE).nullish(),
  client_secret_expires_at: z.number().nullish(),
  token_endpoint_auth_method: z.string().nullish(),
});

/**
 * Registers a client with one redirect URI (RFC 7591).
 * @throws ProblemError oauth_failed, with an EgressError as its cause if the server did not answer
 */
export async function registerClient(
  server: AuthorizationServer & { registrationUrl: string },
  { name, redirectUri }: { name: string; redirectUri: string },
  context: EgressContext,
): Promise<RegisteredClient> {
  const offered = server.clientAuthentication ?? ['client_secret_basic'];
  const preferred = METHODS.find((method) => offered.includes(method)) ?? 'none';
  // No further members: some servers reject unknown members.
  const metadata = {
    client_name: name,
    redirect_uris: [redirectUri],
    grant_types: ['authorization_code', 'refresh_token'],
    response_types: ['code'],
    token_endpoint_auth_method: preferred,
    application_type: redirectUri.startsWith('https:') ? 'web' : 'native',
  };
  let response: Response;
  try {
    const options = await fetchOptionsFor(context, server.registrationUrl);
    response = await dynamicClientRegistrationRequest(metadataOf(server), metadata, options);
    checkAnswered(response.status);
  } catch (error) {
    throw unansweredProblem(error);
  }
  if (response.status !== 200 && response.status !== 201) {
    const code = await errorCodeOf(response);
    throw refusedProblem(`with status ${response.status}${code === undefined ? '' : `, ${code}`}`);
  }
  const parsed = RegistrationResponse.safeParse(await response.json().catch(() => undefined));
  if (!parsed.success) throw refusedProblem('with an answer that names no client');
  const { client_id: clientId, client_secret: secret, client_secret_expires_at: endsAt } = parsed.data;
  const registeredMethod = METHODS.find((method) => method === parsed.data.token_endpoint_auth_method);
  const clientAuthentication = registeredMethod ?? preferred;
  if (clientAuthentication === 'none') return { client: { clientId, clientAuthentication } };
  if (!secret) throw refusedProblem('with a client that lacks its secret');
  return {
    client: { clientId, clientAuthentication, clientSecret: new Secret(secret) },
    expiresAt: endsAt ? new Date(Math.min(endsAt, LATEST) * 1000) : undefined,
  };
}

function unansweredProblem(error: unknown): unknown {
  const cause = findEgressError(error);
  const detail = 'The authorization server does not answer the registration of a client.';
  return cause ? problem('oauth_failed', detail, { cause }) : error;
}

const refusedProblem = (phrase: string) =>
  problem('oauth_failed', `The authorization server answered the registration of a client ${phrase}.`);
