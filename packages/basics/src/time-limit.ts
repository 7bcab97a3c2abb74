/**
 * A signal that aborts after `ms`, also as a source of `AbortSignal.any`. Node 20 may collect the signal of `AbortSignal.timeout` that has no
 * listener of its own; signals that depend on it then never abort.
 */
export function timeLimit(ms: number): AbortSignal {
  // biome-ignore lint/nursery/noJsRestrictedProperties: the listener below keeps the signal
  const signal = AbortSignal.timeout(Math.ceil(ms));
  signal.addEventListener('abort', () => {}, { once: true });
  return signal;
}
