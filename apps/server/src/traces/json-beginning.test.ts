import type { Json } from '@errand/contracts';
import { expect, test } from 'vitest';
import { jsonBeginning } from './json-beginning.ts';

test.each<Json>([
  null,
  true,
  -1.5e300,
  '"quoted"\n😀',
  [],
  {},
  [1, [2, ['3']], {}],
  { a: { b: [null, false] }, 'c "d"': '', '': 0 },
])('a short text is complete: %j', (value) => {
  expect(jsonBeginning(value, 1000)).toBe(JSON.stringify(value));
});

test('a long text begins like the complete one', () => {
  const rows = Array.from({ length: 1000 }, (_, id) => ({ id, name: `row ${id}`, tags: ['a', 'b'] }));
  for (const chars of [1, 10, 500, 5000]) {
    const beginning = jsonBeginning(rows, chars);
    expect(beginning.length).toBeGreaterThanOrEqual(chars);
    expect(JSON.stringify(rows).slice(0, chars)).toBe(beginning.slice(0, chars));
  }
});

test('only the beginning of a value is read', () => {
  let reads = 0;
  const row = {
    get id() {
      reads++;
      return 1;
    },
  };
  const text = jsonBeginning(new Array(100_000).fill(row), 800);
  expect(reads).toBeLessThanOrEqual(100);
  expect(text.length).toBeLessThan(1000);
  expect(jsonBeginning('x'.repeat(1e6), 800).length).toBeLessThan(1000);
  expect(jsonBeginning({ ['x'.repeat(1e6)]: 1 }, 800).length).toBeLessThan(1000);
});

test('a deep value needs a bounded stack', () => {
  let deep: Json = 'end';
  for (let n = 0; n < 100_000; n++) deep = [deep];
  const text = jsonBeginning(deep, 8000);
  expect(text).toContain('[["…"]]');
});
