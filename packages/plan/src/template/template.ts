import { isRecord } from '@errand/basics/is-record';
import type { Json } from '@errand/contracts';
import { under } from './pointer.ts';
import { expressionsInText, writeText } from './text.ts';

/** A value in a plan's args or result that is computed when the step runs. */
export type Hole = { pointer: string; kind: 'binding' | 'text' | 'fill'; text: string };

/** A hole of a template, or a scalar value. `path`: the names of the members that lead to it. */
export type Leaf = { pointer: string; path: readonly string[]; value: Json; hole?: Hole };

const kinds = { $: 'binding', $text: 'text', $fill: 'fill' } as const;

/** The hole that a value is, if any: an object whose only member is `$`, `$text` or `$fill`, with a string. */
export function holeAt(value: Json, pointer: string): Hole | undefined {
  if (!isRecord(value)) return undefined;
  const [key, ...others] = Object.keys(value);
  if (others.length > 0 || key === undefined || !Object.hasOwn(kinds, key)) return undefined;
  const text = value[key];
  return typeof text === 'string' ? { pointer, kind: kinds[key as '$'], text } : undefined;
}

export const createHole = (kind: Hole['kind'], text: string): Json =>
  kind === 'binding' ? { $: text } : kind === 'text' ? { $text: text } : { $fill: text };

export function leavesOf(value: Json, pointer = '', path: readonly string[] = []): Leaf[] {
  const hole = holeAt(value, pointer);
  if (hole !== undefined) return [{ pointer, path, value, hole }];
  if (Array.isArray(value)) return value.flatMap((item, index) => leavesOf(item, under(pointer, index), path));
  if (!isRecord(value)) return [{ pointer, path, value }];
  return Object.entries(value).flatMap(([key, item]) => leavesOf(item, under(pointer, key), [...path, key]));
}

export function holesOf(template: Json, pointer = ''): Hole[] {
  const holes: Hole[] = [];
  addHoles(template, pointer, holes);
  return holes;
}

function addHoles(value: Json, pointer: string, holes: Hole[]): void {
  const hole = holeAt(value, pointer);
  if (hole !== undefined) holes.push(hole);
  else if (Array.isArray(value))
    for (const [index, item] of value.entries()) addHoles(item, under(pointer, index), holes);
  else if (isRecord(value)) for (const [key, item] of Object.entries(value)) addHoles(item, under(pointer, key), holes);
}

/** The expressions of a hole: of a binding, or in the braces of a text. A fill has none. */
export const expressionsOf = ({ kind, text }: Pick<Hole, 'kind' | 'text'>): string[] =>
  kind === 'binding' ? [text] : kind === 'text' ? expressionsInText(text) : [];

/** The value of a hole from the values of its expressions; undefined when one is missing, and for a fill. */
export const holeValue = ({ kind, text }: Hole, values: readonly (Json | undefined)[]): Json | undefined =>
  kind === 'text' ? writeText(text, values) : values[0];

/** Whether a value contains anything but null, also in lists and objects. */
export function holdsValue(value: Json): boolean {
  if (typeof value !== 'object' || value === null) return value !== null;
  // Ends at the first one; a list of the values of a large object would take 10 ms.
  for (const key in value) if (holdsValue(value[key as never])) return true;
  return false;
}

/**
 * A copy of a template with its leaves replaced. A new value is data and is never read as a template again.
 * @param replace the new value of a leaf; `undefined` leaves the member out (an item of a list becomes null)
 */
export function mapLeaves(
  value: Json,
  replace: (leaf: Omit<Leaf, 'path'>) => Json | undefined,
  pointer = '',
): Json | undefined {
  const hole = holeAt(value, pointer);
  if (hole !== undefined) return replace({ pointer, value, hole });
  if (Array.isArray(value)) return value.map((item, index) => mapLeaves(item, replace, under(pointer, index)) ?? null);
  if (!isRecord(value)) return replace({ pointer, value });
  const out: { [key: string]: Json } = {};
  for (const [key, item] of Object.entries(value)) {
    const member = mapLeaves(item, replace, under(pointer, key));
    if (member !== undefined) out[key] = member;
  }
  return out;
}

/** A copy of a template with its holes filled. @param fill as `replace` of `mapLeaves` */
export const fillHoles = (template: Json, fill: (hole: Hole) => Json | undefined): Json | undefined =>
  mapLeaves(template, ({ hole, value }) => (hole ? fill(hole) : value));
