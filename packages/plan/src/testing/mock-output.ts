import { isRecord } from '@errand/basics/is-record';
import type { Json, JsonSchema } from '@errand/contracts';
import { resolveReference } from '../schema/schema-at.ts';

/** Items of a list of a made-up output. */
const ITEMS = 3;

/**
 * A value that fits a schema, the same each time: the answer of a service that follows its description.
 * @param path names the value, so that texts of different members differ
 */
export const mockOutput = (schema: JsonSchema, path = 'out'): Json => outputOf(schema, schema, path, 0);

function outputOf(part: unknown, root: JsonSchema, path: string, depth: number): Json {
  const schema = resolveReference(part, root);
  if (!isRecord(schema) || depth > 12) return null;
  if (Array.isArray(schema.enum)) return schema.enum[0] as Json;
  const type = Array.isArray(schema.type) ? schema.type[0] : schema.type;
  switch (type) {
    case 'object':
      return Object.fromEntries(
        Object.entries(isRecord(schema.properties) ? schema.properties : {}).map(([name, member]) => [
          name,
          outputOf(member, root, `${path}-${name}`, depth + 1),
        ]),
      );
    case 'array':
      return Array.from({ length: ITEMS }, (_, index) =>
        outputOf(schema.items, root, `${path}-${index + 1}`, depth + 1),
      );
    case 'integer':
    case 'number':
      return path.length;
    case 'boolean':
      return true;
    case 'null':
      return null;
    default:
      return textOf(schema.format, path);
  }
}

function textOf(format: unknown, path: string): string {
  if (format === 'date-time') return '2026-01-30T08:00:00.000Z';
  if (format === 'date') return '2026-01-30';
  return format === 'email' ? `${path}@garden.example` : path;
}
