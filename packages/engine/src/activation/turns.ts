type Queued = { weight: number; go: () => void };

/** Room that is shared: a reading that finds none waits. Workspaces that wait take turns, so that one with many requests holds up nobody for long. */
export class SharedRoom {
  readonly #room: number;

  #used = 0;
  /** Who waits, by workspace; the one whose turn is next comes first. */
  readonly #waiting = new Map<string, Queued[]>();

  constructor(room: number) {
    this.#room = room;
  }

  /** Does `work` once there is room for it. What is larger than all room is done alone. */
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

  // Whose turn it is waits until there is room, however little others want: else small ones would keep it out for ever.
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
