import { expect, it } from 'vitest';
import { parseBeginning } from './parse-beginning.ts';

const ROWS = [{ id: 1, name: 'A "quoted" } name', of: { x: [1, 2] } }, { id: 2, name: 'B\\' }, { id: 3 }];

it('reads whole texts', () => {
  expect(parseBeginning('[1,{"a":2}]')).toEqual({ value: [1, { a: 2 }], isWhole: true });
});

it('reads of a cut text, wherever it is cut, rows as they are', () => {
  const text = JSON.stringify({ total: 3, rows: ROWS });
  const read = [...text].map((_, length) => parseBeginning(text.slice(0, length)));
  expect(read.every(({ isWhole }) => !isWhole)).toBe(true);
  const rows = read.map(({ value }) => (value as { rows?: object[] } | undefined)?.rows ?? []);
  for (const list of rows)
    expect(ROWS.slice(0, list.length).map(({ id }) => id)).toEqual(list.map((row) => (row as { id: number }).id));
  expect(rows.at(-1)).toEqual(ROWS);
  expect(rows.some((list) => list.length === 1)).toBe(true);
});

it('reads nothing of what has no end at all', () => {
  expect(parseBeginning('{"a": [')).toEqual({ value: undefined, isWhole: false });
  expect(parseBeginning('not JSON')).toEqual({ value: undefined, isWhole: false });
});
