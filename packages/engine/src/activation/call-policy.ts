/** How often, and how long, calls are tried. */
export type CallPolicy = { timeoutMs: number; attempts: number; backoffMs: number; maxBackoffMs: number };

export const defaultCallPolicy: CallPolicy = { timeoutMs: 30_000, attempts: 3, backoffMs: 250, maxBackoffMs: 10_000 };

/** Why calls are aborted when the process drains: the run goes on elsewhere, and what is intended stays intended. */
export const drained = Symbol('drained');
