/**
 * idle: nothing to watch. connecting: nothing arrived yet. reconnecting: the connection was lost; it comes back by itself. ended: the run has
 * ended, or `failure` is set.
 */
export type Connection = 'idle' | 'connecting' | 'open' | 'reconnecting' | 'ended';

/** The state of a stream. */
export type StreamView = {
  connection: Connection;
  /** Set if Errand refuses for good: a RequestFailed with the problem document. */
  failure?: Error | undefined;
};

export const toError = (error: unknown): Error => (error instanceof Error ? error : new Error(String(error)));
