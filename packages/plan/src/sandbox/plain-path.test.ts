import type { Json } from '@errand/contracts';
import jsonata from 'jsonata';
import { expect, test } from 'vitest';
import { plainPath, valueAt } from './plain-path.ts';

/** A repeatable source of numbers in [0, 1) (mulberry32). */
function numbers(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let t = Math.imul(state ^ (state >>> 15), 1 | state);
    t = (t + Math.imul(t ^ (t >>> 7), 61 | t)) ^ t;
    return ((t ^ (t >>> 14)) >>> 0) / 4294967296;
  };
}

const names = ['a', 'b', 'length', 'constructor', 'output'];

function anyJson(next: () => number, depth: number): Json {
  const kind = Math.floor(next() * (depth > 3 ? 4 : 7));
  if (kind === 0) return null;
  if (kind === 1) return next() < 0.5;
  if (kind === 2) return Math.floor(next() * 10);
  if (kind === 3) return next() < 0.3 ? '' : 'text';
  if (kind === 4) return Array.from({ length: Math.floor(next() * 4) }, () => anyJson(next, depth + 1));
  return Object.fromEntries(names.filter(() => next() < 0.6).map((name) => [name, anyJson(next, depth + 1)]));
}

function anyPath(next: () => number): string {
  const part = () =>
    next() < 0.35 ? `[${Math.floor(next() * 5) - 2}]` : `.${names[Math.floor(next() * names.length)]!}`;
  return names[Math.floor(next() * 2)]! + Array.from({ length: Math.floor(next() * 5) }, part).join('');
}

test('a plain path evaluated here has the same value as in JSONata', { timeout: 120_000 }, async () => {
  const next = numbers(20260131);
  let certain = 0;
  let count = 0;
  for (let round = 0; round < 6000; round += 1) {
    const scope = { a: anyJson(next, 0), b: anyJson(next, 0) };
    const expression = anyPath(next);
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
