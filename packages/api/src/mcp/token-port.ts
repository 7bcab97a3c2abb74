import type { TokenIssuer } from '@errand/contracts';

/** Port that checks access tokens for `/mcp`. */
export type TokenPort = {
  /** Trusted issuers; if empty, no token is accepted. */
  readonly issuers: readonly TokenIssuer[];
  /**
   * Checks a token; `expired`: it was valid before.
   * @throws ProblemError unavailable if the keys of its issuer cannot be read
   */
  check(
    token: string,
    audience: string,
  ): Promise<
    { kind: 'valid'; issuer: string; claims: Readonly<Record<string, unknown>> } | { kind: 'expired' | 'wrong' }
  >;
  /** Calls `listener` whenever an issuer publishes new keys, because refused tokens may be valid now. */
  onNewKeys(listener: () => void): void;
};
