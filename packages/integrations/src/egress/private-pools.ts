import { every } from '@errand/basics/every';
import type { Dispatcher } from 'undici';
import type { Connections } from './agents.ts';

const MAX_POOLS = 200;
const CHECK_MS = 1000;
/** A pool without a call for this time is closed; its connections have been closed before. */
const IDLE_MS = 90_000;

export type PrivateCaller = { workspaceId: string; tenant: string | undefined };
type Pool = Connections & { workspaceId: string; origin: string; usedAt: number };

/**
 * Connections to origins that administrators allow for their workspace: one pool for each workspace, tenant and origin. Pools of origins
 * that are no longer allowed are closed within two seconds. Calls in flight end first.
 */
export class PrivatePools {
  readonly #pools = new Map<string, Pool>();
  #stop: (() => Promise<void>) | undefined;

  constructor(
    private readonly open: (origin: string) => Connections,
    private readonly originsOf: (workspaceId: string) => Promise<ReadonlySet<string>>,
  ) {}

  pick(origin: string, { workspaceId, tenant = '' }: PrivateCaller): Dispatcher {
    const key = `${workspaceId} ${origin} ${tenant}`;
    const pool = this.#pools.get(key) ?? { ...this.open(origin), workspaceId, origin, usedAt: 0 };
    pool.usedAt = performance.now();
    // Deleted and set again, so that the map is in the order of last use.
    this.#pools.delete(key);
    this.#pools.set(key, pool);
    const [oldest] = this.#pools.keys();
    if (this.#pools.size > MAX_POOLS && oldest !== undefined) this.#closePool(oldest);
    this.#stop ??= every(CHECK_MS, () => this.#closeUnused());
    return pool.dispatcher;
  }

  async close(): Promise<void> {
    await this.#stop?.();
    await Promise.all([...this.#pools.values()].map(({ agent }) => agent.destroy()));
    this.#pools.clear();
  }

  async #closeUnused(): Promise<void> {
    for (const [key, { workspaceId, origin, usedAt }] of [...this.#pools]) {
      // While the database does not answer, no new call begins either.
      const isAllowed = await this.originsOf(workspaceId).then(
        (origins) => origins.has(origin),
        () => true,
      );
      if (!isAllowed || performance.now() - usedAt > IDLE_MS) this.#closePool(key);
    }
  }

  #closePool(key: string): void {
    const pool = this.#pools.get(key);
    this.#pools.delete(key);
    void pool?.agent.close();
  }
}
