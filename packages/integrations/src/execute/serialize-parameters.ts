import { percentEncode } from '@errand/basics/percent';
import type { Json } from '@errand/contracts';
import { ArgumentsFault } from './arguments-fault.ts';
import type { ParameterStyle } from './http-call.ts';

export type ParameterFormat = { name: string; style: ParameterStyle; explode: boolean };
type Encode = (text: string) => string;

/** A value within a parameter as text; objects and lists become JSON. */
export const scalar = (value: Json): string =>
  typeof value === 'object' && value !== null ? JSON.stringify(value) : String(value ?? '');

const members = (value: object): [string, Json][] =>
  Object.entries(value as Record<string, Json>).filter(([, item]) => item !== undefined && item !== null);

function pathMarks(style: ParameterStyle, explode: boolean): [lead: string, between: string] {
  if (style === 'label') return ['.', explode ? '.' : ','];
  if (style === 'matrix') return [';', explode ? ';' : ','];
  return ['', ','];
}

/**
 * An encoded path parameter in one of the styles simple, label and matrix (RFC 6570).
 * @throws ArgumentsFault for an empty object or list
 */
export function pathText({ name, style, explode }: ParameterFormat, value: Json): string {
  const [lead, separator] = pathMarks(style, explode);
  const namePrefix = style === 'matrix' ? `${percentEncode(name)}=` : '';
  if (typeof value !== 'object' || value === null) {
    const text = percentEncode(scalar(value));
    return style === 'matrix' && text === '' ? `;${percentEncode(name)}` : lead + namePrefix + text;
  }
  const texts = Array.isArray(value)
    ? value.map((item) => (explode ? namePrefix : '') + percentEncode(scalar(item)))
    : members(value).map(([key, item]) => `${percentEncode(key)}${explode ? '=' : ','}${percentEncode(scalar(item))}`);
  if (texts.length === 0) throw new ArgumentsFault(`path.${name} must not be empty.`);
  return lead + (explode ? '' : namePrefix) + texts.join(separator);
}

export function headerText({ explode }: ParameterFormat, value: Json): string {
  if (typeof value !== 'object' || value === null) return scalar(value);
  if (Array.isArray(value)) return value.map(scalar).join(',');
  return members(value)
    .map(([key, item]) => `${key}${explode ? '=' : ','}${scalar(item)}`)
    .join(',');
}

const delimiters: Partial<Record<ParameterStyle, string>> = { spaceDelimited: '%20', pipeDelimited: '%7C' };

/** The encoded `name=value` pairs of a query parameter or of a form's property. */
export function queryPairs(
  { name, style, explode }: ParameterFormat,
  value: Json,
  text: Encode = percentEncode,
): string[] {
  const key = percentEncode(name);
  if (typeof value !== 'object' || value === null) return [`${key}=${text(scalar(value))}`];
  if (style === 'deepObject') return deepPairs(key, value, text, 0);
  const entries = Array.isArray(value) ? value.map((item) => [undefined, item] as const) : members(value);
  if (explode)
    return entries.map(
      ([member, item]) => `${member === undefined ? key : percentEncode(member)}=${text(scalar(item))}`,
    );
  const list = entries.flatMap(([member, item]) => [
    ...(member === undefined ? [] : [text(member)]),
    text(scalar(item)),
  ]);
  // `name=` would mean a list of one empty text.
  return list.length > 0 ? [`${key}=${list.join(delimiters[style] ?? ',')}`] : [];
}

/** Brackets for every level; OpenAPI defines one level only. Lists use indices, which PHP, qs and Stripe accept. */
function deepPairs(key: string, value: Json, text: Encode, depth: number): string[] {
  if (typeof value !== 'object' || value === null || depth > 16) return [`${key}=${text(scalar(value))}`];
  const entries = Array.isArray(value) ? value.map((item, index) => [String(index), item] as const) : members(value);
  return entries.flatMap(([member, item]) => deepPairs(`${key}%5B${percentEncode(member)}%5D`, item, text, depth + 1));
}
