import { isRecord } from '@errand/basics/is-record';
import type { JsonSchema } from '@errand/contracts';

/** The part of a schema that describes the value at a JSON pointer, as far as `properties`, `items` and local `$ref` tell it. */
export function schemaAt(schema: JsonSchema, pointer: string): JsonSchema | undefined {
  let at: unknown = schema;
  for (const part of pointer.split('/').slice(1)) {
    const here = resolved(at, schema);
    if (!isRecord(here)) return undefined;
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    const members = here.properties;
    if (isRecord(members) && Object.hasOwn(members, key)) at = members[key];
    else if (/^\d+$/.test(key) && isRecord(here.items)) at = here.items;
    else return undefined;
  }
  const found = resolved(at, schema);
  return isRecord(found) ? found : undefined;
}

/** Follows local references; one that goes in circles or nowhere gives undefined. */
export function resolved(schema: unknown, root: JsonSchema): unknown {
  let at = schema;
  for (let hops = 0; hops < 20; hops += 1) {
    if (!isRecord(at) || typeof at.$ref !== 'string') return at;
    at = target(root, at.$ref);
  }
  return undefined;
}

function target(root: JsonSchema, ref: string): unknown {
  if (ref === '#') return root;
  if (!ref.startsWith('#/')) return undefined;
  let at: unknown = root;
  for (const part of ref.slice(2).split('/')) {
    const key = part.replaceAll('~1', '/').replaceAll('~0', '~');
    if (!isRecord(at) || !Object.hasOwn(at, key)) return undefined;
    at = at[key];
  }
  return at;
}
