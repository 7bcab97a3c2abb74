import { LRUCache } from 'lru-cache';

/** After this time a use counts half, in ms. */
const HALF_LIFE_MS = 30_000;
const MAX_TENANTS = 1000;

/** The time that each tenant used recently, in ms. */
export class RecentUse {
  readonly #usages = new LRUCache<string, { ms: number; at: number }>({ max: MAX_TENANTS });

  constructor(private readonly now: () => number = () => performance.now()) {}

  add(tenant: string, ms: number): void {
    this.#usages.set(tenant, { ms: this.of(tenant) + ms, at: this.now() });
  }

  /** In ms; older use counts less. */
  of(tenant: string): number {
    const use = this.#usages.get(tenant);
    return use === undefined ? 0 : use.ms * 2 ** ((use.at - this.now()) / HALF_LIFE_MS);
  }

  /** The tenants, the one with the least use first; those with equal use in their order. */
  leastFirst(tenants: Iterable<string>): string[] {
    const recentMs = new Map([...tenants].map((tenant) => [tenant, this.of(tenant)]));
    return [...recentMs].sort(([, a], [, b]) => a - b).map(([tenant]) => tenant);
  }
}
