/** Earlier requests of the workspace took too long, or too many are waiting. */
export class WorkspaceBusy extends Error {
  override readonly name = 'WorkspaceBusy';
  /** SQLSTATE too_many_connections, so that callers try again later. */
  readonly code = '53300';

  constructor() {
    super('Too many requests of this workspace are in progress.');
  }
}

export type WorkspaceLimitOptions = {
  maxConnections: number;
  /** Maximum wait for a connection, in ms. */
  waitMs: number;
  /** Maximum number of waiting requests of one workspace. */
  maxWaiting?: number;
};

type Waiter = { start: (busy?: WorkspaceBusy) => void; until: number };
type WorkspaceUsage = { connections: number; queue: Waiter[]; timer: NodeJS.Timeout | undefined };

/** Limits the connections of each workspace. Further requests wait in a queue of their workspace. */
export class WorkspaceLimit {
  readonly #usages = new Map<string, WorkspaceUsage>();

  constructor(private readonly options: WorkspaceLimitOptions) {}

  /** Calls `start` once the workspace may use another connection, or with an error. Call `leave` afterwards. */
  enter(workspaceId: string, start: (busy?: WorkspaceBusy) => void): void {
    const { maxConnections: maxHeld, waitMs, maxWaiting = 2000 } = this.options;
    const usage = this.#usages.get(workspaceId);
    if (!usage) {
      this.#usages.set(workspaceId, { connections: 1, queue: [], timer: undefined });
      start();
    } else if (usage.connections < maxHeld) {
      usage.connections++;
      start();
    } else if (usage.queue.length >= maxWaiting) {
      start(new WorkspaceBusy());
    } else {
      usage.queue.push({ start, until: performance.now() + waitMs });
      usage.timer ??= this.#watch(usage, waitMs);
    }
  }

  leave(workspaceId: string): void {
    const usage = this.#usages.get(workspaceId)!;
    const next = usage.queue.shift();
    if (next) {
      next.start();
      return;
    }
    usage.connections--;
    if (usage.connections > 0) return;
    clearTimeout(usage.timer);
    this.#usages.delete(workspaceId);
  }

  /** Runs work that uses one connection. @throws WorkspaceBusy, and errors of the work */
  run<T>(workspaceId: string, work: () => Promise<T>): Promise<T> {
    return new Promise((resolve, reject) => {
      this.enter(workspaceId, (busy) => {
        if (busy) return reject(busy);
        work()
          .finally(() => this.leave(workspaceId))
          .then(resolve, reject);
      });
    });
  }

  // All requests of a queue have the same timeout, so the first one expires first.
  #watch(usage: WorkspaceUsage, ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      usage.timer = undefined;
      const now = performance.now();
      while (usage.queue.length > 0 && usage.queue[0]!.until <= now) usage.queue.shift()!.start(new WorkspaceBusy());
      const [first] = usage.queue;
      if (first) usage.timer = this.#watch(usage, Math.max(1, first.until - now));
    }, ms).unref();
  }
}
