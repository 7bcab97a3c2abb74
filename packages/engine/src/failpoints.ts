/**
 * Points at which a test may kill the process. create.after: a run is stored and not yet answered. claim.after: it is claimed.
 * append.after: a transition is committed and not yet published. call.before: a write is INTENDED and not sent. call.after: its answer
 * is received and not recorded. end.after: the end is committed.
 */
export type Failpoint = 'create.after' | 'claim.after' | 'append.after' | 'call.before' | 'call.after' | 'end.after';

/** Kills the process of an engine in tests. Absent in production. */
export interface Faults {
  /** May never return. */
  at(point: Failpoint): void;
}

export const noFaults: Faults = { at: () => {} };
