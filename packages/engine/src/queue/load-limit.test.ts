import { expect, test } from 'vitest';
import { LoadLimit } from './load-limit.ts';

/** A process whose event loop is as busy as the test says; each look is 50 ms after the one before. */
function aProcess(most: number) {
  const load = { busy: 0 };
  let looks = 0;
  const read = () => ({ now: 50 * ++looks, busy: load.busy, ms: 50 });
  const limit = new LoadLimit(most, { read, reset: () => {} });
  return { load, room: (active: number) => limit.room(active) };
}

test('a process with time to spare fills all its slots', () => {
  const { room } = aProcess(100);
  expect(room(0)).toBe(100);
  expect(room(99)).toBe(1);
  expect(room(100)).toBe(0);
});

test('a busy process claims no more until few of its runs are left, then some at a time', () => {
  const { load, room } = aProcess(100);
  load.busy = 1;
  room(60);
  for (let i = 0; i < 20; i++) room(40);
  const claimed = [12, 11, 9, 7].map((active) => room(active));
  expect(claimed.filter((n) => n !== 0 && n !== 4)).toEqual([]);
  expect(room(6)).toBe(6);
  expect(room(0)).toBe(12);
});

test('a busy process whose runs wait for slow tools claims four each 200 ms', () => {
  const { load, room } = aProcess(100);
  load.busy = 1;
  room(60);
  const rooms = Array.from({ length: 40 }, () => room(60));
  expect(rooms.filter((n) => n > 0)).toEqual(Array(10).fill(4));
});

test('all slots are used again a second after the load has gone', () => {
  const { load, room } = aProcess(100);
  load.busy = 1;
  for (let i = 0; i < 20; i++) room(60);
  load.busy = 0.5;
  const rooms = Array.from({ length: 20 }, () => room(10));
  expect(rooms.at(-1)).toBe(90);
  expect(Math.max(...rooms.slice(1).map((slots, i) => slots - rooms[i]!))).toBeLessThanOrEqual(8);
});

test('a worker of few slots uses all of them, however busy it is', () => {
  const { load, room } = aProcess(10);
  load.busy = 1;
  expect([0, 5, 9, 10].map((active) => room(active))).toEqual([10, 5, 1, 0]);
});
