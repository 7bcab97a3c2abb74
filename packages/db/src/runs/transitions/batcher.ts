type Queued<T, R> = { item: T; resolve: (result: R) => void; reject: (error: unknown) => void };

export type BatcherOptions<T, R> = {
  /** Applies several items in one statement. Returns one result for each; `undefined`: the item must be applied alone. */
  applyBatch: (items: readonly T[]) => Promise<readonly (R | undefined)[]>;
  applyOne: (item: T) => Promise<R>;
  /** Maximum items of a batch, and their total weight. */
  maxItems: number;
  maxWeight: number;
  /** If it throws, the item is applied alone. */
  weigh: (item: T) => number;
  /** Maximum wait of the next batch, in ms, for an item that is applied alone and may wait for a lock. */
  patienceMs: number;
};

/**
 * Group commit: items that arrive during a statement are applied together in the next one. Without a statement in flight, an item
 * is applied immediately and alone, so that batching adds no latency.
 */
export class Batcher<T, R> {
  readonly #queued: Queued<T, R>[] = [];
  #isRunning = false;

  constructor(private readonly options: BatcherOptions<T, R>) {}

  add(item: T): Promise<R> {
    return new Promise((resolve, reject) => {
      this.#queued.push({ item, resolve, reject });
      if (!this.#isRunning) void this.#run();
    });
  }

  async #run(): Promise<void> {
    this.#isRunning = true;
    while (this.#queued.length > 0) {
      const batch = this.#queued.splice(0, this.#batchSize());
      if (batch.length === 1) await this.#waitAtMost(this.#applyOne(batch[0]!));
      else await this.#applyBatch(batch);
    }
    this.#isRunning = false;
  }

  // At least one: an item heavier than `maxWeight` is applied alone.
  #batchSize(): number {
    const { maxItems, maxWeight } = this.options;
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
      return this.options.weigh(item);
    } catch {
      return Number.POSITIVE_INFINITY;
    }
  }

  async #applyBatch(batch: readonly Queued<T, R>[]): Promise<void> {
    let results: readonly (R | undefined)[];
    try {
      results = await this.options.applyBatch(batch.map(({ item }) => item));
    } catch (error) {
      // After a rollback, which one item may have caused, each item is applied alone.
      if (isRolledBack(error)) for (const queued of batch) void this.#applyOne(queued);
      else for (const { reject } of batch) reject(error);
      return;
    }
    batch.forEach((queued, i) => {
      const result = results[i];
      if (result === undefined) void this.#applyOne(queued);
      else queued.resolve(result);
    });
  }

  async #waitAtMost(work: Promise<void>): Promise<void> {
    let timer: NodeJS.Timeout | undefined;
    const timeout = new Promise<void>((resolve) => {
      timer = setTimeout(resolve, this.options.patienceMs);
    });
    await Promise.race([work, timeout]);
    clearTimeout(timer);
  }

  #applyOne({ item, resolve, reject }: Queued<T, R>): Promise<void> {
    return this.options.applyOne(item).then(resolve, reject);
  }
}

// The server rolled the statement back, unless it closed the connection (08, 57P) or the outcome is unknown (40003). Codes that
// begin with E are Node's, such as EPIPE.
function isRolledBack(error: unknown): boolean {
  const code = (error as { code?: unknown } | null)?.code;
  return typeof code === 'string' && /^[0-9A-Z]{5}$/.test(code) && !/^(08|57P|40003|E)/.test(code);
}
