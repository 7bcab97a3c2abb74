import { problem } from '@errand/contracts';
import { Shares } from './shares.ts';

const defaults = {
  /** Maximum waiting requests of one principal in this process. */
  maxPerPrincipal: 1000,
  /** Maximum waiting requests of all principals in this process. A workspace gets a share of them. */
  maxOfAll: 10_000,
};
/** A caller that waits. */
type Waiter = { id: string; workspaceId: string };

/** Limits requests that wait for runs (`Prefer: wait`, `run_status`), because each needs a connection and memory. */
export class WaitSlots {
  readonly #limits: typeof defaults;
  readonly #waiting = new Map<string, number>();
  readonly #open = new Set<AbortController>();
  readonly #shares: Shares;
  #closed = false;

  constructor(limits: Partial<typeof defaults> = {}) {
    this.#limits = { ...defaults, ...limits };
    this.#shares = new Shares(this.#limits.maxOfAll);
  }

  /**
   * Runs `work`, which waits for up to `ms`, or until its signal is aborted because the server stops.
   * @throws ProblemError too_many_waits, before `work` starts
   */
  async run<T>({ id, workspaceId }: Waiter, ms: number, work: (ending: AbortSignal) => Promise<T>): Promise<T> {
    const wait = new AbortController();
    if (this.#closed) wait.abort();
    if (ms <= 0) return work(wait.signal);
    const { maxPerPrincipal } = this.#limits;
    const before = this.#waiting.get(id) ?? 0;
    if (before >= maxPerPrincipal) throw tooManyWaits('key', maxPerPrincipal);
    const free = this.#shares.take(workspaceId);
    if (!free) throw tooManyWaits('workspace', this.#shares.maxOf(workspaceId));
    this.#waiting.set(id, before + 1);
    this.#open.add(wait);
    try {
      return await work(wait.signal);
    } finally {
      free();
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

const tooManyWaits = (holder: 'key' | 'workspace', max: number) =>
  problem('too_many_waits', `${max} requests of this ${holder} already wait for runs here.`, {
    headers: { 'retry-after': '5' },
    values: { max },
  });
