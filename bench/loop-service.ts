// The built service, with a watch that reports over IPC how long its event loop was blocked.
import { readFileSync } from 'node:fs';

export type Hold = {
  /** Elapsed time. */
  holdMs: number;
  /** Without the time in which the thread waited for a processor, where the kernel reports it: that depends on other processes. */
  ownHoldMs: number;
};

const EVERY_MS = 5;

let [last, waited] = [performance.now(), waitedMs()];
let longest: Hold = { holdMs: 0, ownHoldMs: 0 };
function measure(): void {
  const [now, waitedNow] = [performance.now(), waitedMs()];
  const holdMs = Math.max(longest.holdMs, now - last - EVERY_MS);
  const ownHoldMs = Math.max(longest.ownHoldMs, now - last - (waitedNow - waited) - EVERY_MS);
  longest = { holdMs, ownHoldMs };
  [last, waited] = [now, waitedNow];
}
setInterval(measure, EVERY_MS).unref();
process.on('message', (message) => {
  if (message !== 'longest hold') return;
  measure();
  process.send?.(longest);
  longest = { holdMs: 0, ownHoldMs: 0 };
});
await import(new URL('../../apps/server/dist/main.js', import.meta.url).href);

function waitedMs(): number {
  try {
    return Number(readFileSync('/proc/thread-self/schedstat', 'utf8').split(' ')[1]) / 1e6;
  } catch {
    return 0;
  }
}
