import { describe, expect, test } from 'vitest';
import { msOutside, Processors } from './processors.ts';

describe('processors', () => {
  test('count as busy while nearly none of their time is idle', () => {
    const processors = new Processors();
    for (const [at, idle, all] of [
      [0, 0, 0],
      [200, 100, 400],
      [400, 110, 800],
      [600, 110, 1200],
      [800, 510, 1600],
      [1000, 510, 2000],
    ] as const) {
      processors.read({ at, idle, all });
    }
    expect(processors.busy).toEqual([
      { from: 200, to: 600 },
      { from: 800, to: 1000 },
    ]);
  });

  test('are read from the machine', () => {
    const processors = new Processors();
    processors.read();
    const until = Date.now() + 60;
    while (Date.now() < until);
    processors.read();
    expect(processors.busy.length).toBeLessThanOrEqual(1);
  });
});

test('of a stretch of time the part outside others is counted', () => {
  const others = [
    { from: 100, to: 300 },
    { from: 800, to: 1000 },
  ];
  expect(msOutside({ from: 0, to: 50 }, others)).toBe(50);
  expect(msOutside({ from: 200, to: 900 }, others)).toBe(500);
  expect(msOutside({ from: 120, to: 180 }, others)).toBe(0);
  expect(msOutside({ from: 500, to: 400 }, others)).toBe(0);
});
