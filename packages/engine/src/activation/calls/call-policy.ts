import { setTimeout as sleep } from 'node:timers/promises';

/** Attempts and timeout of a call, and the delay between attempts. */
export type CallPolicy = { timeoutMs: number; attempts: number; backoffMs: number; maxBackoffMs: number };

export const defaultCallPolicy: CallPolicy = { timeoutMs: 30_000, attempts: 3, backoffMs: 250, maxBackoffMs: 10_000 };

/**
 * How long a call waits for a service that limits requests, and for one that fails, in ms since the call began. No attempt counts
 * meanwhile, so these limit the wait.
 */
export const MAX_LIMITED_MS = 2 * 3_600_000;
export const MAX_OUTAGE_MS = 5 * 60_000;
/** A longer wait, in ms, is spent asleep: the run is given back to the queue until then. */
export const MAX_AWAKE_MS = 2_000;

/** The abort reason when the process drains. INTENDED entries stay INTENDED, because another worker continues. */
export const drained = Symbol('drained');

/** Resolves early when the signal is aborted. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal }).catch(() => {});
