import jsonata from 'jsonata';
import { expect, test } from 'vitest';
import { randomJson, randomNumbers, randomPath } from '../testing/random-json.ts';
import { plainPath, valueAt } from './plain-path.ts';

test('a plain path evaluated here has the same value as in JSONata', { timeout: 120_000 }, async () => {
  const next = randomNumbers(20260131);
  let certain = 0;
  let count = 0;
  for (let round = 0; round < 6000; round += 1) {
    const scope = { a: randomJson(next), b: randomJson(next) };
    const expression = randomPath(next);
    const here = valueAt(plainPath(expression)!, scope);
    if (here === undefined) continue;
    certain += 1;
    const there: unknown = await jsonata(expression).evaluate(structuredClone(scope));
    const plain = there === undefined ? undefined : JSON.parse(JSON.stringify(there));
    expect({ expression, scope, value: here.found ? here.value : undefined }).toEqual({
      expression,
      scope,
      value: plain,
    });
    if (here.found) count += 1;
  }
  expect(certain).toBeGreaterThan(2000);
  expect(count).toBeGreaterThan(500);
});

test.each(['a.b', 'a[0].b', 'a[-1]', ' now '])('%s is a plain path', (expression) => {
  expect(plainPath(expression)).toBeDefined();
});

test.each([
  '$',
  '$$.a',
  'a.*',
  'a[b=1]',
  'a[]',
  'a.b or c',
  'a.and',
  'true',
  'null',
  'a.`b`',
  '"a"',
  'a{b:c}',
  'a^(b)',
  '1',
  'a[0.5]',
])('%s is left to JSONata', (expression) => {
  expect(plainPath(expression)).toBeUndefined();
});
