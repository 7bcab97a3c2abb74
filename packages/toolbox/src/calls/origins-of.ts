import type { Awaitable } from '@errand/basics/awaitable';
import { RecentCache } from '@errand/basics/cache/recent-cache';
import type { Db } from '@errand/db';

// Changes by this process apply at once; changes by other processes within this time.
const TTL_MS = 1000;
const MAX_WORKSPACES = 10_000;

/** The origins that administrators allow for their workspace, at most a second old: no call needs a statement of its own. */
export class OriginsOf {
  readonly #cache = new RecentCache<ReadonlySet<string>>(TTL_MS, MAX_WORKSPACES);

  constructor(private readonly db: Db) {}

  read = (workspaceId: string): Awaitable<ReadonlySet<string>> =>
    this.#cache.get(workspaceId, '', () => this.db.forWorkspace(workspaceId).origins.all());

  forget(workspaceId: string): void {
    this.#cache.forget(workspaceId);
  }
}
