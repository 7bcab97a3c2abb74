import { LRUCache } from 'lru-cache';
import type { EgressError } from '../egress/error.ts';

/** A credential of a short life that we make ourselves, or why there is none. */
export type CloudAccess<Value> =
  | { kind: 'access'; value: Value; expiresAt: Date }
  /** What the owner gave is not accepted; `reason` is a word of the service. */
  | { kind: 'refused'; reason: string }
  | { kind: 'later'; retryAfterMs: number };

const DEFAULT_MS = 5_000;
const LONGEST_MS = 3_600_000;

/** Retry-After in seconds, as a wait in ms; 5 s when there is none. */
export const retryDelayMs = (value: string | null | undefined): number =>
  value && /^\d{1,6}$/.test(value.trim()) ? Math.min(Number(value) * 1_000, LONGEST_MS) : DEFAULT_MS;

/** The outcome of a request without an answer. @throws EgressError when the caller canceled it */
export function unanswered(error: EgressError): Exclude<CloudAccess<never>, { kind: 'access' }> {
  if (error.code === 'canceled') throw error;
  if (error.code === 'url_not_allowed') return { kind: 'refused', reason: error.code };
  return { kind: 'later', retryAfterMs: DEFAULT_MS };
}

const MARGIN_MS = 60_000;
const MAX_KEPT = 10_000;

/**
 * Keeps such credentials in memory, each until a minute before its end. However many ask for one at once, it is made once;
 * what failed is forgotten at once.
 */
export class CloudAccessCache<Value> {
  readonly #kept = new LRUCache<string, Promise<CloudAccess<Value>>>({ max: MAX_KEPT });

  /** @param key names all that the credential depends on, the workspace first */
  async get(key: string, make: () => Promise<CloudAccess<Value>>): Promise<CloudAccess<Value>> {
    const cached = this.#kept.get(key);
    if (cached) return cached;
    const pending = make();
    this.#kept.set(key, pending);
    let ttl = 0;
    try {
      const access = await pending;
      if (access.kind === 'access') ttl = access.expiresAt.getTime() - MARGIN_MS - Date.now();
      return access;
    } finally {
      if (this.#kept.peek(key) === pending) {
        if (ttl > 0) this.#kept.set(key, pending, { ttl });
        else this.#kept.delete(key);
      }
    }
  }

  /** Forgets one, since the service refused it or its owner changed it. */
  forget(key: string): void {
    this.#kept.delete(key);
  }
}
