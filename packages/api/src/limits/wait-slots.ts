import { problem } from '@errand/contracts';

const defaults = {
  /** Maximum waiting requests of one principal in this process. */
  maxPerPrincipal: 1000,
  /** Maximum waiting requests of all principals in this process. */
  maxOfAll: 10_000,
};
const RETRY_LATER = { headers: { 'retry-after': '5' }, values: { retryAfterSeconds: 5 } };

/** Limits requests that wait for runs (`Prefer: wait`, `run_status`), because each needs a connection and memory. */
export class WaitSlots {
  readonly #limits: typeof defaults;
  readonly #waiting = new Map<string, number>();
  readonly #open = new Set<AbortController>();
  #all = 0;
  #closed = false;

  constructor(limits: Partial<typeof defaults> = {}) {
    this.#limits = { ...defaults, ...limits };
  }

  /**
   * Runs `work`, which waits for up to `ms`, or until its signal is aborted because the server stops.
   * @throws ProblemError too_many_waits, unavailable, before `work` starts
   */
  async run<T>({ id }: { id: string }, ms: number, work: (ending: AbortSignal) => Promise<T>): Promise<T> {
    const wait = new AbortController();
    if (this.#closed) wait.abort();
    if (ms <= 0) return work(wait.signal);
    const { maxPerPrincipal, maxOfAll } = this.#limits;
    const before = this.#waiting.get(id) ?? 0;
    if (before >= maxPerPrincipal) {
      throw problem('too_many_waits', `${maxPerPrincipal} requests of this key already wait for runs here.`, {
        ...RETRY_LATER,
        values: { max: maxPerPrincipal },
      });
    }
    if (this.#all >= maxOfAll)
      throw problem('unavailable', 'Too many requests wait for runs.', {
        ...RETRY_LATER,
        remedy: 'Send the request without waiting, or try again after `Retry-After`.',
      });
    this.#waiting.set(id, before + 1);
    this.#all++;
    this.#open.add(wait);
    try {
      return await work(wait.signal);
    } finally {
      this.#all--;
      this.#open.delete(wait);
      const rest = this.#waiting.get(id)! - 1;
      if (rest > 0) this.#waiting.set(id, rest);
      else this.#waiting.delete(id);
    }
  }

  /** Ends all waits when the server stops; later waits end at once. */
  close(): void {
    this.#closed = true;
    for (const wait of this.#open) wait.abort();
  }
}
