import type { Json } from '@errand/contracts';

const unpaired = /[\uD800-\uDBFF](?![\uDC00-\uDFFF])|(?<![\uD800-\uDBFF])[\uDC00-\uDFFF]/g;

/** Removes from a value what Postgres cannot store in jsonb: NUL characters and unpaired surrogates. */
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

// JSON.stringify writes both as escapes, so most texts need no further check.
const suspicious = /\\u(?:0000|d[89a-f])/i;

/** The JSON text of any value but undefined, without what Postgres cannot store. */
export function jsonText(value: unknown): string {
  const text = JSON.stringify(value);
  return suspicious.test(text) ? JSON.stringify(storable(JSON.parse(text) as Json)) : text;
}
