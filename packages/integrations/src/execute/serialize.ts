import { encode } from '@errand/basics/percent';
import type { Json } from '@errand/contracts';
import { ArgumentsFault } from './arguments-fault.ts';
import type { ParameterStyle } from './http-call.ts';

export type Written = { name: string; style: ParameterStyle; explode: boolean };
type Encode = (text: string) => string;

/** A value inside a parameter as text; objects and lists there are written as JSON. */
export const scalar = (value: Json): string =>
  typeof value === 'string'
    ? value
    : value === null
      ? ''
      : typeof value === 'object'
        ? JSON.stringify(value)
        : String(value);

const members = (value: object): [string, Json][] =>
  Object.entries(value as Record<string, Json>).filter(([, item]) => item !== undefined && item !== null);

/** What comes before a path parameter, and between its items, by its style. */
function pathMarks(style: ParameterStyle, explode: boolean): [lead: string, between: string] {
  if (style === 'label') return ['.', explode ? '.' : ','];
  if (style === 'matrix') return [';', explode ? ';' : ','];
  return ['', ','];
}

/**
 * A path parameter, encoded, by the styles of RFC 6570 that OpenAPI names simple, label and matrix.
 * Empty objects and lists cannot be written in a path.
 */
export function pathText({ name, style, explode }: Written, value: Json): string {
  const [lead, between] = pathMarks(style, explode);
  const named = style === 'matrix' ? `${encode(name)}=` : '';
  if (typeof value !== 'object' || value === null) {
    const text = encode(scalar(value));
    return style === 'matrix' && text === '' ? `;${encode(name)}` : lead + named + text;
  }
  const texts = Array.isArray(value)
    ? value.map((item) => (explode ? named : '') + encode(scalar(item)))
    : members(value).map(([key, item]) => `${encode(key)}${explode ? '=' : ','}${encode(scalar(item))}`);
  if (texts.length === 0) throw new ArgumentsFault(`path.${name} must not be empty.`);
  return lead + (explode ? '' : named) + texts.join(between);
}

/** A header parameter: style simple, not encoded. */
export function headerText({ explode }: Written, value: Json): string {
  if (typeof value !== 'object' || value === null) return scalar(value);
  if (Array.isArray(value)) return value.map(scalar).join(',');
  return members(value)
    .map(([key, item]) => `${key}${explode ? '=' : ','}${scalar(item)}`)
    .join(',');
}

const delimiters: Partial<Record<ParameterStyle, string>> = { spaceDelimited: '%20', pipeDelimited: '%7C' };

/** The `name=value` pairs of a query parameter, or of a form's property, encoded. */
export function pairsOf({ name, style, explode }: Written, value: Json, text: Encode = encode): string[] {
  const key = encode(name);
  if (typeof value !== 'object' || value === null) return [`${key}=${text(scalar(value))}`];
  if (style === 'deepObject') return deepPairs(key, value, text, 0);
  const entries = Array.isArray(value) ? value.map((item) => [undefined, item] as const) : members(value);
  if (explode)
    return entries.map(([member, item]) => `${member === undefined ? key : encode(member)}=${text(scalar(item))}`);
  const list = entries.flatMap(([member, item]) => [
    ...(member === undefined ? [] : [text(member)]),
    text(scalar(item)),
  ]);
  // An empty list without a value would read as a list of one empty text.
  return list.length > 0 ? [`${key}=${list.join(delimiters[style] ?? ',')}`] : [];
}

/** Brackets for every level. OpenAPI defines one level only; lists take indices, which PHP, qs and Stripe all read. */
function deepPairs(key: string, value: Json, text: Encode, depth: number): string[] {
  if (typeof value !== 'object' || value === null || depth > 16) return [`${key}=${text(scalar(value))}`];
  const entries = Array.isArray(value) ? value.map((item, index) => [String(index), item] as const) : members(value);
  return entries.flatMap(([member, item]) => deepPairs(`${key}%5B${encode(member)}%5D`, item, text, depth + 1));
}
