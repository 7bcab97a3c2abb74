import { expect, test } from 'vitest';
import { addBuckets, addValue, type Buckets, quantileOf, RELATIVE_ERROR } from './sketch.ts';

/** Values between 0 and 10^10, evenly spread over their orders of magnitude. */
const values = Array.from({ length: 20_000 }, (_, n) => Math.round(10 ** (((n * 7919) % 10_007) / 1000.7) - 1));

test('quantiles are within the relative error, and no more buckets are kept than the range has', () => {
  const buckets: Buckets = {};
  for (const value of values) addValue(buckets, value);
  const sorted = [...values].sort((a, b) => a - b);
  for (const q of [0, 0.01, 0.25, 0.5, 0.95, 0.99, 0.999, 1]) {
    const exact = sorted[Math.floor(q * (sorted.length - 1))]!;
    expect(Math.abs(quantileOf(buckets, q)! - exact)).toBeLessThanOrEqual(RELATIVE_ERROR * exact * (1 + 1e-9));
  }
  for (const value of [1e12, 1e300, Number.MAX_VALUE]) addValue(buckets, value);
  expect(Object.keys(buckets).length).toBeLessThan(1300);
});

test('histograms of parts, added in any order, are that of the whole', () => {
  const [whole, a, b]: [Buckets, Buckets, Buckets] = [{}, {}, {}];
  for (const [n, value] of values.entries()) {
    addValue(whole, value);
    addValue(n % 3 ? a : b, value);
  }
  const [ab, ba]: [Buckets, Buckets] = [{}, {}];
  for (const [sum, parts] of [
    [ab, [a, b]],
    [ba, [b, a]],
  ] as const)
    for (const part of parts) addBuckets(sum, part);
  expect([ab, ba]).toEqual([whole, whole]);
});

test('an empty histogram has no quantile, and zeros have zero', () => {
  const zeros: Buckets = {};
  addValue(zeros, 0);
  expect([quantileOf({}, 0.5), quantileOf(zeros, 0.5)]).toEqual([null, 0]);
});
