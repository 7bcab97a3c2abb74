// Counts the promises and timers of the process that loads it with `--import`, and answers the message `counts` with them.
import { createHook } from 'node:async_hooks';

export type AsyncCounts = { promises: number; timers: number };

const counts: AsyncCounts = { promises: 0, timers: 0 };

createHook({
  init(_, type) {
    if (type === 'PROMISE') counts.promises++;
    else if (type === 'Timeout') counts.timers++;
  },
}).enable();

process.on('message', (message) => {
  if (message === 'counts') process.send?.(counts);
});
// The channel alone must not keep the service alive.
process.channel?.unref();
