import { expect, test } from 'vitest';
import { toPlainJson } from './plain-json.ts';

test('a value larger than the shared budget is refused for that reason, not for its own size', () => {
  const budget = { left: 1000 };
  expect(toPlainJson('x'.repeat(600), budget)).toHaveLength(600);
  expect(() => toPlainJson('x'.repeat(600), budget)).toThrow('gives too much together with the other values');
});

test('a value larger than 1 MiB is refused for its own size', () => {
  expect(() => toPlainJson('x'.repeat(2 ** 20))).toThrow('gives more than 1 MiB; select fewer fields or items');
});

test('a list that is referenced many times is refused before all its copies are made', () => {
  let list: unknown[] = [1];
  for (let i = 0; i < 40; i++) list = [list, list];
  expect(() => toPlainJson(list)).toThrow('gives more than 1 MiB');
});
