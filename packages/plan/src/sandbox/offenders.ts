import { LRUCache } from 'lru-cache';

const DEATHS = 5;
const WINDOW_MS = 60_000;
/** Maximum number of tenants remembered; those with the latest deaths. */
const MAX_TENANTS = 10_000;

/** Counts the children that the jobs of each tenant ended. A tenant that ended five within a minute waits until the first of them is a minute ago. */
export class Offenders {
  readonly #deaths = new LRUCache<string, number[]>({ max: MAX_TENANTS });
  readonly #now: () => number;

  constructor(now: () => number = () => performance.now()) {
    this.#now = now;
  }

  add(tenant: string): void {
    this.#deaths.set(tenant, [...(this.#deaths.get(tenant) ?? []), this.#now()].slice(-DEATHS));
  }

  /** Time until jobs of this tenant run again, in ms; 0 when they may run now. */
  waitMs(tenant: string): number {
    const deaths = this.#deaths.get(tenant);
    if (deaths === undefined || deaths.length < DEATHS) return 0;
    return Math.max(0, deaths[0]! + WINDOW_MS - this.#now());
  }
}
