import { isRecord } from '@errand/basics/is-record';
import type { Json } from '@errand/contracts';
import { under } from '../schema/schema-policy.ts';

/** A value in a plan's args or result that is computed when the step runs. */
export type Hole = { pointer: string; kind: 'binding' | 'fill'; text: string };

/** The hole that a value is, if it is one: an object whose only member is `$` or `$fill`, a string. */
export function holeAt(value: Json, pointer: string): Hole | undefined {
  if (!isRecord(value)) return undefined;
  const keys = Object.keys(value);
  if (keys.length !== 1) return undefined;
  if (typeof value.$ === 'string') return { pointer, kind: 'binding', text: value.$ };
  if (typeof value.$fill === 'string') return { pointer, kind: 'fill', text: value.$fill };
  return undefined;
}

/** All holes of a template, in the order in which they stand. */
export function holesOf(template: Json, pointer = ''): Hole[] {
  const hole = holeAt(template, pointer);
  if (hole !== undefined) return [hole];
  if (Array.isArray(template)) return template.flatMap((item, index) => holesOf(item, under(pointer, index)));
  if (isRecord(template)) return Object.entries(template).flatMap(([key, item]) => holesOf(item, under(pointer, key)));
  return [];
}

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
