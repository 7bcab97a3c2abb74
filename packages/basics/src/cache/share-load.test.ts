import { expect, test } from 'vitest';
import { shareLoad } from './share-load.ts';

/** A load that the test settles. */
function aLoad() {
  const loads: PromiseWithResolvers<number>[] = [];
  const read = shareLoad(1000, () => {
    const load = withResolvers();
    loads.push(load);
    return load.promise;
  });
  return { loads, read };
}

type PromiseWithResolvers<T> = { promise: Promise<T>; resolve: (value: T) => void; reject: (reason: Error) => void };

function withResolvers(): PromiseWithResolvers<number> {
  let resolve!: (value: number) => void;
  let reject!: (reason: Error) => void;
  const promise = new Promise<number>((onValue, onReason) => {
    resolve = onValue;
    reject = onReason;
  });
  return { promise, resolve, reject };
}

test('callers share a load for a time from its begin', async () => {
  const { loads, read } = aLoad();
  const first = read(0);
  loads[0]!.resolve(1);
  expect(await first).toBe(1);
  expect(await read(999)).toBe(1);
  const second = read(1000);
  loads[1]!.resolve(2);
  expect([await second, loads.length]).toEqual([2, 2]);
});

test('no load begins while one is pending, however long it takes', async () => {
  const { loads, read } = aLoad();
  const callers = [read(0), read(1000), read(60_000)];
  expect(loads).toHaveLength(1);
  loads[0]!.resolve(1);
  expect(await Promise.all(callers)).toEqual([1, 1, 1]);
  void read(60_001);
  expect(loads).toHaveLength(2);
});

test('a failure is shared like a value, and the next load may succeed', async () => {
  const { loads, read } = aLoad();
  const failing = [read(0), read(1)];
  loads[0]!.reject(new Error('gone'));
  for (const each of failing) await expect(each).rejects.toThrow('gone');
  await expect(read(999)).rejects.toThrow('gone');
  const next = read(1000);
  loads[1]!.resolve(2);
  expect(await next).toBe(2);
});
