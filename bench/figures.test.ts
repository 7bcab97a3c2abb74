import { expect, test } from 'vitest';
import { intervalOfMedian, median } from './figures.ts';

test('the interval of a median has the ranks of a binomial distribution, whatever the order', () => {
  const values = Array.from({ length: 40 }, (_, n) => ((n * 7) % 40) + 1);
  const [from, to] = intervalOfMedian(values);
  expect([from, to]).toEqual([13, 28]);
  expect(median(values)).toBe(20);
});

test('few values give their whole range', () => {
  expect(intervalOfMedian([3, 1, 2])).toEqual([1, 3]);
  expect(() => intervalOfMedian([])).toThrow('Nothing was measured.');
});
