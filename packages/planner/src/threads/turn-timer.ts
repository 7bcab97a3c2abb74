import { processorMsOf } from '@errand/basics/processor-time';

/** On a busy machine work may take this many times its budget by the clock. */
const BUSY_FACTOR = 5;
/** Minimum time between two reads of a thread's processor time, in ms. */
const LOOK_AGAIN_MS = 20;

/** Time used by work in a thread, in ms. `used` is processor time, or time by the clock where the system reports no processor time. */
export type TimeUsed = { used: number; clock: number };

export const addTime = (sum: TimeUsed, more: TimeUsed): void => {
  sum.used += more.used;
  sum.clock += more.clock;
};

/** The rest of a budget, in ms. */
export const timeLeft = (budgetMs: number, { used, clock }: TimeUsed): number =>
  Math.min(budgetMs - used, budgetMs * BUSY_FACTOR - clock);

/** The exceeded limit, in words. */
export function limitText(budgetMs: number, { used }: TimeUsed, isProcessorTime: boolean): string {
  if (used < budgetMs) return `${(budgetMs * BUSY_FACTOR) / 1000} s by the clock`;
  return `${budgetMs / 1000} s${isProcessorTime ? ' of processor time' : ''}`;
}

/** Measures one turn of a thread, and reports when the turn exceeds a budget. */
export class TurnTimer {
  readonly #thread: string | undefined;
  readonly #clock = performance.now();
  readonly #processorMs: number | undefined;
  #timer: NodeJS.Timeout | undefined;

  /**
   * Starts to measure.
   * @param thread the system's id of it
   * @param processorMs of the thread at the start of the turn
   */
  constructor(thread: string | undefined, processorMs = processorMsOf(thread)) {
    this.#thread = thread;
    this.#processorMs = processorMs;
  }

  get time(): TimeUsed {
    const clock = performance.now() - this.#clock;
    const now = processorMsOf(this.#thread);
    return { used: now === undefined || this.#processorMs === undefined ? clock : now - this.#processorMs, clock };
  }

  /**
   * @param before the time of earlier turns of the same work
   * @param onExceeded called once, with the total time; at once if no time is left
   */
  watch(budgetMs: number, before: TimeUsed, onExceeded: (time: TimeUsed) => void): void {
    const look = () => {
      const time = { ...before };
      addTime(time, this.time);
      const remainingMs = timeLeft(budgetMs, time);
      if (remainingMs <= 0) onExceeded(time);
      else this.#timer = setTimeout(look, Math.max(remainingMs, LOOK_AGAIN_MS));
    };
    look();
  }

  /** @param onExceeded called once, after `ms` by the clock */
  limit(ms: number, onExceeded: () => void): void {
    this.#timer = setTimeout(onExceeded, ms);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
