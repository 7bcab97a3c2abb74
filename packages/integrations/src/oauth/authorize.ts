import { sha256 } from '@errand/basics/sha256';
import { Secret } from '@errand/contracts';
import type { BegunConsent } from '@errand/ports/credentials';
import {
  calculatePKCECodeChallenge,
  generateRandomCodeVerifier,
  generateRandomNonce,
  generateRandomState,
} from 'oauth4webapi';
import type { OAuthClient } from './client.ts';
import type { AuthorizationServer } from './server.ts';

export type AuthorizationRequest = {
  server: AuthorizationServer;
  client: OAuthClient;
  /** Our callback, exactly as it is registered at the server. */
  redirectUri: string;
  scopes?: readonly string[];
  /** The API that the token is for (RFC 8707), and the older way of some servers to say so. */
  resource?: string;
  audience?: string;
  /** Further parameters that a server wants, such as `access_type=offline`; they replace none of ours. */
  parameters?: Readonly<Record<string, string>>;
};

/** What a state is found by; the state itself need not be kept. */
export const stateHash = (state: string): string => sha256(state, 'base64url');

/**
 * Where to send the user's browser: an authorization request with PKCE S256, a state of 256 bits, and for OpenID Connect
 * (scope `openid` at a known issuer) a nonce.
 */
export async function authorizationUrl(
  request: AuthorizationRequest,
): Promise<{ url: URL; state: Secret; pending: BegunConsent }> {
  const { server, client, redirectUri, resource, audience } = request;
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
    scope,
    state,
    code_challenge: await calculatePKCECodeChallenge(verifier),
    code_challenge_method: 'S256',
    nonce,
    resource,
    audience,
  };
  for (const [name, value] of Object.entries(ours)) if (value !== undefined) url.searchParams.set(name, value);
  url.hash = '';
  const secrets = { verifier: new Secret(verifier), nonce: nonce === undefined ? undefined : new Secret(nonce) };
  const pending = { ...secrets, stateHash: stateHash(state), issuer: server.issuer, redirectUri, scope };
  return { url, state: new Secret(state), pending };
}
