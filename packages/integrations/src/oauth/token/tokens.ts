import { Secret } from '@errand/contracts';
import type { IssuedGrant } from '@errand/ports/credentials';
import type { TokenEndpointResponse } from 'oauth4webapi';
import { scopesIn } from '../scopes.ts';

/** The tokens of an answer. Without a refresh token, the user must consent again once the access token expires. */
export type Tokens = Omit<IssuedGrant, 'askedScope' | 'variables'> & {
  /** The JSON text of the answer, for values of variables. It is not stored. */
  answer?: Secret;
};

/** Values for members that an answer omits (RFC 6749 §5.1, §6), and the whole answer. */
type TokenDefaults = Pick<Tokens, 'refreshToken' | 'scope' | 'issuer' | 'answer'>;

export function tokensOf(answer: TokenEndpointResponse, defaults: TokenDefaults): Tokens {
  const { access_token: access, refresh_token: newRefreshToken, expires_in: seconds, scope = defaults.scope } = answer;
  const refreshToken = newRefreshToken ? new Secret(newRefreshToken) : defaults.refreshToken;
  return {
    accessToken: new Secret(access),
    refreshToken,
    expiresAt: seconds === undefined ? undefined : new Date(Date.now() + Math.min(seconds, 3_153_600_000) * 1_000),
    scope: scope === undefined ? undefined : scopesIn(scope).join(' '),
    issuer: defaults.issuer,
    answer: defaults.answer,
  };
}
