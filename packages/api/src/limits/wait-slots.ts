import { problem } from '@errand/contracts';

const defaults = {
  /** Requests of one principal that wait for a run in this process at the same time. */
  maxPerPrincipal: 1000,
  /** The same of all principals. */
  maxOfAll: 10_000,
};
const later = { headers: { 'retry-after': '5' } };

/** Limits the requests that wait for runs (`Prefer: wait`, `run_status`): each holds a connection and its memory. */
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
   * Does `work`, which waits for up to `ms`, or until its signal is aborted because the server stops.
   * @throws ProblemError too_many_waits, unavailable; `work` is not begun then
   */
  async hold<T>({ id }: { id: string }, ms: number, work: (ending: AbortSignal) => Promise<T>): Promise<T> {
    const wait = new AbortController();
    if (this.#closed) wait.abort();
    if (ms <= 0) return work(wait.signal);
    const { maxPerPrincipal, maxOfAll } = this.#limits;
    const before = this.#waiting.get(id) ?? 0;
    if (before >= maxPerPrincipal) {
      const detail = `${maxPerPrincipal} requests of the key wait for runs here. Ask without waiting, or stream the runs.`;
      throw problem('too_many_waits', detail, later);
    }
    if (this.#all >= maxOfAll)
      throw problem('unavailable', 'Too many requests wait for runs. Ask without waiting.', later);
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

  /** Ends every wait, for a server that stops; later ones at once. */
  close(): void {
    this.#closed = true;
    for (const wait of this.#open) wait.abort();
  }
}
