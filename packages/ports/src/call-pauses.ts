/** The pauses of calls that this process knows; the engine passes on the notifications of other processes. */
export interface CallPauses {
  /** The channel of the notifications. */
  readonly channel: string;
  /** Takes the payload of a notification. */
  receive(payload: string): void;
  /** Reads all pauses, at the start and whenever notifications may have been missed. Does not throw. */
  load(): Promise<void>;
}
