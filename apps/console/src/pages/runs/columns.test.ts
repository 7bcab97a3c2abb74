import { expect, test } from 'vitest';
import { COLUMN_IDS, DEFAULT_COLUMNS } from './column-ids.ts';

// Times are kept for the zone, in a storage that only browsers have.
Object.assign(globalThis, { localStorage: { getItem: () => null } });
const { layoutOf } = await import('./columns.tsx');

test('columns that do not fit are below the intent, the time of creation last', () => {
  const wide = layoutOf(DEFAULT_COLUMNS, 1024);
  expect(wide).toEqual({ isNarrow: false, cells: DEFAULT_COLUMNS, below: ['user', 'integrations', 'requester'] });
  const all = layoutOf(COLUMN_IDS, 1024);
  expect(all.cells.at(-1)).toBe('created');
  expect([...all.cells, ...all.below].sort()).toEqual([...COLUMN_IDS].sort());
  expect(all.below.length).toBeGreaterThan(0);
  expect(layoutOf(DEFAULT_COLUMNS, 390)).toEqual({
    isNarrow: true,
    cells: ['created'],
    below: ['user', 'integrations', 'requester', 'steps', 'duration'],
  });
  expect(layoutOf([], 390).cells).toEqual([]);
});
