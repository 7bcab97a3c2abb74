import type { Secret } from '@errand/contracts';
import { processRevocationResponse, revocationRequest } from 'oauth4webapi';
import { type EgressContext, formOptionsFor } from './http.ts';
import { type AuthorizationServer, type OAuthClient, requestParties } from './server.ts';

export type Revocation = {
  server: AuthorizationServer;
  client: OAuthClient;
  accessToken?: Secret;
  refreshToken?: Secret;
};

/** `unsupported`: the server offers no revocation. `failed`: the tokens may still be valid. */
export type Revoked = { kind: 'revoked' | 'unsupported' | 'failed' };

/** Revokes tokens (RFC 7009). The refresh token comes first: most servers revoke its access tokens with it. */
export async function revoke(revocation: Revocation, context: EgressContext): Promise<Revoked> {
  const { server, client, accessToken, refreshToken } = revocation;
  const { revocationUrl } = server;
  if (revocationUrl === undefined) return { kind: 'unsupported' };
  const send = async (token: Secret | undefined, type: string) => {
    if (!token) return;
    const options = await formOptionsFor(context, revocationUrl, { token_type_hint: type });
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
