import { problem } from '@errand/contracts';
import type { JSONWebKeySet, JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import { ofIssuer } from './discover.ts';
import type { EgressUse } from './http.ts';

/** Keys are read again after this time; when that fails, the old ones are used for longer. */
const FRESH_MS = 600_000;
const USABLE_MS = 3_600_000;
/** After a failure nobody asks again for this time. */
const REST_MS = 5_000;
/** How often in a minute a key that is not known makes the keys be read again. */
const MAX_LOOKS = 4;
const MAX_BYTES = 256 * 1024;
const TIMEOUT_MS = 10_000;

const Keys = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(100) });

type Kept = { find: JWTVerifyGetKey; at: number };
type Header = Parameters<JWTVerifyGetKey>[0];
type Input = Parameters<JWTVerifyGetKey>[1];

/** The public keys with which an issuer signs its tokens: from its metadata, through the guard, few times and in bounds. */
export class IssuerKeys {
  readonly #issuer: string;
  readonly #asking: EgressUse;
  readonly #now: () => number;
  #kept: Kept | undefined;
  #reading: Promise<void> | undefined;
  #failedAt = Number.NEGATIVE_INFINITY;
  #looks: number[] = [];

  constructor(issuer: string, asking: EgressUse, now: () => number = () => performance.now()) {
    this.#issuer = issuer;
    this.#asking = asking;
    this.#now = now;
  }

  /**
   * The key that a token says it is signed with.
   * @throws ProblemError unavailable when there are no keys; JOSEError when none fits
   */
  async find(header: Header, token: Input) {
    const kept = await this.#fresh();
    try {
      return await kept.find(header, token);
    } catch (error) {
      if ((error as { code?: string }).code !== 'ERR_JWKS_NO_MATCHING_KEY' || !this.#mayLook()) throw error;
    }
    await this.#read();
    return this.#usable().find(header, token);
  }

  async #fresh(): Promise<Kept> {
    const now = this.#now();
    const isFresh = this.#kept !== undefined && now - this.#kept.at < FRESH_MS;
    if (!isFresh && now - this.#failedAt >= REST_MS) await this.#read();
    return this.#usable();
  }

  #usable(): Kept {
    if (this.#kept !== undefined && this.#now() - this.#kept.at < USABLE_MS) return this.#kept;
    const detail = 'The keys of the issuer cannot be read. Try again.';
    throw problem('unavailable', detail, { headers: { 'retry-after': String(REST_MS / 1000) } });
  }

  #mayLook(): boolean {
    const now = this.#now();
    this.#looks = this.#looks.filter((at) => now - at < 60_000);
    return this.#looks.length < MAX_LOOKS && this.#looks.push(now) > 0;
  }

  /** Reads the keys, once for all who ask at the same time; what was known stays when it fails. */
  #read(): Promise<void> {
    this.#reading ??= this.#load()
      .then(
        (find) => {
          this.#kept = { find, at: this.#now() };
        },
        () => {
          this.#failedAt = this.#now();
        },
      )
      .finally(() => {
        this.#reading = undefined;
      });
    return this.#reading;
  }

  async #load(): Promise<JWTVerifyGetKey> {
    const { createLocalJWKSet } = await import('jose');
    const { jwks_uri: url } = await ofIssuer(this.#issuer, this.#asking);
    const { status, body } = await this.#asking.egress.request({
      method: 'GET',
      url: String(url),
      headers: { accept: 'application/json' },
      credentials: false,
      redirects: 0,
      timeoutMs: TIMEOUT_MS,
      maxBytes: MAX_BYTES,
    });
    if (status !== 200) throw new Error(`The keys were answered with ${status}.`);
    return createLocalJWKSet(Keys.parse(JSON.parse(body.toString())) as JSONWebKeySet);
  }
}
