// Results and arguments, for people.
import { fields } from './fields.ts';
import { table } from './table.ts';
import type { View } from './view.ts';
import { oneLine } from './visible.ts';
import { indented } from './width.ts';

/** The most characters of a value, and rows of a table, that are shown; --json has all of it. */
const MAX_CHARACTERS = 20_000;
const MAX_ROWS = 100;
const MAX_COLUMNS = 8;

/** A value of JSON as lines: rows as a table, texts as they are, other values as JSON. */
export function valueLines(value: unknown, view: View): string[] {
  if (isRows(value)) {
    const names = [...new Set(value.slice(0, MAX_ROWS).flatMap(Object.keys))];
    const columns = names.slice(0, MAX_COLUMNS).map((name) => ({
      title: name,
      text: (row: Record<string, unknown>) => cellText(row[name]),
      shrinksTo: 8,
    }));
    const more = moreThan(value.length - MAX_ROWS, 'rows').concat(moreThan(names.length - MAX_COLUMNS, 'fields'));
    return [...table(value.slice(0, MAX_ROWS), columns, view), ...more];
  }
  if (isFlat(value)) {
    const list = Object.entries(value).map(([name, member]) => [oneLine(name), oneLine(cellText(member))] as const);
    return [...fields(list.slice(0, MAX_ROWS), view), ...moreThan(list.length - MAX_ROWS, 'fields')];
  }
  const text = typeof value === 'string' ? value : (JSON.stringify(value, undefined, 2) ?? '');
  const lines = indented(text.slice(0, MAX_CHARACTERS), view.width, '');
  return text.length > MAX_CHARACTERS ? [...lines, '… cut; --json has all of it.'] : lines;
}

const cellText = (value: unknown): string =>
  value === undefined || value === null ? '' : typeof value === 'object' ? JSON.stringify(value) : String(value);

/** Whether a value is an object of texts, numbers and the like. */
const isFlat = (value: unknown): value is Record<string, unknown> =>
  typeof value === 'object' &&
  value !== null &&
  !Array.isArray(value) &&
  Object.values(value).every((member) => typeof member !== 'object' || member === null);

const isRows = (value: unknown): value is Record<string, unknown>[] =>
  Array.isArray(value) &&
  value.length > 0 &&
  value.every((row) => typeof row === 'object' && row !== null && !Array.isArray(row));

const moreThan = (count: number, noun: string): string[] =>
  count > 0 ? [`… ${count} more ${noun}; --json has all of them.`] : [];
