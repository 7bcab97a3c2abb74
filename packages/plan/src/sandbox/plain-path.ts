import { isRecord } from '@errand/basics/is-record';
import type { Json } from '@errand/contracts';
import { JsonText } from '../template/json-text.ts';

/** A path of names and indexes with a certain meaning. */
export type PlainPath = readonly (string | number)[];
export type PathValue = { found: true; value: Json } | { found: false; parentExists: boolean };

const plain = /^[A-Za-z][A-Za-z0-9_]*(?:\[-?\d{1,9}\]|\.[A-Za-z_][A-Za-z0-9_]*)*$/;
export const KEYWORDS: ReadonlySet<string> = new Set(['and', 'or', 'in', 'true', 'false', 'null', 'function']);

/** Parses `steps.a.output.items[0].id`; undefined for any other expression. */
export function plainPath(expression: string): PlainPath | undefined {
  const text = expression.trim();
  if (!plain.test(text)) return undefined;
  const parts = [...text.matchAll(/\[(-?\d+)\]|[A-Za-z_][A-Za-z0-9_]*/g)].map(([part, index]) =>
    index === undefined ? part : Number(index),
  );
  return parts.some((part) => KEYWORDS.has(String(part))) ? undefined : parts;
}

/** The member names of a path, without its indexes. */
export const namesOf = (path: PlainPath): string[] => path.filter((part) => typeof part === 'string');

/** The value of a plain path, if it is certainly JSONata's; undefined when JSONata would map over a list or flatten one. */
export function valueAt(path: PlainPath, scope: Readonly<Record<string, unknown>>): PathValue | undefined {
  let at: unknown = scope;
  for (const [index, part] of path.entries()) {
    const value = typeof part === 'number' ? itemOf(at, part) : memberOf(at, part);
    const next = value instanceof JsonText ? value.value : value;
    if (next === uncertain) return undefined;
    if (next === undefined) return { found: false, parentExists: index === path.length - 1 && isRecord(at) };
    at = next;
  }
  return { found: true, value: at as Json };
}

const uncertain = Symbol('uncertain');

function memberOf(value: unknown, name: string): unknown {
  if (Array.isArray(value)) return uncertain;
  return isRecord(value) && Object.hasOwn(value, name) ? value[name] : undefined;
}

/** A value that is not a list counts as a list of one. */
function itemOf(value: unknown, index: number): unknown {
  const list = Array.isArray(value) ? value : [value];
  const item: unknown = list.at(index);
  return Array.isArray(item) ? uncertain : item;
}
