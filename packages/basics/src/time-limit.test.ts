import { setTimeout as sleep } from 'node:timers/promises';
import { setFlagsFromString } from 'node:v8';
import { runInNewContext } from 'node:vm';
import { expect, test } from 'vitest';
import { timeLimit } from './time-limit.ts';

setFlagsFromString('--expose-gc');
const collectGarbage: () => void = runInNewContext('gc');

test('a signal that depends on a time limit aborts after a garbage collection', async () => {
  const caller = new AbortController();
  let aborted = 0;
  for (let count = 0; count < 20; count++)
    AbortSignal.any([caller.signal, timeLimit(100)]).addEventListener('abort', () => aborted++);
  await sleep(20);
  collectGarbage();
  await expect.poll(() => aborted).toBe(20);
});
