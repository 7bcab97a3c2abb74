// What the removal of old data did, for the checks.
/** The tables with partitions. */
export type Parent = 'run_event' | 'ledger';

/** What one look found about an open run of an old day. */
export type OldRunLook = {
  errand: string;
  runId: string;
  at: number;
  /** Its newest event by its row, and the number of its events. */
  seq: number;
  events: number;
  /** Writes that have arrived, and are in no ledger. */
  lostWrites: readonly string[];
};

export type RemovalRecord = {
  looks: readonly OldRunLook[];
  dropped: readonly { at: number; parent: Parent; name: string }[];
  /** Removals, and those that met an open run in a partition that is old enough. */
  removals: number;
  metOpen: number;
  removedRuns: number;
  /** Why removals failed, the newest last. */
  failures: readonly string[];
  /** Without the looks for open runs: the statements that were never sent, although they should be. */
  missed: readonly string[];
};
