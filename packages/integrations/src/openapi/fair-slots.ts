import type { RecentUse } from '@errand/basics/recent-use';
import { Turns } from '@errand/basics/turns';

export type SlotLimits = {
  max: number;
  maxOfTenant?: number;
  /** Whether no more work may begin now. */
  isPaused?: () => boolean;
  /** Recent use of a tenant, in ms, from which on its work is stopped when others wait; by default it never is. */
  stopFromMs?: number;
};

export type Turn = {
  /** Aborted when the work must stop. The work must end and reject with its reason; it begins again in a later turn. */
  signal: AbortSignal;
  /** Counts processor time of the tenant. */
  onUsed: (ms: number) => void;
};

type Running = Turn & { tenant: string; stop: () => void };

const STOPPED = new Error('The work was stopped for another tenant.');

/**
 * Limits concurrent work. The waiting tenant that used the least processor time recently is next. A tenant that is alone may use all slots;
 * when another waits, the latest work of a tenant that uses much and has more slots than the other is stopped.
 */
export class FairSlots {
  readonly #waiting = new Turns<() => void>();
  readonly #running = new Set<Running>();

  constructor(
    private readonly limits: SlotLimits,
    private readonly recentUse: RecentUse,
  ) {}

  /** @param signal ends the wait */
  async run<T>(tenant: string, signal: AbortSignal | undefined, work: (turn: Turn) => Promise<T>): Promise<T> {
    for (let isRepeated = false; ; isRepeated = true) {
      const turn = await this.#begin(tenant, signal, isRepeated);
      try {
        return await work(turn);
      } catch (error) {
        if (error !== STOPPED) throw error;
      } finally {
        this.#running.delete(turn);
        // The caller of `run` continues first, and may change whether more may begin.
        queueMicrotask(() => this.next());
      }
    }
  }

  #begin(tenant: string, signal: AbortSignal | undefined, isRepeated: boolean): Promise<Running> {
    return new Promise((resolve, reject) => {
      if (signal?.aborted) return reject(signal.reason);
      const onAbort = () => {
        this.#waiting.remove(tenant, begin);
        reject(signal?.reason);
      };
      const begin = () => {
        signal?.removeEventListener('abort', onAbort);
        const turn = this.#turnOf(tenant);
        this.#running.add(turn);
        resolve(turn);
      };
      signal?.addEventListener('abort', onAbort, { once: true });
      this.#waiting.add(tenant, begin, isRepeated);
      this.next();
    });
  }

  #turnOf(tenant: string): Running {
    const stopping = new AbortController();
    const onUsed = (ms: number) => {
      this.recentUse.add(tenant, ms);
      this.next();
    };
    return { tenant, signal: stopping.signal, stop: () => stopping.abort(STOPPED), onUsed };
  }

  /** Begins work that waits, as far as it may. */
  next(): void {
    const { max, maxOfTenant = max, isPaused } = this.limits;
    if (isPaused?.()) return;
    while (this.#running.size < max) {
      const tenants = this.recentUse.leastFirst(this.#waiting.tenants);
      const tenant = tenants.find((waiting) => this.#slotsOf(waiting) < maxOfTenant);
      if (tenant === undefined) return;
      this.#waiting.take(tenant)?.();
    }
    this.#stopLatest();
  }

  /** Stops work for the waiting tenant that is next, if another tenant uses much and has more than its share. */
  #stopLatest(): void {
    const { stopFromMs = Number.POSITIVE_INFINITY } = this.limits;
    const [next] = this.recentUse.leastFirst(this.#waiting.tenants);
    const running = [...this.#running];
    if (next === undefined || running.some(({ signal }) => signal.aborted)) return;
    const minMs = Math.max(stopFromMs, this.recentUse.of(next));
    const maxSlots = this.#slotsOf(next) + 1;
    running.findLast(({ tenant }) => this.recentUse.of(tenant) > minMs && this.#slotsOf(tenant) > maxSlots)?.stop();
  }

  #slotsOf(tenant: string): number {
    return [...this.#running].filter((turn) => turn.tenant === tenant).length;
  }
}
