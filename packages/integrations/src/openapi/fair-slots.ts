import { Turns } from '@errand/basics/turns';

/** Limits concurrent work. Tenants that wait take turns. */
export class FairSlots {
  readonly #turns = new Turns<() => void>();
  #used = 0;

  /** @param mayBegin whether more work may begin while other work is in progress */
  constructor(private readonly mayBegin: (used: number) => boolean) {}

  /** @param signal ends the wait */
  async run<T>(tenant: string, signal: AbortSignal | undefined, work: () => Promise<T>): Promise<T> {
    await this.#begin(tenant, signal);
    try {
      return await work();
    } finally {
      this.#used--;
      // The caller of `run` continues first, and may change whether more may begin.
      queueMicrotask(() => this.next());
    }
  }

  #begin(tenant: string, signal: AbortSignal | undefined): Promise<void> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        this.#turns.remove(tenant, begin);
        reject(signal?.reason);
      };
      const begin = () => {
        signal?.removeEventListener('abort', onAbort);
        this.#used++;
        resolve();
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#turns.add(tenant, begin);
      this.next();
    });
  }

  /** Begins work that waits, as far as it may. */
  next(): void {
    while (this.mayBegin(this.#used)) {
      const begin = this.#turns.take();
      if (begin === undefined) return;
      begin();
    }
  }
}
