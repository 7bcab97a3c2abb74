type Queued = { weight: number; go: () => void };

/** A shared amount of memory: work that finds too little waits. Waiting workspaces take turns, so that one with many requests delays others little. */
export class SharedRoom {
  readonly #room: number;

  #used = 0;
  /** Waiting work by workspace; the workspace whose turn is next comes first. */
  readonly #waiting = new Map<string, Queued[]>();

  constructor(room: number) {
    this.#room = room;
  }

  /** Does `work` once `weight` bytes are free. Work heavier than the whole room is done alone. */
  async run<T>(workspaceId: string, weight: number, work: () => Promise<T>): Promise<T> {
    const taken = Math.min(weight, this.#room);
    await this.#take(workspaceId, taken);
    try {
      return await work();
    } finally {
      this.#used -= taken;
      this.#next();
    }
  }

  #take(workspaceId: string, weight: number): Promise<void> | undefined {
    if (this.#waiting.size === 0 && this.#used + weight <= this.#room) {
      this.#used += weight;
      return undefined;
    }
    return new Promise((go) => {
      const queue = this.#waiting.get(workspaceId);
      if (queue) queue.push({ weight, go });
      else this.#waiting.set(workspaceId, [{ weight, go }]);
    });
  }

  // Lighter work of others does not overtake, else heavy work might wait for ever.
  #next(): void {
    for (;;) {
      const [first] = this.#waiting;
      const next = first?.[1][0];
      if (!first || !next || this.#used + next.weight > this.#room) return;
      const [workspaceId, queue] = first;
      queue.shift();
      this.#waiting.delete(workspaceId);
      if (queue.length > 0) this.#waiting.set(workspaceId, queue);
      this.#used += next.weight;
      next.go();
    }
  }
}
