import { isRecord } from '@errand/basics/is-record';
import type { Json, JsonSchema } from '@errand/contracts';
import { resolveReference } from './schema-at.ts';

const MAX_DEPTH = 64;

/**
 * A copy of a value in which a single item is wrapped where the schema requires a list: JSONata unwraps lists of one. Nothing else changes,
 * and null stays null.
 */
export const wrapSingleItems = (value: Json, schema: JsonSchema): Json => visit(value, schema, schema, 0);

function visit(value: Json, schema: unknown, root: JsonSchema, depth: number): Json {
  const target = resolveReference(schema, root);
  if (!isRecord(target) || depth > MAX_DEPTH) return value;
  if (Array.isArray(value)) return value.map((item) => visit(item, target.items, root, depth + 1));
  if (target.type === 'array' && value !== null) return [visit(value, target.items, root, depth + 1)];
  if (!isRecord(value) || !isRecord(target.properties)) return value;
  const { properties } = target;
  const members = Object.entries(value).map(([name, member]) => [
    name,
    Object.hasOwn(properties, name) ? visit(member as Json, properties[name], root, depth + 1) : member,
  ]);
  return Object.fromEntries(members) as Json;
}
