import type { Json } from '@errand/contracts';

const unpaired = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

/** Removes NUL characters and unpaired surrogates, which Postgres cannot store in jsonb. */
export function storable(value: Json): Json {
  if (typeof value === 'string') {
    return value.includes('\0') || !value.isWellFormed()
      ? value.replaceAll('\0', '').replace(unpaired, '\uFFFD')
      : value;
  }
  if (Array.isArray(value)) return value.map(storable);
  if (value !== null && typeof value === 'object') {
    return Object.fromEntries(
      Object.entries(value).map(([key, member]) => [storable(key) as string, storable(member)]),
    );
  }
  return value;
}

// JSON.stringify escapes both, so most texts need no further check.
const suspicious = /\\u(?:0000|d[89a-f])/i;

/** The storable JSON text of a value; null if it is undefined. */
export const jsonOrNull = (value: unknown): string | null => (value === undefined ? null : jsonText(value));

/** The storable JSON text of any value except undefined. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value);
  return suspicious.test(text) ? JSON.stringify(storable(JSON.parse(text) as Json)) : text;
}
