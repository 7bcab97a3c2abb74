import { Turns } from '@errand/basics/turns';

type Queued = { weight: number; go: () => void };

/** A shared amount of memory: work that finds too little waits. Waiting workspaces take turns, so that one with many requests delays others little. */
export class SharedRoom {
  readonly #room: number;

  #used = 0;
  readonly #waiting = new Turns<Queued>();

  constructor(capacity: number) {
    this.#room = capacity;
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
    if (!this.#waiting.next && this.#used + weight <= this.#room) {
      this.#used += weight;
      return undefined;
    }
    return new Promise((go) => this.#waiting.add(workspaceId, { weight, go }));
  }

  // Lighter work of others does not overtake, else heavy work might wait for ever.
  #next(): void {
    for (let { next } = this.#waiting; next && this.#used + next.weight <= this.#room; { next } = this.#waiting) {
      this.#waiting.take();
      this.#used += next.weight;
      next.go();
    }
  }
}
