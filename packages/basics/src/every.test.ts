import { afterEach, expect, test, vi } from 'vitest';
import { every } from './every.ts';

afterEach(() => {
  vi.useRealTimers();
});

test('the first call is made at once if that is wanted', async () => {
  vi.useFakeTimers();
  let begun = 0;
  const work = async () => void begun++;
  const stops = [every(100, work), every(100, work, true)];
  expect(begun).toBe(1);
  await vi.advanceTimersByTimeAsync(150);
  expect(begun).toBe(3);
  for (const stop of stops) await stop();
});

test('work is done at each interval, never twice at once, and its end is awaited', async () => {
  vi.useFakeTimers();
  let begun = 0;
  let end = () => {};
  const stop = every(100, () => {
    begun++;
    return new Promise<void>((resolve) => {
      end = resolve;
    });
  });
  await vi.advanceTimersByTimeAsync(350);
  expect(begun).toBe(1);
  end();
  await vi.advanceTimersByTimeAsync(100);
  expect(begun).toBe(2);
  let stopped = false;
  const stopping = stop().then(() => {
    stopped = true;
  });
  await vi.advanceTimersByTimeAsync(500);
  expect([begun, stopped]).toEqual([2, false]);
  end();
  await stopping;
});
