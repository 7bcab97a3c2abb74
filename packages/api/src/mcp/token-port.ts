import type { TokenIssuer } from '@errand/contracts';

/** Access tokens that count at `/mcp`. */
export type TokenPort = {
  /** Empty: none count. */
  readonly issuers: readonly TokenIssuer[];
  /**
   * Checks a token; `expired`: it was a good one.
   * @throws ProblemError unavailable when its issuer's keys cannot be read
   */
  check(
    token: string,
    audience: string,
  ): Promise<
    { kind: 'valid'; issuer: string; claims: Readonly<Record<string, unknown>> } | { kind: 'expired' | 'wrong' }
  >;
  /** Calls `listener` whenever an issuer publishes other keys than before: tokens that were wrong may be valid now. */
  onNewKeys(listener: () => void): void;
};
