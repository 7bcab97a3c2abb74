// How a JSON value reads best: as a sentence, a table, a list or a list of fields.

export type Row = Readonly<Record<string, unknown>>;
export type Shape =
  | { kind: 'nothing' }
  | { kind: 'text'; text: string }
  | { kind: 'rows'; rows: readonly Row[]; columns: readonly string[] }
  | { kind: 'list'; items: readonly unknown[] }
  | { kind: 'fields'; fields: readonly (readonly [string, unknown])[] };

/** The columns of a table; the rest of a row is in its JSON. */
export const MAX_COLUMNS = 16;

export const isObject = (value: unknown): value is Row =>
  typeof value === 'object' && value !== null && !Array.isArray(value);

export function shapeOf(value: unknown): Shape {
  if (value === null || value === undefined || value === '') return { kind: 'nothing' };
  if (Array.isArray(value)) return shapeOfList(value);
  if (!isObject(value)) return { kind: 'text', text: textOf(value) };
  const fields = Object.entries(value);
  return fields.length === 0 ? { kind: 'nothing' } : { kind: 'fields', fields };
}

function shapeOfList(items: readonly unknown[]): Shape {
  if (items.length === 0) return { kind: 'nothing' };
  if (items.every(isObject)) {
    const columns = columnsOf(items);
    if (columns.length > 0) return { kind: 'rows', rows: items, columns };
  }
  return { kind: 'list', items };
}

/** The names of all fields, in the order in which they appear. */
export function columnsOf(rows: readonly Row[]): string[] {
  const columns = new Set<string>();
  for (const row of rows) for (const name of Object.keys(row)) columns.add(name);
  return [...columns];
}

const ID = /^id$|[a-z\d]Ids?$|_ids?$/;
/** Columns with ids come last: people look for names and numbers. */
export const forPeople = (columns: readonly string[]): string[] => [
  ...columns.filter((name) => !ID.test(name)),
  ...columns.filter((name) => ID.test(name)),
];

/** A value in one line. */
export function textOf(value: unknown): string {
  if (value === null || value === undefined) return '–';
  if (typeof value === 'string') return value;
  if (typeof value === 'boolean') return value ? 'yes' : 'no';
  if (typeof value === 'number') return String(value);
  if (Array.isArray(value) && value.every((item) => !isObject(item) && !Array.isArray(item)))
    return value.map(textOf).join(', ');
  return JSON.stringify(value);
}

/** "ownerName" and "owner_name" as "Owner name". */
export function labelOf(name: string): string {
  const words = name
    .replace(/([a-z\d])([A-Z])/g, '$1 $2')
    .replace(/[_-]+/g, ' ')
    .trim();
  if (words === '') return name;
  const lower = words.replace(/\b[A-Z](?=[a-z])/g, (letter) => letter.toLowerCase());
  return lower[0]!.toUpperCase() + lower.slice(1);
}

const TIME = /^\d{4}-\d{2}-\d{2}T\d{2}:\d{2}(:\d{2}(\.\d+)?)?(Z|[+-]\d{2}:\d{2})$/;
/** Whether a value is a moment with its zone. */
export const isTime = (value: unknown): value is string => typeof value === 'string' && TIME.test(value);
