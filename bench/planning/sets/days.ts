import type { Filter } from './kit.ts';
import type { Schema } from './schemas.ts';

const dayOf = (value: unknown) => (typeof value === 'string' ? value.slice(0, 10) : undefined);

/** Keeps rows of that day or later; a row without a day is left out. */
export const since = (name: string, schema: Schema, field: string): Filter => ({
  name,
  schema,
  keeps: (row, value) => (dayOf(row[field]) ?? '') >= String(value),
});

/** Keeps rows of that day or earlier; a row without a day is left out. */
export const until = (name: string, schema: Schema, field: string): Filter => ({
  name,
  schema,
  keeps: (row, value) => (dayOf(row[field]) ?? '9999') <= String(value),
});
