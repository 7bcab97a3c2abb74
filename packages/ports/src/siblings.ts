/** Called with frames and changes of the siblings. */
export type SiblingHandlers = {
  /** Lines of a sibling, in the order in which it sent them. */
  onLines: (from: number, lines: readonly string[]) => void;
  /** A sibling has started, and receives lines from now on. */
  onJoined: (id: number) => void;
  /** A sibling has ended. */
  onGone: (id: number) => void;
  /** Lines of a sibling were dropped. */
  onLost: (from: number) => void;
};

/**
 * The other processes of one supervisor on this machine. Lines go from memory to memory and may be dropped, so they only replace reads
 * of Postgres: nothing may depend on their arrival.
 */
export interface Siblings {
  /** The same in all processes of the supervisor. */
  readonly machineId: string;
  /** The running siblings, without this process. */
  ids(): readonly number[];
  /** Whether this process does the periodic work of the machine. */
  isLeader(): boolean;
  /** Sends a line, which has no line break. */
  send(to: number, line: string): void;
  /** Sets the handlers. */
  listen(handlers: SiblingHandlers): void;
}
