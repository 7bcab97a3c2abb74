import pc from 'picocolors';
import { describe, expect, test } from 'vitest';
import { type Column, table } from './table.ts';
import type { View } from './view.ts';
import { widthOf } from './width.ts';

type Row = { id: string; intent: string; user: string; note?: string };
const columns: Column<Row>[] = [
  { title: 'id', text: ({ id }) => id },
  { title: 'intent', text: ({ intent }) => intent, shrinksTo: 8 },
  { title: 'user', text: ({ user }) => user, align: 'right' },
  { title: 'extra', text: () => 'x', isExtra: true },
  { title: 'note', text: ({ note }) => note },
];
const rows: Row[] = [
  { id: '34df0149', intent: 'Log a call with Contoso for tomorrow at ten', user: 'ada' },
  { id: 'b928d1e8', intent: '日本語のとても長い文章です', user: 'ben\nfranklin' },
];
const view = (width: number): View => ({ width, colors: pc.createColors(false), now: 0 });

describe('a table', () => {
  test('has all texts where there is room, and no column without texts', () => {
    expect(table(rows, columns, view(Number.POSITIVE_INFINITY))).toEqual([
      'id        intent                                               user  extra',
      '34df0149  Log a call with Contoso for tomorrow at ten           ada  x',
      `b928d1e8  日本語のとても長い文章です                   ben franklin  x`,
    ]);
  });

  test.each([40, 50, 60])('shortens texts to %s columns', (width) => {
    const lines = table(rows, columns, view(width));
    expect(lines).toHaveLength(3);
    expect(lines[1]).toContain('…');
    for (const line of lines) expect(widthOf(line)).toBeLessThanOrEqual(width);
  });

  test('becomes blocks where it does not fit', () => {
    expect(table(rows.slice(0, 1), columns, view(20))).toEqual([
      '34df0149',
      '  intent  Log a call',
      '          with',
      '          Contoso',
      '          for',
      '          tomorrow',
      '          at ten',
      '  user    ada',
    ]);
  });
});
