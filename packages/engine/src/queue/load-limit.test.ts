import { expect, test } from 'vitest';
import { LoadLimit } from './load-limit.ts';

/** A process whose event loop is as busy as the test says; each look is 50 ms after the one before. */
function aProcess(most: number) {
  const load = { busy: 0 };
  let looks = 0;
  const read = () => ({ now: 50 * ++looks, busy: load.busy, ms: 50 });
  const limit = new LoadLimit(most, { read, reset: () => {} });
  return { load, claimable: (active: number) => limit.claimable(active) };
}

test('a process with time to spare fills all its slots', () => {
  const { claimable } = aProcess(100);
  expect(claimable(0)).toBe(100);
  expect(claimable(99)).toBe(1);
  expect(claimable(100)).toBe(0);
});

test('a busy process claims no more until few of its runs are left, then some at a time', () => {
  const { load, claimable } = aProcess(100);
  load.busy = 1;
  claimable(60);
  for (let i = 0; i < 20; i++) claimable(40);
  const claimed = [12, 11, 9, 7].map((active) => claimable(active));
  expect(claimed.filter((n) => n !== 0 && n !== 4)).toEqual([]);
  expect(claimable(6)).toBe(6);
  expect(claimable(0)).toBe(12);
});

test('a busy process whose runs wait for slow tools claims four each 200 ms', () => {
  const { load, claimable } = aProcess(100);
  load.busy = 1;
  claimable(60);
  const claims = Array.from({ length: 40 }, () => claimable(60));
  expect(claims.filter((n) => n > 0)).toEqual(Array(10).fill(4));
});

test('all slots are used again a second after the load has gone', () => {
  const { load, claimable } = aProcess(100);
  load.busy = 1;
  for (let i = 0; i < 20; i++) claimable(60);
  load.busy = 0.5;
  const claims = Array.from({ length: 20 }, () => claimable(10));
  expect(claims.at(-1)).toBe(90);
  expect(Math.max(...claims.slice(1).map((slots, i) => slots - claims[i]!))).toBeLessThanOrEqual(8);
});

test('a worker of few slots uses all of them, however busy it is', () => {
  const { load, claimable } = aProcess(10);
  load.busy = 1;
  expect([0, 5, 9, 10].map((active) => claimable(active))).toEqual([10, 5, 1, 0]);
});
