import { LRUCache } from 'lru-cache';

const MAX_KILLS = 5;
const WINDOW_MS = 60_000;
/** Maximum number of tenants remembered; those with the latest deaths. */
const MAX_TENANTS = 10_000;

/**
 * Counts the sandbox processes that the jobs of each tenant ended. After five within a minute, the tenant's jobs wait until the oldest of
 * the five is more than a minute old.
 */
export class KillLimit {
  readonly #deaths = new LRUCache<string, number[]>({ max: MAX_TENANTS });
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  add(tenant: string): void {
    this.#deaths.set(tenant, [...(this.#deaths.get(tenant) ?? []), this.#now()].slice(-MAX_KILLS));
  }

  /** Time until jobs of this tenant run again, in ms; 0 when they may run now. */
  waitMs(tenant: string): number {
    const deaths = this.#deaths.get(tenant);
    if (deaths === undefined || deaths.length < MAX_KILLS) return 0;
    return Math.max(0, deaths[0]! + WINDOW_MS - this.#now());
  }
}
