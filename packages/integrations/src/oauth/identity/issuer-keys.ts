import { problem } from '@errand/contracts';
import type { JSONWebKeySet, JWTVerifyGetKey } from 'jose';
import { z } from 'zod';
import { issuerMetadata } from '../discover.ts';
import { discoveryEgress, type EgressContext, readUrl } from '../http.ts';

/** Keys are read again after `FRESH_MS`. If that fails, the old keys remain usable until `USABLE_MS`. */
const FRESH_MS = 600_000;
const USABLE_MS = 3_600_000;
const PAUSE_MS = 5_000;
/** Tokens with unknown keys cause at most one read in this time. */
const UNKNOWN_KEY_INTERVAL_MS = 15_000;

const Keys = z.object({ keys: z.array(z.looseObject({ kty: z.string() })).max(100) });

type KeySet = { find: JWTVerifyGetKey; text: string; at: number };
type Header = Parameters<JWTVerifyGetKey>[0];
type Input = Parameters<JWTVerifyGetKey>[1];

export type KeyOptions = { unknownKeyIntervalMs?: number; onChanged?: () => void };

/** The public keys of an issuer, from its metadata. Bounds the number and size of the requests. */
export class IssuerKeys {
  #keySet: KeySet | undefined;
  #reading: Promise<void> | undefined;
  #failedAt = Number.NEGATIVE_INFINITY;
  #readAgainAt = Number.NEGATIVE_INFINITY;
  #nextRead: NodeJS.Timeout | undefined;

  constructor(
    private readonly issuer: string,
    private readonly context: EgressContext,
    private readonly options: KeyOptions,
  ) {}

  /** The key that a token names. @throws ProblemError unavailable without any keys; JOSEError without a matching key */
  async find(header: Header, token: Input) {
    const keySet = await this.#freshKeys();
    try {
      return await keySet.find(header, token);
    } catch (error) {
      if ((error as { code?: string }).code !== 'ERR_JWKS_NO_MATCHING_KEY' || !(await this.#readAgain())) throw error;
    }
    return this.#usableKeys().find(header, token);
  }

  async #freshKeys(): Promise<KeySet> {
    const now = performance.now();
    const isFresh = this.#keySet !== undefined && now - this.#keySet.at < FRESH_MS;
    if (!isFresh && now - this.#failedAt >= PAUSE_MS) await this.#read();
    return this.#usableKeys();
  }

  #usableKeys(): KeySet {
    if (this.#keySet !== undefined && performance.now() - this.#keySet.at < USABLE_MS) return this.#keySet;
    const detail = 'The keys of the issuer cannot be read. Try again.';
    throw problem('unavailable', detail, { headers: { 'retry-after': String(PAUSE_MS / 1000) } });
  }

  /**
   * Reads the keys because of an unknown key. The next read waits for its interval, and happens even if no other token arrives. So a flood
   * of invented keys delays a new key by one interval at most.
   * @returns whether the keys were read
   */
  async #readAgain(): Promise<boolean> {
    const waitMs =
      this.#readAgainAt + (this.options.unknownKeyIntervalMs ?? UNKNOWN_KEY_INTERVAL_MS) - performance.now();
    if (this.#reading === undefined && waitMs > 0) {
      this.#nextRead ??= setTimeout(() => {
        this.#nextRead = undefined;
        void this.#readAgain();
      }, waitMs).unref();
      return false;
    }
    if (this.#reading === undefined) this.#readAgainAt = performance.now();
    await this.#read();
    return true;
  }

  /** Reads the keys, once for concurrent callers. If that fails, the old keys remain. */
  #read(): Promise<void> {
    this.#reading ??= this.#load()
      .catch(() => {
        this.#failedAt = performance.now();
      })
      .finally(() => {
        this.#reading = undefined;
      });
    return this.#reading;
  }

  async #load(): Promise<void> {
    const { createLocalJWKSet } = await import('jose');
    const context = { ...this.context, egress: discoveryEgress(this.context.egress) };
    const { jwks_uri: url } = await issuerMetadata(this.issuer, context);
    const { status, body } = await readUrl(String(url), context);
    if (status !== 200) throw new Error(`The key set was answered with status ${status}.`);
    const keys = Keys.parse(JSON.parse(body.toString()));
    const previous = this.#keySet;
    const text = JSON.stringify(keys);
    this.#keySet = { find: createLocalJWKSet(keys as JSONWebKeySet), text, at: performance.now() };
    if (previous !== undefined && previous.text !== text) this.options.onChanged?.();
  }
}
