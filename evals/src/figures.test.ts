import { expect, it } from 'vitest';
import { setFigures, shortfalls, tableOf } from './figures.ts';

const counts = { cases: 10, right: 8, refused: 1, wrongReads: 1, wrongWrites: 0, failed: 0 };
const impossible = { cases: 4, right: 4, refused: 0, wrongReads: 0, wrongWrites: 0, failed: 0 };
const floor = { right: 8, impossibleRight: 4, wrongReads: 1 };

it('adds up what is wrong over possible and impossible cases', () => {
  const figures = setFigures({ possible: counts, impossible: { ...impossible, right: 3, wrongReads: 1 } });
  expect(figures).toMatchObject({ possible: 10, right: 8, wrongReads: 2, impossible: 4, impossibleRight: 3 });
});

it.each([
  ['as good as its floor', {}, {}, []],
  ['better', { right: 9, wrongReads: 0 }, {}, []],
  ['fewer right', { right: 7 }, {}, ['right 7, floor 8']],
  ['fewer refused', {}, { right: 3 }, ['impossible right 3, floor 4']],
  ['more wrong reads', { wrongReads: 2 }, {}, ['wrong reads 2, at most 1']],
  ['a wrong write', { wrongWrites: 1 }, {}, ['wrong writes 1']],
])('compares a set with its floor: %s', (_, possible, refused, faults) => {
  const figures = setFigures({ possible: { ...counts, ...possible }, impossible: { ...impossible, ...refused } });
  expect(shortfalls(figures, floor)).toEqual(faults);
});

it('allows no wrong write in a set without a floor', () => {
  const figures = setFigures({ possible: { ...counts, wrongWrites: 2 }, impossible });
  expect(shortfalls(figures)).toEqual(['wrong writes 2']);
});

it('writes a table with a row for all sets together', () => {
  const set = setFigures({ possible: counts, impossible });
  const table = tableOf(
    new Map([
      ['first', set],
      ['second', set],
    ]),
  );
  expect(table).toContain('| second | 8 of 10 | 1 | 1 | 0 | 0 | 4 of 4 |\n');
  expect(table).toMatch(/\n\| \*\*all\*\* \| 16 of 20 \| 2 \| 2 \| 0 \| 0 \| 8 of 8 \|\n$/);
});
