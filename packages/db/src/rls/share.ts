/** The requests of a workspace that are ahead have not come to an end in time, or too many wait already. */
export class WorkspaceBusy extends Error {
  override readonly name = 'WorkspaceBusy';
  /** As Postgres says it when it has no connection left: code that looks at SQLSTATE takes it for trouble that passes. */
  readonly code = '53300';

  constructor() {
    super('Other requests of this workspace are ahead.');
  }
}

export type ShareOptions = {
  /** Connections that one workspace may have at once. */
  most: number;
  /** Waiting for one ends after so long, in ms. */
  waitMs: number;
  /** Those of a workspace that may wait at once. */
  maxWaiting?: number;
};

type Waiter = { go: (busy?: WorkspaceBusy) => void; until: number };
type Own = { held: number; line: Waiter[]; timer: NodeJS.Timeout | undefined };

/** What each workspace has of the connections that serve callers. Those that it may not have yet wait in a line of its own. */
export class Share {
  readonly #options: ShareOptions;

  readonly #owners = new Map<string, Own>();

  constructor(options: ShareOptions) {
    this.#options = options;
  }

  /** Calls `go` once the workspace may have one more connection, or with why it may not; who goes must leave. */
  enter(workspaceId: string, go: (busy?: WorkspaceBusy) => void): void {
    const { most, waitMs, maxWaiting = 2000 } = this.#options;
    const own = this.#owners.get(workspaceId);
    if (!own) {
      this.#owners.set(workspaceId, { held: 1, line: [], timer: undefined });
      go();
    } else if (own.held < most) {
      own.held++;
      go();
    } else if (own.line.length >= maxWaiting) {
      go(new WorkspaceBusy());
    } else {
      own.line.push({ go, until: performance.now() + waitMs });
      own.timer ??= this.#watch(own, waitMs);
    }
  }

  /** Gives a connection back: to the next of the workspace's line, if somebody waits. */
  leave(workspaceId: string): void {
    const own = this.#owners.get(workspaceId)!;
    const next = own.line.shift();
    if (next) {
      next.go();
      return;
    }
    own.held--;
    if (own.held > 0) return;
    clearTimeout(own.timer);
    this.#owners.delete(workspaceId);
  }

  /** Does some work that takes one connection. @throws WorkspaceBusy, and what the work throws */
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

  // All of a line wait equally long, so that its first is the next whose time is over.
  #watch(own: Own, ms: number): NodeJS.Timeout {
    return setTimeout(() => {
      own.timer = undefined;
      const now = performance.now();
      while (own.line.length > 0 && own.line[0]!.until <= now) own.line.shift()!.go(new WorkspaceBusy());
      const [first] = own.line;
      if (first) own.timer = this.#watch(own, Math.max(1, first.until - now));
    }, ms).unref();
  }
}
