/**
 * Places at which a test may end the process: the run is stored but not answered; it is claimed; a change of it is committed but
 * streams are not told; a write is intended but not sent; its answer is here but not recorded; the end is committed but the job not
 * acknowledged.
 */
export type Failpoint = 'create.after' | 'claim.after' | 'append.after' | 'call.before' | 'call.after' | 'end.after';

/** Where a test may end the process of an engine. Absent in production. */
export interface Faults {
  /** Called at each place; may not return. */
  at(point: Failpoint): void;
}

export const noFaults: Faults = { at: () => {} };
