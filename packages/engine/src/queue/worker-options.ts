import { DEFAULT_SLOTS } from '@errand/db';

export type WorkerOptions = {
  /** Runs advanced at once by this process. */
  concurrency: number;
  /** Runs of one workspace that may be under way at once: fewer than `concurrency`, so that one cannot fill it. */
  slots: number;
  /** How often due runs are looked for without an announcement, in ms. */
  pollMs: number;
  /** How often is looked for what a time makes due, in ms. */
  tickMs: number;
  /** How often dead peers and lost activations are looked for, in ms. */
  watchMs: number;
  /** A peer whose heartbeat is older is taken to be frozen, in ms. */
  frozenMs: number;
  /** How often tables that have grown quickly are looked after, in ms. */
  upkeepMs: number;
  /** How long runs under way may go on when the process is told to end; then they are handed on, in ms. */
  drainMs: number;
};

export const defaultWorkerOptions: WorkerOptions = {
  concurrency: 100,
  slots: DEFAULT_SLOTS,
  pollMs: 200,
  tickMs: 250,
  watchMs: 300,
  frozenMs: 10_000,
  upkeepMs: 3000,
  drainMs: 15_000,
};
