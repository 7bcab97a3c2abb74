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
  #all = 0;

  constructor(limits: Partial<typeof defaults> = {}) {
    this.#limits = { ...defaults, ...limits };
  }

  /**
   * Does `work`, which waits for up to `ms`.
   * @throws ProblemError too_many_waits, unavailable; `work` is not begun then
   */
  async hold<T>({ id }: { id: string }, ms: number, work: () => Promise<T>): Promise<T> {
    if (ms <= 0) return work();
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
    try {
      return await work();
    } finally {
      this.#all--;
      const left = this.#waiting.get(id)! - 1;
      if (left > 0) this.#waiting.set(id, left);
      else this.#waiting.delete(id);
    }
  }
}
