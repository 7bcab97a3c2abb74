import type { Awaitable } from '@errand/basics/awaitable';

/** Ends everything that is still under way when a plan stops. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

/** Runs at most `concurrency` tasks at a time, first come first served. Once closed, it runs none. */
export class CallLimiter {
  #free: number;
  readonly #queue: (() => void)[] = [];
  #closed = false;
  #reject!: (error: Error) => void;
  /** Rejects when the limiter is closed; never resolves. */
  readonly whenClosed: Promise<never>;
  /** Stops to listen to the signal: a listener would keep the answers of the plan for as long as the signal may abort. */
  readonly release: () => void;

  constructor(concurrency: number, signal?: AbortSignal) {
    this.#free = Math.max(1, concurrency);
    this.whenClosed = new Promise<never>((_, reject) => {
      this.#reject = reject;
    });
    // Without a listener, the rejection would count as unhandled.
    this.whenClosed.catch(() => {});
    const stop = () => this.close(new Stopped());
    if (signal?.aborted) stop();
    else signal?.addEventListener('abort', stop, { once: true });
    this.release = () => signal?.removeEventListener('abort', stop);
  }

  close(error: Error): void {
    this.#closed = true;
    this.#reject(error);
    for (const wake of this.#queue.splice(0)) wake();
  }

  /**
   * Runs a task as soon as fewer than `concurrency` others run. The limiter closes when a task throws, or returns `stopped` because the run
   * was cancelled or another worker has claimed it.
   */
  async run<T extends { kind: string }>(task: () => Awaitable<T>): Promise<Exclude<T, { kind: 'stopped' }>> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#queue.push(resolve));
    if (this.#closed) throw new Stopped();
    try {
      const outcome = await task();
      if (outcome.kind === 'stopped' || this.#closed) throw new Stopped();
      return outcome as Exclude<T, { kind: 'stopped' }>;
    } catch (error) {
      this.close(error as Error);
      throw error;
    } finally {
      const next = this.#queue.shift();
      if (next === undefined) this.#free += 1;
      else next();
    }
  }
}
