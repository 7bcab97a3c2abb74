/** Earlier requests of the workspace did not finish in time, or too many wait already. */
export class WorkspaceBusy extends Error {
  override readonly name = 'WorkspaceBusy';
  /** The SQLSTATE of Postgres without a free connection, so that callers try again later. */
  readonly code = '53300';

  constructor() {
    super('Other requests of this workspace are ahead.');
  }
}

export type WorkspaceLimitOptions = {
  /** Connections that one workspace may have at once. */
  maxHeld: number;
  /** How long to wait for one, in ms. */
  waitMs: number;
  /** Requests of a workspace that may wait at the same time. */
  maxWaiting?: number;
};

type Waiter = { go: (busy?: WorkspaceBusy) => void; until: number };
type Own = { held: number; queue: Waiter[]; timer: NodeJS.Timeout | undefined };

/** Limits the connections that each workspace uses. Each workspace has a queue of its own for further requests. */
export class WorkspaceLimit {
  readonly #options: WorkspaceLimitOptions;

  readonly #owners = new Map<string, Own>();

  constructor(options: WorkspaceLimitOptions) {
    this.#options = options;
  }

  /** Calls `go` once the workspace may use one more connection, or with an error. Call `leave` afterwards. */
  enter(workspaceId: string, go: (busy?: WorkspaceBusy) => void): void {
    const { maxHeld, waitMs, maxWaiting = 2000 } = this.#options;
    const own = this.#owners.get(workspaceId);
    if (!own) {
      this.#owners.set(workspaceId, { held: 1, queue: [], timer: undefined });
      go();
    } else if (own.held < maxHeld) {
      own.held++;
      go();
    } else if (own.queue.length >= maxWaiting) {
      go(new WorkspaceBusy());
    } else {
      own.queue.push({ go, until: performance.now() + waitMs });
      own.timer ??= this.#watch(own, waitMs);
    }
  }

  /** Returns a connection: the next waiting request of the workspace gets it. */
  leave(workspaceId: string): void {
    const own = this.#owners.get(workspaceId)!;
    const next = own.queue.shift();
    if (next) {
      next.go();
      return;
    }
    own.held--;
    if (own.held > 0) return;
    clearTimeout(own.timer);
    this.#owners.delete(workspaceId);
  }

  /** Does work that uses one connection. @throws WorkspaceBusy, and errors of the work */
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

  // All requests of a queue wait equally long, so the first one expires first.
  #watch(own: Own, ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      own.timer = undefined;
      const now = performance.now();
      while (own.queue.length > 0 && own.queue[0]!.until <= now) own.queue.shift()!.go(new WorkspaceBusy());
      const [first] = own.queue;
      if (first) own.timer = this.#watch(own, Math.max(1, first.until - now));
    }, ms).unref();
  }
}
