import { processorMsOf } from '@errand/basics/processor-time';

/** On a busy machine work may take this many times its budget by the clock. */
const BUSY_FACTOR = 5;
/** Minimum time between two reads of a thread's processor time, in ms. */
const MIN_CHECK_MS = 20;

/** Time used by work in a thread, in ms. `usedMs` is processor time, or time by the clock where the system reports no processor time. */
export type TimeUsed = { usedMs: number; clockMs: number };

export const addTime = (total: TimeUsed, more: TimeUsed): void => {
  total.usedMs += more.usedMs;
  total.clockMs += more.clockMs;
};

/** The rest of a budget, in ms. */
export const timeLeft = (budgetMs: number, { usedMs, clockMs }: TimeUsed): number =>
  Math.min(budgetMs - usedMs, budgetMs * BUSY_FACTOR - clockMs);

/** The exceeded limit, in words. */
export function limitText(budgetMs: number, { usedMs }: TimeUsed, isProcessorTime: boolean): string {
  if (usedMs < budgetMs) return `${(budgetMs * BUSY_FACTOR) / 1000} s by the clock`;
  return `${budgetMs / 1000} s${isProcessorTime ? ' of processor time' : ''}`;
}

/** Measures one turn of a thread, and reports when the turn exceeds a budget. */
export class TurnTimer {
  readonly #startedAt = performance.now();
  #timer: NodeJS.Timeout | undefined;

  /**
   * Starts to measure.
   * @param thread the system's id of it
   * @param processorMs of the thread at the start of the turn
   */
  constructor(
    private readonly thread: string | undefined,
    private readonly processorMs = processorMsOf(thread),
  ) {}

  get time(): TimeUsed {
    const clockMs = performance.now() - this.#startedAt;
    const now = processorMsOf(this.thread);
    const isReported = now !== undefined && this.processorMs !== undefined;
    return { usedMs: isReported ? now - this.processorMs : clockMs, clockMs };
  }

  /**
   * @param earlierTime the time of earlier turns of the same work
   * @param onExceeded called once, with the total time; at once if no time is left
   */
  watchBudget(budgetMs: number, earlierTime: TimeUsed, onExceeded: (time: TimeUsed) => void): void {
    const check = () => {
      const time = { ...earlierTime };
      addTime(time, this.time);
      const remainingMs = timeLeft(budgetMs, time);
      if (remainingMs <= 0) onExceeded(time);
      else this.#timer = setTimeout(check, Math.max(remainingMs, MIN_CHECK_MS));
    };
    check();
  }

  /** @param onExceeded called once, after `ms` by the clock */
  watchClock(ms: number, onExceeded: () => void): void {
    this.#timer = setTimeout(onExceeded, ms);
  }

  stop(): void {
    clearTimeout(this.#timer);
  }
}
