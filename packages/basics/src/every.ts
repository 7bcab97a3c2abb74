/**
 * Does work at an interval, never twice at once: a turn that comes while the one before it is under way is left out. Does not keep
 * the process alive. The work handles its own errors.
 * @param ms the interval
 * @returns ends it; its promise settles once work under way has ended
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
