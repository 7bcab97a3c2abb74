// Runs inside a server that is measured (`--import`): on SIGUSR2 it writes how long the event loop was held since the last time.
import { writeFileSync } from 'node:fs';
import { monitorEventLoopDelay } from 'node:perf_hooks';
import { isMainThread } from 'node:worker_threads';

const file = process.env.BENCH_HOLDS;
if (isMainThread && file !== undefined) {
  const resolution = 2;
  const delays = monitorEventLoopDelay({ resolution });
  delays.enable();
  const ms = (nanoseconds: number) => Math.max(0, nanoseconds / 1e6 - resolution);
  process.on('SIGUSR2', () => {
    writeFileSync(file, JSON.stringify({ longestMs: ms(delays.max), p99Ms: ms(delays.percentile(99)) }));
    delays.reset();
  });
}
