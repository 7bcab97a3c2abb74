// The state of the authorization server: codes, tokens and their families. A family is one consent.
import { createHash, randomBytes } from 'node:crypto';

export type Consent = {
  clientId: string;
  redirectUri: string;
  challenge: string;
  scope: string;
  resource?: string;
};

/** The user, scopes and resource of an access token. */
export type Holder = { user: string; scope: readonly string[]; resource?: string };

export type Issued = { accessToken: string; refreshToken: string; expiresIn: number; scope: string };
export type Refusal = { error: 'invalid_grant' | 'invalid_scope' | 'invalid_target' };

type Family = Consent & { user: string; revoked: boolean };
type Code = { family: Family; used: boolean; endsAt: number };
type Access = { family: Family; scope: string; endsAt: number };

const CODE_MS = 60_000;
const random = (prefix: string) => `${prefix}_${randomBytes(24).toString('base64url')}`;

export class Grants {
  readonly #accessTokenSeconds: number;

  readonly #codes = new Map<string, Code>();
  readonly #access = new Map<string, Access>();
  readonly #refresh = new Map<string, { family: Family; used: boolean }>();
  /** Number of reused refresh tokens and codes. Each reuse revokes its family (RFC 9700 §4.14, RFC 6749 §4.1.2). */
  reuses = 0;

  constructor(accessTokenSeconds: number) {
    this.#accessTokenSeconds = accessTokenSeconds;
  }

  /** Issues a code for a consent of a user. */
  consent(consent: Consent, user: string): string {
    const code = random('code');
    this.#codes.set(code, { family: { ...consent, user, revoked: false }, used: false, endsAt: Date.now() + CODE_MS });
    return code;
  }

  redeem(code: string, client: string, redirectUri: string, verifier: string): Issued | Refusal {
    const storedCode = this.#codes.get(code);
    if (storedCode?.used) this.#reused(storedCode.family);
    if (!storedCode || storedCode.used || storedCode.endsAt < Date.now()) return { error: 'invalid_grant' };
    // The first request uses up a code, even with a wrong proof.
    storedCode.used = true;
    const { family } = storedCode;
    const proof = createHash('sha256').update(verifier).digest('base64url');
    const fits = proof === family.challenge && family.clientId === client && family.redirectUri === redirectUri;
    return fits ? this.#issue(family, family.scope) : { error: 'invalid_grant' };
  }

  refresh(token: string, client: string, scope: string | undefined): Issued | Refusal {
    const storedToken = this.#refresh.get(token);
    if (!storedToken || storedToken.family.clientId !== client || storedToken.family.revoked)
      return { error: 'invalid_grant' };
    if (storedToken.used) {
      this.#reused(storedToken.family);
      return { error: 'invalid_grant' };
    }
    const { family } = storedToken;
    const granted = family.scope.split(' ');
    if (scope?.split(' ').some((name) => !granted.includes(name))) return { error: 'invalid_scope' };
    storedToken.used = true;
    return this.#issue(family, scope ?? family.scope);
  }

  /** The holder of an access token; undefined if the token is unknown, expired or revoked. */
  check(token: string): Holder | undefined {
    const storedToken = this.#access.get(token);
    if (!storedToken || storedToken.family.revoked || storedToken.endsAt <= Date.now()) return undefined;
    const { user, resource } = storedToken.family;
    return { user, scope: storedToken.scope.split(' '), ...(resource !== undefined && { resource }) };
  }

  /** RFC 7009: revoking a refresh token revokes its family. Unknown tokens are not an error. */
  revoke(token: string, client: string): void {
    const family = this.#refresh.get(token)?.family;
    if (family?.clientId === client) family.revoked = true;
    if (this.#access.get(token)?.family.clientId === client) this.#access.delete(token);
  }

  /** Expires all access tokens. */
  expireAccessTokens(): void {
    this.#access.clear();
  }

  /** Revokes all grants. */
  withdraw(): void {
    for (const { family } of this.#refresh.values()) family.revoked = true;
  }

  #reused(family: Family): void {
    this.reuses++;
    family.revoked = true;
  }

  #issue(family: Family, scope: string): Issued {
    const accessToken = random('at');
    const refreshToken = random('rt');
    const expiresIn = this.#accessTokenSeconds;
    this.#access.set(accessToken, { family, scope, endsAt: Date.now() + expiresIn * 1_000 });
    this.#refresh.set(refreshToken, { family, used: false });
    return { accessToken, refreshToken, expiresIn, scope };
  }
}
