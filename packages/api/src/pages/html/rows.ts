import type { Json } from '@errand/contracts';

/** One value of the arguments, and its path in words. */
export type ArgumentRow = { path: string; value: string };

/** Every value of the arguments with its path. */
export function rowsOf(value: Json, path = ''): ArgumentRow[] {
  if (typeof value !== 'object' || value === null) return [{ path, value: textOf(value) }];
  const members = Array.isArray(value)
    ? value.map((item, i) => rowsOf(item, `${path}[${i}]`))
    : Object.entries(value).map(([key, item]) => rowsOf(item, path + nameOf(key, path)));
  return members.length > 0 ? members.flat() : [{ path, value: Array.isArray(value) ? '[]' : '{}' }];
}

// Quotes a text that is empty or looks like a number or JSON literal.
const textOf = (value: string | number | boolean | null): string =>
  typeof value === 'string' && !/^\s|\s$|^$|^["[{]|^-?\d[\d.eE+-]*$|^(true|false|null)$/.test(value)
    ? value
    : JSON.stringify(value);

const nameOf = (key: string, path: string): string =>
  /^[A-Za-z_$][\w$-]*$/.test(key) ? `${path && '.'}${key}` : `[${JSON.stringify(key)}]`;
