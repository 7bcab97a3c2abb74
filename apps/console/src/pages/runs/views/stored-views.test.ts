import { expect, test } from 'vitest';
import { DEFAULT_COLUMNS, withColumn } from '../column-ids.ts';
import {
  isSameSearch,
  MAX_VIEWS,
  parseSettings,
  readSettings,
  refusalOf,
  storageKey,
  type View,
  withView,
  writeSettings,
} from './stored-views.ts';

const makeView = (name: string, more: Partial<View> = {}): View => ({
  name,
  search: { userId: name },
  columns: DEFAULT_COLUMNS,
  ...more,
});
const NONE = parseSettings(null);
const names = ({ views }: { views: readonly View[] }) => views.map(({ name }) => name);

/** A storage of a browser, which may be full. */
function memory(): Storage & { maxBytes: number } {
  const storage = {} as Record<string, string>;
  const limit = { maxBytes: Number.POSITIVE_INFINITY };
  const methods = {
    getItem: (key: string) => storage[key] ?? null,
    removeItem: (key: string) => void delete storage[key],
    setItem: (key: string, value: string) => {
      if (value.length > limit.maxBytes) throw new Error('QuotaExceededError');
      storage[key] = value;
    },
  };
  return new Proxy(storage, {
    get: (_, name) => (methods as Record<string, unknown>)[String(name)] ?? storage[String(name)],
    set: (_, name, value) => {
      if (name === 'maxBytes') limit.maxBytes = value as number;
      return true;
    },
  }) as unknown as Storage & { maxBytes: number };
}

test('settings are read as they were written, and anything else is left out', () => {
  const settings = withView(NONE, makeView('Of Ada', { columns: ['cost'], isDefault: true }));
  const storage = memory();
  expect(writeSettings(storage, 'errand-list:w:p', settings)).toBe(true);
  expect(readSettings(storage, 'errand-list:w:p')).toEqual(settings);
  for (const text of ['', '{', '3', '[]', '{"views": 3, "columns": {"a": 1}}'])
    expect(parseSettings(text)).toEqual(NONE);
  const views = [
    {
      name: 'Good',
      search: { userId: 'ada', status: ['LOST', 'FAILED'], peek: 'x', all: true },
      columns: ['cost', 'lost', 'cost'],
    },
    { name: 'Good', search: {} },
    { name: 'x'.repeat(61), search: {} },
    { name: 'Long', search: { userId: 'u'.repeat(3000) } },
    { name: 'No search' },
    null,
  ];
  expect(parseSettings(JSON.stringify({ views })).views).toEqual([
    { name: 'Good', search: { userId: 'ada', status: ['FAILED'] }, columns: ['cost'] },
  ]);
});

test('a view replaces the one that it renames and the one with its name, and only one opens first', () => {
  let settings = NONE;
  for (const name of ['a', 'b', 'c']) settings = withView(settings, makeView(name, { isDefault: true }));
  expect(settings.views.map(({ isDefault }) => isDefault === true)).toEqual([false, false, true]);
  expect(names(withView(settings, makeView('B'), 'b'))).toEqual(['a', 'B', 'c']);
  expect(names(withView(settings, makeView('c'), 'a'))).toEqual(['c', 'b']);
  expect(names(withView(settings, makeView('b')))).toEqual(['a', 'b', 'c']);
});

test('views are bounded in number and size', () => {
  let settings = NONE;
  for (let n = 0; n < MAX_VIEWS; n++) settings = withView(settings, makeView(`view ${n}`));
  expect(refusalOf(settings, makeView('one more'))).toContain('20 views');
  expect(refusalOf(settings, makeView('view 3'))).toBeUndefined();
  expect(refusalOf(settings, makeView('new name'), 'view 3')).toBeUndefined();
  expect(refusalOf(NONE, makeView('long', { search: { userId: 'u'.repeat(3000) } }))).toContain('too long');
  const more = Array.from({ length: 30 }, (_, n) => makeView(`view ${n}`));
  expect(parseSettings(JSON.stringify({ views: more })).views).toHaveLength(MAX_VIEWS);
});

test('a browser keeps the settings of 20 workspaces and persons, and says when it keeps none', () => {
  const storage = memory();
  storage.setItem('errand-theme', 'dark');
  for (let n = 0; n < 25; n++) writeSettings(storage, storageKey(`w${n}`, 'p'), NONE);
  const keys = Object.keys(storage);
  expect(keys.filter((key) => key.startsWith('errand-list:'))).toHaveLength(20);
  expect(keys).toContain('errand-list:w24:p');
  expect(keys).toContain('errand-theme');
  storage.maxBytes = 10;
  expect(writeSettings(storage, 'errand-list:w24:p', NONE)).toBe(false);
});

test('searches are the same whatever their order and the state of the page', () => {
  expect(isSameSearch({ userId: 'a', q: 'b', peek: 'r' }, { q: 'b', userId: 'a', all: true })).toBe(true);
  expect(isSameSearch({ userId: 'a' }, { userId: 'a', within: '1h' })).toBe(false);
});

test('a column is added where it is offered', () => {
  expect(withColumn(DEFAULT_COLUMNS, 'calls')).toEqual(['steps', 'calls', 'duration', 'created']);
  expect(withColumn(['steps'], 'created')).toEqual(['steps', 'created']);
});
