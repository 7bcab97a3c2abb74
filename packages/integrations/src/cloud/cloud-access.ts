import { LRUCache } from 'lru-cache';
import type { EgressError } from '../egress/error.ts';
import { laterResult } from '../egress/headers.ts';
import { resultOfRefusal } from '../oauth/token/refresh-result.ts';

/** A short-lived credential that this service obtains by itself, or the reason why there is none. */
export type CloudAccess<Value> =
  | { kind: 'access'; value: Value; expiresAt: Date }
  /** The owner's credential is not accepted; `reason` is an error code of the service. */
  | { kind: 'refused'; reason: string }
  | { kind: 'later'; retryAfterMs: number };

/** The outcome of a request without an answer. @throws EgressError if the caller canceled it */
export function unansweredAccess(error: EgressError): Exclude<CloudAccess<never>, { kind: 'access' }> {
  if (error.code === 'canceled') throw error;
  if (error.code === 'url_not_allowed') return { kind: 'refused', reason: error.code };
  return laterResult();
}

/** The outcome of a refusal by the server that issues credentials. */
export function refusedAccess(
  { status, headers }: Response,
  reason = 'refused',
): Exclude<CloudAccess<never>, { kind: 'access' }> {
  const result = resultOfRefusal({ status, headers }, reason);
  return result.kind === 'later' ? result : { kind: 'refused', reason };
}

const MARGIN_MS = 60_000;
const MAX_CACHED = 10_000;

/** Caches credentials until a minute before they expire. Concurrent callers share one request; failures are not cached. */
export class CloudAccessCache<Value> {
  readonly #cache = new LRUCache<string, Promise<CloudAccess<Value>>>({ max: MAX_CACHED });

  /** @param key contains everything that the credential depends on, the workspace first */
  async get(key: string, obtain: () => Promise<CloudAccess<Value>>): Promise<CloudAccess<Value>> {
    const cached = this.#cache.get(key);
    if (cached) return cached;
    const pending = obtain();
    this.#cache.set(key, pending);
    let ttl = 0;
    try {
      const access = await pending;
      if (access.kind === 'access') ttl = access.expiresAt.getTime() - MARGIN_MS - Date.now();
      return access;
    } finally {
      if (this.#cache.peek(key) === pending) {
        if (ttl > 0) this.#cache.set(key, pending, { ttl });
        else this.#cache.delete(key);
      }
    }
  }

  forget(key: string): void {
    this.#cache.delete(key);
  }
}
