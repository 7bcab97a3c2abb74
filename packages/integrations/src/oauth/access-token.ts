import { ProblemError } from '@errand/contracts';
import type { EgressContext } from './http.ts';
import { IssuerKeys, type KeyOptions } from './identity/issuer-keys.ts';

const SKEW_S = 60;
const requiredClaims = ['sub', 'exp'];
const MAX_CHARACTERS = 16_384;
const TYPE = /^(application\/)?(at\+)?jwt$/i;

/** An issuer whose access tokens are accepted, and its permitted signature algorithms. */
export type TrustedIssuer = { readonly issuer: string; readonly algorithms: readonly string[] };

/** The result for a token. `expired`: everything else about it is valid. */
export type TokenCheck =
  | { kind: 'valid'; issuer: string; claims: Readonly<Record<string, unknown>> }
  | { kind: 'expired' | 'wrong' };

export type TokenChecker = {
  /** @throws ProblemError unavailable if the keys of the issuer cannot be read */
  check(token: string, audience: string): Promise<TokenCheck>;
  /** Calls `listener` when an issuer changes its keys: wrong tokens may have become valid. */
  onNewKeys(listener: () => void): void;
};

/** Checks access tokens (RFC 9068, also without its `typ`): signature by a key of the issuer, algorithm, audience, and times. */
export function createTokenChecker(
  issuers: readonly TrustedIssuer[],
  context: EgressContext,
  options: Pick<KeyOptions, 'unknownKeyIntervalMs'> = {},
): TokenChecker {
  const listeners: (() => void)[] = [];
  const onChanged = () => {
    for (const listener of listeners) listener();
  };
  const keysOf = (issuer: string) => new IssuerKeys(issuer, context, { ...options, onChanged });
  const trusted = new Map(issuers.map((rule) => [rule.issuer, { ...rule, keys: keysOf(rule.issuer) }]));

  async function check(token: string, audience: string): Promise<TokenCheck> {
    if (token.length > MAX_CHARACTERS) return { kind: 'wrong' };
    const { decodeJwt, errors, jwtVerify } = await import('jose');
    try {
      const trustedIssuer = trusted.get(String(decodeJwt(token).iss));
      if (trustedIssuer === undefined) return { kind: 'wrong' };
      const { issuer, algorithms, keys } = trustedIssuer;
      const rules = { issuer, audience, algorithms: [...algorithms], clockTolerance: SKEW_S, requiredClaims };
      const find: IssuerKeys['find'] = (header, input) => keys.find(header, input);
      const { payload, protectedHeader } = await jwtVerify(token, find, rules);
      if (!TYPE.test(protectedHeader.typ ?? 'JWT')) return { kind: 'wrong' };
      return { kind: 'valid', issuer, claims: payload };
    } catch (error) {
      if (error instanceof errors.JWTExpired) return { kind: 'expired' };
      if (error instanceof ProblemError) throw error;
      return { kind: 'wrong' };
    }
  }

  return { check, onNewKeys: (listener) => void listeners.push(listener) };
}
