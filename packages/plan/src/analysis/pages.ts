import { isRecord } from '@errand/basics/is-record';
import type { Json, JsonSchema, PlanStep } from '@errand/contracts';
import { type PlainPath, plainPath, valueAt } from '../sandbox/plain-path.ts';
import { schemaAt } from '../schema/schema-at.ts';

export type PagedStep = PlanStep & { pages: NonNullable<PlanStep['pages']> };

/** The path of a page's items: a plain path from `page`, such as `page.items`; undefined for any other expression. */
export function parseItemsPath(expression: string): PlainPath | undefined {
  const path = plainPath(expression);
  return path?.[0] === 'page' ? path : undefined;
}

/** The items of a page. An absent list has none; undefined for a value that is not a list. */
export function readPageItems(text: string, path: PlainPath): Json[] | undefined {
  const at = valueAt(path, { page: JSON.parse(text) as Json });
  if (at === undefined) return undefined;
  if (!at.found || at.value === null) return [];
  return Array.isArray(at.value) ? at.value : undefined;
}

/** The JSON pointer of a dotted path into arguments: `query.cursor` is `/query/cursor`. */
export const pointerOfDottedPath = (into: string): string => `/${into.split('.').join('/')}`;

/** Arguments with the cursor of the next page, in the type that the schema requires. */
export function withCursor(args: Args, into: string, value: string | number, schema: JsonSchema): Args {
  const type = schemaAt(schema, pointerOfDottedPath(into))?.type;
  const isNumeric = typeof value === 'string' && value.trim() !== '' && Number.isFinite(Number(value));
  const fitting =
    type === 'string' ? String(value) : (type === 'integer' || type === 'number') && isNumeric ? Number(value) : value;
  return setAtPath(args, into, fitting);
}

type Args = { [key: string]: Json };

/** Arguments with a value at a dotted path. */
export function setAtPath(args: Args, into: string, value: Json): Args {
  const [name = '', ...rest] = into.split('.');
  const member = args[name];
  const inside = isRecord(member) ? (member as Args) : {};
  return { ...args, [name]: rest.length === 0 ? value : setAtPath(inside, rest.join('.'), value) };
}
