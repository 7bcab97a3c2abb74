import { readFileSync } from 'node:fs';

const EVERY_MS = 5;

/**
 * Measures the longest block of the event loop of this thread. Excludes the time in which the thread waits for a processor, where the
 * system reports it, so that other processes do not count.
 */
export function watchLoop() {
  let [last, waited] = [performance.now(), waitedMs()];
  let longest = 0;
  const measure = () => {
    const [now, waitedNow] = [performance.now(), waitedMs()];
    longest = Math.max(longest, now - last - (waitedNow - waited) - EVERY_MS);
    [last, waited] = [now, waitedNow];
  };
  const timer = setInterval(measure, EVERY_MS);
  return {
    /** Ends the measurement. @returns the longest time in ms */
    longestMs(): number {
      clearInterval(timer);
      measure();
      return longest;
    },
  };
}

function waitedMs(): number {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[1]) / 1e6;
  } catch {
    return 0;
  }
}
