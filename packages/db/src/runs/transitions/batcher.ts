type Queued<T, R> = { item: T; resolve: (result: R) => void; reject: (error: unknown) => void };

export type BatcherOptions<T, R> = {
  /** Does some together, in one statement: one result each, in their order; `undefined` where one must be done by itself. */
  together: (items: readonly T[]) => Promise<readonly (R | undefined)[]>;
  /** Does one by itself. */
  alone: (item: T) => Promise<R>;
  /** Most that are done together, and most that they may weigh together. */
  maxItems: number;
  maxWeight: number;
  /** One for which it throws is done by itself. */
  weigh: (item: T) => number;
  /** One that is done by itself may have to wait for somebody: the next ones wait for it so long, in ms. */
  patienceMs: number;
};

/**
 * Gathers what is asked for while the same is under way, and does it together then: as commits are grouped. One that finds nothing
 * under way goes at once and by itself, so that gathering costs no time where there is nothing to gather.
 */
export class Batcher<T, R> {
  readonly #options: BatcherOptions<T, R>;

  #queued: Queued<T, R>[] = [];
  #busy = false;

  constructor(options: BatcherOptions<T, R>) {
    this.#options = options;
  }

  /** @returns what came of it; rejects as `alone` or `together` does */
  do(item: T): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#queued.push({ item, resolve, reject });
      if (!this.#busy) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#busy = true;
    while (this.#queued.length > 0) {
      const some = this.#queued.splice(0, this.#howMany());
      if (some.length === 1) await this.#patiently(this.#alone(some[0]!));
      else await this.#together(some);
    }
    this.#busy = false;
  }

  // At least one; one that is too heavy by itself goes by itself.
  #howMany(): number {
    const { maxItems: most, maxWeight } = this.#options;
    if (this.#queued.length === 1) return 1;
    let weight = 0;
    let count = 0;
    for (; count < Math.min(most, this.#queued.length); count++) {
      weight += this.#weightOf(this.#queued[count]!.item);
      if (weight > maxWeight) break;
    }
    return Math.max(1, count);
  }

  #weightOf(item: T): number {
    try {
      return this.#options.weigh(item);
    } catch {
      return Number.POSITIVE_INFINITY;
    }
  }

  async #together(some: readonly Queued<T, R>[]): Promise<void> {
    let results: readonly (R | undefined)[];
    try {
      results = await this.#options.together(some.map(({ item }) => item));
    } catch (error) {
      // None of it happened. It may be the fault of one of them, for which the others shall not have to pay.
      if (isUndone(error)) for (const one of some) void this.#alone(one);
      else for (const { reject } of some) reject(error);
      return;
    }
    some.forEach((one, i) => {
      const result = results[i];
      if (result === undefined) void this.#alone(one);
      else one.resolve(result);
    });
  }

  async #patiently(work: Promise<void>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const enough = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#options.patienceMs);
    });
    await Promise.race([work, enough]);
    clearTimeout(timer);
  }

  #alone({ item, resolve, reject }: Queued<T, R>): Promise<void> {
    return this.#options.alone(item).then(resolve, reject);
  }
}

// By SQLSTATE: the server has undone the statement, whatever the reason, unless it broke off the connection (08, 57P) or does not
// know (40003). Words like the severity are in the server's language. EPIPE is none of its codes.
function isUndone(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !/^(08|57P|40003|E)/.test(code);
}
