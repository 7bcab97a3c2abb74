import { setTimeout as sleep } from 'node:timers/promises';

/** Attempts and timeout of a call, and the delay between attempts. */
export type CallPolicy = { timeoutMs: number; attempts: number; backoffMs: number; maxBackoffMs: number };

export const defaultCallPolicy: CallPolicy = { timeoutMs: 30_000, attempts: 3, backoffMs: 250, maxBackoffMs: 10_000 };

/** The abort reason when the process drains. INTENDED entries stay INTENDED, because another worker continues. */
export const drained = Symbol('drained');

/** Resolves early when the signal is aborted. */
export const pause = (ms: number, signal: AbortSignal): Promise<void> =>
  sleep(ms, undefined, { signal }).catch(() => {});
