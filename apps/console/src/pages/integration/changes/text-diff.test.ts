import { expect, test } from 'vitest';
import { textDiff, withContext } from './text-diff.ts';

const text = (lines: readonly { sign: string; text: string }[]) => lines.map(({ sign, text }) => sign + text);

test.each([
  ['the same', 'a\nb', 'a\nb', [' a', ' b']],
  ['a changed line', 'a\nb\nc', 'a\nx\nc', [' a', '-b', '+x', ' c']],
  ['an added line', 'a\nc', 'a\nb\nc', [' a', '+b', ' c']],
  ['a removed line', 'a\nb\nc', 'a\nc', [' a', '-b', ' c']],
  ['two changes', '1\na\n2\nb\n3', '1\n2\nB\n3', [' 1', '-a', ' 2', '-b', '+B', ' 3']],
  ['nothing in common', 'a', 'b', ['-a', '+b']],
])('%s', (_, before, after, expected) => {
  expect(text(textDiff(before, after))).toEqual(expected);
});

test('both texts can be read from any difference', () => {
  const random = (seed: number) => Array.from({ length: 40 }, (_, n) => String((seed * (n + 7) * 31) % 5)).join('\n');
  for (let seed = 1; seed < 50; seed++) {
    const [before, after] = [random(seed), random(seed + 13)];
    const lines = textDiff(before, after);
    const side = (sign: string) =>
      lines.flatMap((line) => (line.sign === ' ' || line.sign === sign ? [line.text] : []));
    expect([side('-').join('\n'), side('+').join('\n')]).toEqual([before, after]);
  }
});

test('texts that are too long to compare are shown as a whole', () => {
  const lines = (word: string) => Array.from({ length: 1500 }, (_, n) => `${word}${n}`).join('\n');
  expect(textDiff(lines('a'), lines('b'))).toHaveLength(3000);
});

test('equal lines far from a change are counted', () => {
  const before = Array.from({ length: 20 }, (_, n) => String(n)).join('\n');
  const compact = withContext(textDiff(before, before.replace('10', 'x')), 1);
  expect(compact).toEqual([
    { hidden: 9 },
    { sign: ' ', text: '9' },
    { sign: '-', text: '10' },
    { sign: '+', text: 'x' },
    { sign: ' ', text: '11' },
    { hidden: 8 },
  ]);
});
