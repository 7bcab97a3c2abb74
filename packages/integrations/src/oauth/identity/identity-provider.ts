import { isRecord } from '@errand/basics/is-record';
import type { PendingAuthorization } from '@errand/ports/credentials';
import type { IdentityProvider, VerifiedIdentity } from '@errand/ports/sign-in';
import type { AuthorizationServer as Metadata } from 'oauth4webapi';
import type { Egress } from '../../egress/egress.ts';
import { startAuthorization } from '../authorize.ts';
import { discoverIssuer } from '../discover.ts';
import { discoveryEgress } from '../http.ts';
import { exchangeCode } from '../redeem.ts';
import { scopesIn } from '../scopes.ts';
import type { AuthorizationServer, OAuthClient } from '../server.ts';
import { IssuerKeys } from './issuer-keys.ts';
import { invalidToken, refused, toRefusal } from './sign-in-refusal.ts';

export type IdentityProviderOptions = { issuer: string; client: OAuthClient; groupsClaim: string };

/** Algorithms of public keys: `none` and shared secrets are never accepted. */
const ALGORITHMS = [
  'RS256',
  'PS256',
  'ES256',
  'EdDSA',
  'Ed25519',
  'RS384',
  'PS384',
  'ES384',
  'RS512',
  'PS512',
  'ES512',
];
const SKEW_S = 60;
const METADATA_MS = 600_000;
/** After a failure the issuer is asked again once this time has passed. */
const PAUSE_MS = 2_000;
const MAX_GROUPS = 10_000;
/** Postgres stores no NUL, and replaces lone surrogates: two subjects could become one. */
const SUBJECT = /^[^\p{C}]{1,255}$/u;
const EMAIL = /^[^\s\p{C}@]+@[^\s\p{C}]+$/u;
const MAX_NAME = 100;
const MAX_EMAIL = 320;

type Discovered = { server: AuthorizationServer; scopes: string[] };
type Claims = Readonly<Record<string, unknown>>;

/** The OIDC issuer that signs people in. Its metadata and keys are read again every ten minutes. */
export function createIdentityProvider(options: IdentityProviderOptions, egress: Egress): IdentityProvider {
  const { issuer, client, groupsClaim } = options;
  const context = { egress };
  const metadata = new Discovery(issuer, groupsClaim, egress);
  const keys = new IssuerKeys(issuer, context, {});

  return {
    issuer,

    async start(redirectUri) {
      try {
        const { server, scopes } = await metadata.read();
        return await startAuthorization({ server, client, redirectUri, scopes });
      } catch (error) {
        throw toRefusal(error, issuer);
      }
    },

    async finish(callback, pending) {
      try {
        const { server } = await metadata.read();
        const { answer } = await exchangeCode({ server, client, callback, pending }, context);
        return identityOf(await verifiedClaims(String(answer.id_token), server, pending), groupsClaim);
      } catch (error) {
        throw toRefusal(error, issuer);
      }
    },
  };

  /** Verifies the signature and the claims again: over plain http on this machine, the connection proves nothing. */
  async function verifiedClaims(
    idToken: string,
    { issuer: expectedIssuer, idTokenAlgorithms }: AuthorizationServer,
    pending: PendingAuthorization,
  ): Promise<Claims> {
    const { jwtVerify } = await import('jose');
    const find: IssuerKeys['find'] = (header, input) => keys.find(header, input);
    const { payload } = await jwtVerify(idToken, find, {
      issuer: expectedIssuer!,
      audience: client.clientId,
      algorithms: idTokenAlgorithms!,
      clockTolerance: SKEW_S,
      requiredClaims: ['sub', 'exp', 'iat', 'nonce'],
    });
    if (payload.nonce !== pending.nonce?.reveal()) throw invalidToken('it belongs to another sign-in');
    return payload;
  }
}

/** The metadata of the issuer, read once for concurrent callers. */
class Discovery {
  #discovered: { at: number; value: Promise<Discovered> } | undefined;
  #failed: { at: number; error: unknown } | undefined;

  constructor(
    private readonly issuer: string,
    private readonly groupsClaim: string,
    private readonly egress: Egress,
  ) {}

  async read(): Promise<Discovered> {
    const now = performance.now();
    if (this.#failed && now - this.#failed.at < PAUSE_MS) throw this.#failed.error;
    if (!this.#discovered || now - this.#discovered.at >= METADATA_MS)
      this.#discovered = { at: now, value: this.#discover() };
    const { value } = this.#discovered;
    try {
      return await value;
    } catch (error) {
      if (this.#discovered?.value === value) {
        this.#discovered = undefined;
        this.#failed = { at: performance.now(), error };
      }
      throw error;
    }
  }

  async #discover(): Promise<Discovered> {
    const { server, metadata } = await discoverIssuer(this.issuer, { egress: discoveryEgress(this.egress) });
    const idTokenAlgorithms = algorithmsOf(metadata);
    return { server: { ...server, idTokenAlgorithms }, scopes: scopesOf(metadata, this.groupsClaim) };
  }
}

/** Without a list of the issuer, only RS256 is required to work (OpenID Connect Core §15.1). */
function algorithmsOf({ id_token_signing_alg_values_supported: listed }: Metadata): string[] {
  const accepted = Array.isArray(listed) ? ALGORITHMS.filter((algorithm) => listed.includes(algorithm)) : [];
  return accepted.length > 0 ? accepted : ['RS256'];
}

/** Some issuers name the groups only when the scope of this name is requested. */
function scopesOf({ scopes_supported: listed }: Metadata, groupsClaim: string): string[] {
  const optional = scopesIn(listed).filter((scope) => ['profile', 'email', groupsClaim].includes(scope));
  return ['openid', ...(listed === undefined ? ['profile', 'email'] : optional)];
}

function identityOf(claims: Claims, groupsClaim: string): VerifiedIdentity {
  const { iss, sub, email, email_verified: emailVerified } = claims;
  if (typeof sub !== 'string' || !SUBJECT.test(sub))
    throw invalidToken('its `sub` is no text, empty, too long, or has invisible characters');
  return {
    issuer: String(iss),
    subject: sub,
    name: nameIn(claims) ?? sub.slice(0, MAX_NAME).toWellFormed(),
    email: typeof email === 'string' && email.length <= MAX_EMAIL && EMAIL.test(email) ? email : null,
    emailVerified: emailVerified === true,
    groups: groupsIn(claims, groupsClaim),
  };
}

function nameIn({ name, preferred_username: userName, email }: Claims): string | undefined {
  const texts = [name, userName, email].map((value) =>
    typeof value === 'string'
      ? value
          .replace(/[\s\p{C}]+/gu, ' ')
          .trim()
          .slice(0, MAX_NAME)
          .toWellFormed()
      : '',
  );
  return texts.find((text) => text !== '');
}

/** @throws ProblemError sign_in_refused if the issuer left the groups out because there are too many (OpenID Connect Core §5.6.2) */
function groupsIn(claims: Claims, groupsClaim: string): string[] {
  const { _claim_names: elsewhere } = claims;
  if (isRecord(elsewhere) && Object.hasOwn(elsewhere, groupsClaim))
    throw refused('The ID token does not contain your groups, because they are too many. Ask the operator.');
  const value = Object.hasOwn(claims, groupsClaim) ? claims[groupsClaim] : [];
  const groups = typeof value === 'string' ? [value] : Array.isArray(value) ? value : [];
  return groups.filter((group): group is string => typeof group === 'string').slice(0, MAX_GROUPS);
}
