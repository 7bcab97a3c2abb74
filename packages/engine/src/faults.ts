/**
 * Places at which a test may end the process: the run is stored but not answered; it is claimed; a change of it is committed but
 * streams are not told; a write is intended but not sent; its answer is here but not recorded; the end is committed but the job not
 * acknowledged.
 */
export type Failpoint = 'create.after' | 'claim.after' | 'append.after' | 'call.before' | 'call.after' | 'end.after';

/** What a test may do to an engine, to prove that its checker sees a broken promise. Absent in production. */
export interface Faults {
  /** Called at each place; may not return. */
  at(point: Failpoint): void;
  /** Rules that are not kept: the epoch on every write, the record of what is about to be sent, the question before a call, its no. */
  readonly broken: { readonly [rule in 'fencing' | 'intent' | 'approval' | 'denial']: boolean };
}

export const noFaults: Faults = {
  at: () => {},
  broken: { fencing: false, intent: false, approval: false, denial: false },
};
