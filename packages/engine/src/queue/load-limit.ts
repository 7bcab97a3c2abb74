import { performance } from 'node:perf_hooks';

/** The event loop counts as busy above the first share of busy time, and as free below the second. */
const BUSY_ABOVE = 0.9;
const FREE_BELOW = 0.75;
/** Minimum time in ms over which the share is measured. */
const WINDOW_MS = 50;
/** A busy process keeps this many activations. */
const MIN_LIMIT = 12;
const INCREASE = 8;
const DECREASE_FACTOR = 0.75;
/** A busy process claims this many at a time: a statement for each run would cost more than it gains. */
const MIN_CLAIM = 6;
/** Even a busy process claims BUSY_CLAIM runs every BUSY_CLAIM_INTERVAL_MS, because its runs may be waiting for slow tools. */
const BUSY_CLAIM = 4;
const BUSY_CLAIM_INTERVAL_MS = 200;

type LoadSample = {
  /** Monotonic time, in ms. */
  now: number;
  /** The share of busy time of the event loop since the last `reset`. */
  busy: number;
  /** Time since the last `reset`, in ms. */
  ms: number;
};

export type LoadMeter = { read: () => LoadSample; reset: () => void };

/**
 * Limits the activations of a process. When the event loop is saturated, more concurrent activations do not increase throughput: they make
 * every run slower, including those of other workspaces. The limit falls by a quarter while the loop is busy and rises by `INCREASE` while
 * it has time: additive increase, multiplicative decrease (Chiu and Jain, 1989).
 */
export class LoadLimit {
  #limit: number;
  #lastBusyClaimAt = Number.NEGATIVE_INFINITY;

  constructor(
    private readonly maxActivations: number,
    private readonly meter = eventLoopMeter(),
  ) {
    this.#limit = maxActivations;
  }

  /** Whether a busy process has as many activations as it keeps. */
  isReached(active: number): boolean {
    return active >= this.#limit;
  }

  /** @param active present activations of this process @returns how many more it may claim now */
  claimable(active: number): number {
    const { now, busy, ms } = this.meter.read();
    if (ms >= WINDOW_MS) {
      this.meter.reset();
      if (busy > BUSY_ABOVE) {
        this.#limit = Math.max(
          Math.min(MIN_LIMIT, this.maxActivations),
          Math.floor(Math.min(this.#limit, active) * DECREASE_FACTOR),
        );
      } else if (busy < FREE_BELOW) this.#limit = Math.min(this.maxActivations, this.#limit + INCREASE);
    }
    const slotsLeft = this.#limit - active;
    if (this.#limit === this.maxActivations || slotsLeft >= MIN_CLAIM) return Math.max(0, slotsLeft);
    if (now - this.#lastBusyClaimAt < BUSY_CLAIM_INTERVAL_MS) return 0;
    this.#lastBusyClaimAt = now;
    return BUSY_CLAIM;
  }
}

function eventLoopMeter(): LoadMeter {
  let usageAtReset = performance.eventLoopUtilization();
  let resetAt = performance.now();
  return {
    read: () => {
      const now = performance.now();
      return { now, busy: performance.eventLoopUtilization(usageAtReset).utilization, ms: now - resetAt };
    },
    reset: () => {
      usageAtReset = performance.eventLoopUtilization();
      resetAt = performance.now();
    },
  };
}
