import type { Json } from '@errand/contracts';

/**
 * One text for equal JSON values, whatever the order of their members: RFC 8785, whose number and string forms are those of
 * ECMAScript. Members are sorted by UTF-16 code units.
 */
export function canonicalJson(value: Json): string {
  if (Array.isArray(value)) return `[${value.map(canonicalJson).join(',')}]`;
  if (typeof value !== 'object' || value === null) {
    if (typeof value === 'number' && !Number.isFinite(value)) throw new TypeError('JSON holds finite numbers only.');
    return JSON.stringify(value);
  }
  const members = Object.keys(value)
    .sort()
    .map((key) => `${JSON.stringify(key)}:${canonicalJson(value[key]!)}`);
  return `{${members.join(',')}}`;
}
