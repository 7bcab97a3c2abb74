import { expect, test } from 'vitest';
import { valueRows } from './arguments-html.ts';

test('every value appears with its path, and none is missing', () => {
  const value = { a: 1, b: { c: [true, null, { d: 'x' }] }, 'odd key': 'y', e: {}, f: [], g: '' };
  expect(valueRows(value).map(({ path, value }) => `${path} = ${value}`)).toEqual([
    'a = 1',
    'b.c[0] = true',
    'b.c[1] = null',
    'b.c[2].d = x',
    '["odd key"] = y',
    'e = {}',
    'f = []',
    'g = ""',
  ]);
});

test.each(['12', '1e9', 'true', 'null', '{}', '[1]', ' x', 'x ', '"q"'])(
  'the text %j is told from what it looks like',
  (text) => {
    expect(valueRows({ t: text })).toEqual([{ path: 't', value: JSON.stringify(text) }]);
  },
);

test('names that look like paths are quoted', () => {
  expect(valueRows({ 'a.b': 1, a: { b: 2 } }).map(({ path }) => path)).toEqual(['["a.b"]', 'a.b']);
});
