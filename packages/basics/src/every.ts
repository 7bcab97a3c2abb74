/**
 * Runs `work` at an interval. While one call is under way the next is skipped. Does not keep the process alive. `work` must not throw.
 * @param ms the interval
 * @param atOnce whether the first call is made now
 * @returns stops it; the promise settles when a call under way has ended
 */
export function every(ms: number, work: () => Promise<unknown>, atOnce = false): () => Promise<void> {
  let underWay: Promise<unknown> | undefined;
  const begin = () => {
    underWay ??= work().finally(() => {
      underWay = undefined;
    });
  };
  const timer = setInterval(begin, ms);
  timer.unref();
  if (atOnce) begin();
  return async () => {
    clearInterval(timer);
    await underWay;
  };
}
