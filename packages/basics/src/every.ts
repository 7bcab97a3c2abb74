/**
 * Runs `work` at an interval. While one call is under way the next is skipped. Does not keep the process alive. `work` must not throw.
 * @param ms the interval
 * @returns stops it; the promise settles when a call under way has ended
 */
export function every(ms: number, work: () => Promise<unknown>): () => Promise<void> {
  let underWay: Promise<unknown> | undefined;
  const timer = setInterval(() => {
    underWay ??= work().finally(() => {
      underWay = undefined;
    });
  }, ms);
  timer.unref();
  return async () => {
    clearInterval(timer);
    await underWay;
  };
}
