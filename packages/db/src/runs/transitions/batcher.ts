type Queued<T, R> = { item: T; resolve: (result: R) => void; reject: (error: unknown) => void };

export type BatcherOptions<T, R> = {
  /** Applies several items in one statement. @returns one result for each, in order; `undefined`: this item must be applied alone */
  together: (items: readonly T[]) => Promise<readonly (R | undefined)[]>;
  /** Applies one item. */
  alone: (item: T) => Promise<R>;
  /** The maximum number of items in a batch, and of their total weight. */
  maxItems: number;
  maxWeight: number;
  /** The weight of an item. If it throws, the item is applied alone. */
  weigh: (item: T) => number;
  /** An item that is applied alone may wait for a lock. The next batch waits for it at most this many ms. */
  patienceMs: number;
};

/**
 * Group commit: items that are added while a statement is in flight are applied together in the next one. An item that arrives while
 * none is in flight is applied at once and alone, so batching adds no latency.
 */
export class Batcher<T, R> {
  readonly #options: BatcherOptions<T, R>;

  #queued: Queued<T, R>[] = [];
  #busy = false;

  constructor(options: BatcherOptions<T, R>) {
    this.#options = options;
  }

  /** Applies an item, alone or in a batch. @returns its result; rejects as `alone` or `together` does */
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

  // At least one item: an item heavier than `maxWeight` is applied alone.
  #howMany(): number {
    const { maxItems, maxWeight } = this.#options;
    if (this.#queued.length === 1) return 1;
    let weight = 0;
    let count = 0;
    for (; count < Math.min(maxItems, this.#queued.length); count++) {
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
      // The statement was rolled back, maybe because of one item. If the batch statement fails, each item is applied alone.
      if (isUndone(error)) for (const queued of some) void this.#alone(queued);
      else for (const { reject } of some) reject(error);
      return;
    }
    some.forEach((queued, i) => {
      const result = results[i];
      if (result === undefined) void this.#alone(queued);
      else queued.resolve(result);
    });
  }

  async #patiently(work: Promise<void>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.#options.patienceMs);
    });
    await Promise.race([work, timeout]);
    clearTimeout(timer);
  }

  #alone({ item, resolve, reject }: Queued<T, R>): Promise<void> {
    return this.#options.alone(item).then(resolve, reject);
  }
}

// By SQLSTATE: the server rolled the statement back, unless it closed the connection (08, 57P) or does not know (40003). Codes that begin
// with E are Node's, such as EPIPE.
function isUndone(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !/^(08|57P|40003|E)/.test(code);
}
