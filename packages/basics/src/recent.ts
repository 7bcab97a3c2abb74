import { LRUCache } from 'lru-cache';

/** A cache with a time limit. Concurrent reads of a key share one load. */
export class Recent<T> {
  readonly #entries: LRUCache<string, Promise<T>>;

  /** @param ttlMs maximum age of an entry @param max maximum number of entries; the least recently used is dropped first */
  constructor(ttlMs: number, max = 2000) {
    this.#entries = new LRUCache({ max, ttl: ttlMs });
  }

  /** @param group for `forget`; without spaces */
  get(group: string, rest: string, load: () => Promise<T>): Promise<T> {
    const key = `${group} ${rest}`;
    const pending = this.#entries.get(key);
    if (pending) return pending;
    const answer = load();
    this.#entries.set(key, answer);
    answer.catch(() => {
      if (this.#entries.peek(key) === answer) this.#entries.delete(key);
    });
    return answer;
  }

  /** Drops all entries of a group, also those being loaded. */
  forget(group: string): void {
    for (const key of [...this.#entries.keys()]) if (key.startsWith(`${group} `)) this.#entries.delete(key);
  }
}
