import { expect, test } from 'vitest';
import { amountText } from './step-text.ts';

const pages = (count: number) => Object.fromEntries(Array.from({ length: count }, (_, n) => [`page${n}`, n]));

test.each([
  ['a list', [1, 2], ' with 2 items'],
  ['a page', { items: [1], total: 1 }, ' with 1 item'],
  ['a page with other words', { tickets: [1], ...pages(99) }, ' with 1 item'],
  ['a record with a list', { id: 1, items: [1] }, ''],
  ['an object with two lists', { items: [1], data: [2] }, ''],
  ['an object with too many members for a page', { items: [1], ...pages(100) }, ''],
])('the amount of %s', (_, output, text) => {
  expect(amountText(output)).toBe(text);
});
