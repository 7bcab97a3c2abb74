/**
 * Lets callers share a load: while it is pending, and for `ttlMs` from its begin, also if it failed. The load must settle.
 * @returns a function of the time, by the monotonic clock in ms
 */
export function shareLoad<T>(ttlMs: number, load: (at: number) => Promise<T>): (at?: number) => Promise<T> {
  let latest: { value: Promise<T>; begunAt: number; isPending: boolean } | undefined;
  return (at = performance.now()) => {
    if (latest && (latest.isPending || at - latest.begunAt < ttlMs)) return latest.value;
    const begun = { value: load(at), begunAt: at, isPending: true };
    const settle = () => {
      begun.isPending = false;
    };
    begun.value.then(settle, settle);
    latest = begun;
    return begun.value;
  };
}
