import type { Reading } from '../check/reading.ts';
import type { RunPlanOptions } from './outcome.ts';

/** A plan that is under way. */
export type Execution = { readonly reading: Reading; readonly options: RunPlanOptions; readonly gate: Gate };

/** Thrown through everything that is still under way when a plan stops. */
export class Stopped extends Error {
  override readonly name = 'Stopped';
}

/** Lets a number of tasks run at a time, in their order of arrival, and none once it is shut. */
export class Gate {
  #free: number;
  readonly #queue: (() => void)[] = [];
  #shut = false;
  #reject!: (error: Error) => void;
  /** Never resolves; rejects when the gate is shut. */
  readonly shut: Promise<never>;

  constructor(concurrency: number, signal?: AbortSignal) {
    this.#free = Math.max(1, concurrency);
    this.shut = new Promise<never>((_, reject) => {
      this.#reject = reject;
    });
    // Callers that race against it see the rejection; without callers it is no error.
    this.shut.catch(() => {});
    if (signal?.aborted) this.close(new Stopped());
    else signal?.addEventListener('abort', () => this.close(new Stopped()), { once: true });
  }

  close(error: Error): void {
    this.#shut = true;
    this.#reject(error);
    for (const wake of this.#queue.splice(0)) wake();
  }

  /** Runs a task when there is room. What it throws shuts the gate. */
  async run<T extends { kind: string }>(task: () => Promise<T>): Promise<Exclude<T, { kind: 'stopped' }>> {
    if (this.#free > 0) this.#free -= 1;
    else await new Promise<void>((resolve) => this.#queue.push(resolve));
    if (this.#shut) throw new Stopped();
    try {
      const outcome = await task();
      if (outcome.kind === 'stopped' || this.#shut) throw new Stopped();
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
