import { isRecord } from '@errand/basics/is-record';
import type { JsonSchema } from '@errand/contracts';
import { namesIn } from '../template/pointer.ts';

/** The schema of the value at a JSON pointer, through `properties`, `items` and local `$ref`; undefined for other keywords. */
export function schemaAt(schema: JsonSchema, pointer: string): JsonSchema | undefined {
  let at: unknown = schema;
  for (const key of namesIn(pointer)) {
    const here = resolveReference(at, schema);
    if (!isRecord(here)) return undefined;
    const members = here.properties;
    if (isRecord(members) && Object.hasOwn(members, key)) at = members[key];
    else if (/^\d+$/.test(key) && isRecord(here.items)) at = here.items;
    else return undefined;
  }
  const end = resolveReference(at, schema);
  return isRecord(end) ? end : undefined;
}

/** Follows local references; undefined for a cycle or a missing target. */
export function resolveReference(schema: unknown, root: JsonSchema): unknown {
  let at = schema;
  for (let hops = 0; hops < 20; hops += 1) {
    if (!isRecord(at) || typeof at.$ref !== 'string') return at;
    at = findTarget(root, at.$ref);
  }
  return undefined;
}

function findTarget(root: JsonSchema, ref: string): unknown {
  if (ref === '#') return root;
  if (!ref.startsWith('#/')) return undefined;
  let at: unknown = root;
  for (const key of namesIn(ref)) {
    if (!isRecord(at) || !Object.hasOwn(at, key)) return undefined;
    at = at[key];
  }
  return at;
}

export const branchesOf = (schema: JsonSchema): unknown[] =>
  ['allOf', 'anyOf', 'oneOf'].flatMap((key) => (Array.isArray(schema[key]) ? schema[key] : []));
