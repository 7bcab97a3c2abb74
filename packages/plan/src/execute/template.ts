import { isRecord } from '@errand/basics/is-record';
import type { Json } from '@errand/contracts';
import { under } from '../schema/schema-policy.ts';
import { expressionsIn, writeText } from './text.ts';

/** A value in a plan's args or result that is computed when the step runs. */
export type Hole = { pointer: string; kind: 'binding' | 'text' | 'fill'; text: string };

const kinds = { $: 'binding', $text: 'text', $fill: 'fill' } as const;

/** The hole that a value is, if it is one: an object whose only member is `$`, `$text` or `$fill`, a string. */
export function holeAt(value: Json, pointer: string): Hole | undefined {
  if (!isRecord(value)) return undefined;
  const [key, ...others] = Object.keys(value);
  if (others.length > 0 || key === undefined || !Object.hasOwn(kinds, key)) return undefined;
  const text = value[key];
  return typeof text === 'string' ? { pointer, kind: kinds[key as '$'], text } : undefined;
}

/** All holes of a template, in the order in which they stand. */
export function holesOf(template: Json, pointer = ''): Hole[] {
  const hole = holeAt(template, pointer);
  if (hole !== undefined) return [hole];
  if (Array.isArray(template)) return template.flatMap((item, index) => holesOf(item, under(pointer, index)));
  if (isRecord(template)) return Object.entries(template).flatMap(([key, item]) => holesOf(item, under(pointer, key)));
  return [];
}

/** The expressions of a hole: that of a binding, or those in the braces of a text. A fill has none. */
export const expressionsOf = ({ kind, text }: Pick<Hole, 'kind' | 'text'>): string[] =>
  kind === 'binding' ? [text] : kind === 'text' ? expressionsIn(text) : [];

/** The value of a hole from those of its expressions; undefined when one of them gives none, and for a fill. */
export const holeValue = ({ kind, text }: Hole, values: readonly (Json | undefined)[]): Json | undefined =>
  kind === 'text' ? writeText(text, values) : values[0];

/**
 * A copy of a template with its holes filled. What is put in is data and is never read as a template again.
 * @param fill the value of a hole; `undefined` leaves the member out (an item of a list becomes null)
 */
export function fillHoles(template: Json, fill: (hole: Hole) => Json | undefined, pointer = ''): Json | undefined {
  const hole = holeAt(template, pointer);
  if (hole !== undefined) return fill(hole);
  if (Array.isArray(template)) {
    return template.map((item, index) => fillHoles(item, fill, under(pointer, index)) ?? null);
  }
  if (!isRecord(template)) return template;
  const out: { [key: string]: Json } = {};
  for (const [key, item] of Object.entries(template)) {
    const value = fillHoles(item, fill, under(pointer, key));
    if (value !== undefined) out[key] = value;
  }
  return out;
}
