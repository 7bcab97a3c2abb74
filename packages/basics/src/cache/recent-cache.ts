import { LRUCache } from 'lru-cache';
import type { Awaitable } from '../awaitable.ts';

/** `loaded`: set once the load has ended. */
type Entry<T> = { loading: Promise<T>; loaded?: { value: T } };

/** A cache with a time limit. Concurrent reads of a key share one load. */
export class RecentCache<T> {
  readonly #entries: LRUCache<string, Entry<T>>;

  /** @param ttlMs maximum age of an entry @param max maximum number of entries; the least recently used is dropped first */
  constructor(ttlMs: number, max = 2000) {
    this.#entries = new LRUCache({ max, ttl: ttlMs });
  }

  /** @param group for `forget`; without spaces */
  get(group: string, key: string, load: () => Promise<T>): Awaitable<T> {
    const fullKey = `${group} ${key}`;
    const cached = this.#entries.get(fullKey);
    if (cached) return cached.loaded ? cached.loaded.value : cached.loading;
    const entry: Entry<T> = { loading: load() };
    this.#entries.set(fullKey, entry);
    entry.loading.then(
      (value) => {
        entry.loaded = { value };
      },
      () => {
        if (this.#entries.peek(fullKey) === entry) this.#entries.delete(fullKey);
      },
    );
    return entry.loading;
  }

  /** Drops all entries of a group, also those being loaded. */
  forget(group: string): void {
    for (const fullKey of [...this.#entries.keys()]) if (fullKey.startsWith(`${group} `)) this.#entries.delete(fullKey);
  }
}
