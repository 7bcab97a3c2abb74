import { DEFAULT_SLOTS } from '@errand/db';

export type WorkerOptions = {
  /** Slots of this worker: runs that it carries out at the same time. */
  concurrency: number;
  /** Slots of one workspace over all processes: fewer than `concurrency`, so that one cannot fill a worker. */
  slots: number;
  /** Interval at which due runs are claimed without a notification, in ms. */
  pollMs: number;
  /** Interval at which retries become due and decision requests expire, in ms. */
  tickMs: number;
  /** Interval of heartbeats and of checks for dead pools and lost leases, in ms. */
  watchMs: number;
  /** A pool whose lock is free and whose heartbeat is older is dead, even if Postgres has just dropped all locks; in ms. It sends no calls then. */
  silentMs: number;
  /** A pool whose heartbeat is older is considered frozen, in ms. */
  frozenMs: number;
  /** Interval at which tables that have grown quickly are analyzed, in ms. */
  maintenanceMs: number;
  /** How long activations may continue when the process is told to end, in ms; then their runs are given back. */
  drainMs: number;
};

export const defaultWorkerOptions: WorkerOptions = {
  concurrency: 100,
  slots: DEFAULT_SLOTS,
  pollMs: 200,
  tickMs: 250,
  watchMs: 300,
  silentMs: 4000,
  frozenMs: 10_000,
  maintenanceMs: 3000,
  drainMs: 15_000,
};
