import { LRUCache } from 'lru-cache';

/** After this time a use counts half, in ms. */
const HALF_LIFE_MS = 30_000;
const MAX_TENANTS = 1000;

/** The recent time of each tenant in the threads. */
export class RecentUse {
  readonly #used = new LRUCache<string, { ms: number; at: number }>({ max: MAX_TENANTS });

  add(tenant: string, ms: number): void {
    this.#used.set(tenant, { ms: this.of(tenant) + ms, at: performance.now() });
  }

  /** In ms; older use counts less. */
  of(tenant: string): number {
    const use = this.#used.get(tenant);
    return use === undefined ? 0 : use.ms * 2 ** ((use.at - performance.now()) / HALF_LIFE_MS);
  }
}
