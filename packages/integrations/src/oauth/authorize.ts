import { sha256 } from '@errand/basics/sha256';
import { type OAuthKnobs, Secret } from '@errand/contracts';
import type { PendingAuthorization } from '@errand/ports/credentials';
import {
  calculatePKCECodeChallenge,
  generateRandomCodeVerifier,
  generateRandomNonce,
  generateRandomState,
} from 'oauth4webapi';
import type { AuthorizationServer, OAuthClient } from './server.ts';
import { vendorName } from './token/token-request.ts';

export type AuthorizationRequest = {
  server: AuthorizationServer;
  client: OAuthClient;
  /** The callback of this service, exactly as registered at the server. */
  redirectUri: string;
  scopes?: readonly string[];
  /** The API that the token is for (RFC 8707), and the older parameter of some servers for it. */
  resource?: string;
  audience?: string;
  /** Further parameters, such as `access_type=offline`; they cannot replace those of the protocol. */
  parameters?: Readonly<Record<string, string>> | undefined;
  knobs?: OAuthKnobs;
};

/** Identifies a state, so that the state itself need not be stored. */
export const stateHash = (state: string): string => sha256(state, 'base64url');

/** The authorization request for the user's browser: PKCE S256 unless it is off, a state of 256 bits, and a nonce for the scope `openid` at a known issuer. */
export async function startAuthorization(
  request: AuthorizationRequest,
): Promise<{ url: URL; state: Secret; pending: PendingAuthorization }> {
  const { server, client, redirectUri, resource, audience, knobs = {} } = request;
  const state = generateRandomState();
  const verifier = generateRandomCodeVerifier();
  const scope = request.scopes?.join(' ') || undefined;
  const nonce = server.issuer !== undefined && request.scopes?.includes('openid') ? generateRandomNonce() : undefined;
  const url = new URL(server.authorizationUrl);
  for (const [name, value] of Object.entries(request.parameters ?? {})) url.searchParams.set(name, value);
  const ours: Record<string, string | undefined> = {
    response_type: 'code',
    client_id: client.clientId,
    redirect_uri: redirectUri,
    scope: request.scopes?.join(knobs.scopeSeparator ?? ' ') || undefined,
    state,
    ...(knobs.pkce !== 'off' && {
      code_challenge: await calculatePKCECodeChallenge(verifier),
      code_challenge_method: 'S256',
    }),
    nonce,
    resource,
    audience,
  };
  for (const [name, value] of Object.entries(ours))
    if (value !== undefined) url.searchParams.set(vendorName(name, knobs.rename), value);
  url.hash = '';
  const secrets = { verifier: new Secret(verifier), nonce: nonce === undefined ? undefined : new Secret(nonce) };
  const pending = { ...secrets, stateHash: stateHash(state), issuer: server.issuer, redirectUri, scope };
  return { url, state: new Secret(state), pending };
}
