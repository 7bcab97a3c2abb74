import { LRUCache } from 'lru-cache';

/** Answers that are read often and change seldom: each is asked for once and kept for a moment. */
export class Recent<T> {
  readonly #known: LRUCache<string, Promise<T>>;

  /** @param ttlMs how old an answer may be @param max entries kept; the one that was used least recently goes first */
  constructor(ttlMs: number, max = 2000) {
    this.#known = new LRUCache({ max, ttl: ttlMs });
  }

  /** @param group what `forget` knows the entry by; without spaces */
  get(group: string, rest: string, load: () => Promise<T>): Promise<T> {
    const key = `${group} ${rest}`;
    const found = this.#known.get(key);
    if (found) return found;
    const answer = load();
    this.#known.set(key, answer);
    answer.catch(() => {
      if (this.#known.peek(key) === answer) this.#known.delete(key);
    });
    return answer;
  }

  /** Drops all of a group, also what is being asked for now. */
  forget(group: string): void {
    for (const key of [...this.#known.keys()]) if (key.startsWith(`${group} `)) this.#known.delete(key);
  }
}
