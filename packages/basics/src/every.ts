/**
 * Runs `work` every `ms`, and skips a turn while a call is under way. Does not keep the process alive. `work` must not throw.
 * @returns a function that stops the timer; its promise resolves once any call in progress has ended
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
