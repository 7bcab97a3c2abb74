/** A credential of a short life that we make ourselves, or why there is none. */
export type CloudAccess<Value> =
  | { kind: 'access'; value: Value; expiresAt: Date }
  /** What the owner gave is not accepted; `reason` is a word of the service. */
  | { kind: 'refused'; reason: string }
  | { kind: 'later'; retryAfterMs: number };

const defaultMs = 5_000;
const longestMs = 3_600_000;

/** Retry-After in seconds, as a wait in ms; 5 s when there is none. */
export const laterMs = (value: string | null | undefined): number =>
  value && /^\d{1,6}$/.test(value.trim()) ? Math.min(Number(value) * 1_000, longestMs) : defaultMs;

const marginMs = 60_000;
const most = 10_000;

type Entry<Value> = { made: Promise<CloudAccess<Value>>; until: number };

/**
 * Keeps such credentials in memory, each until a minute before its end. However many ask for one at once, it is made once;
 * what failed is forgotten at once.
 */
export class CloudAccessCache<Value> {
  readonly #entries = new Map<string, Entry<Value>>();

  /** @param key names all that the credential depends on, the workspace first */
  async get(key: string, make: () => Promise<CloudAccess<Value>>): Promise<CloudAccess<Value>> {
    const known = this.#entries.get(key);
    if (known && known.until > Date.now()) return known.made;
    const entry: Entry<Value> = { made: make(), until: Number.POSITIVE_INFINITY };
    this.#entries.delete(key);
    this.#entries.set(key, entry);
    if (this.#entries.size > most) this.#entries.delete(this.#entries.keys().next().value as string);
    try {
      const access = await entry.made;
      entry.until = access.kind === 'access' ? access.expiresAt.getTime() - marginMs : 0;
      return access;
    } catch (error) {
      entry.until = 0;
      throw error;
    } finally {
      if (entry.until <= Date.now() && this.#entries.get(key) === entry) this.#entries.delete(key);
    }
  }

  /** Forgets one, since the service refused it or its owner changed it. */
  forget(key: string): void {
    this.#entries.delete(key);
  }
}
