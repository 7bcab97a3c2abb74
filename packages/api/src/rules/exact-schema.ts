import { isRecord } from '@errand/basics/is-record';
import type { Json, JsonSchema } from '@errand/contracts';

/** A JSON Schema that accepts only these arguments. */
export function exactSchema(args: Json): JsonSchema {
  if (!isRecord(args)) return { const: args };
  const members = Object.entries(args);
  return {
    type: 'object',
    properties: Object.fromEntries(members.map(([key, value]) => [key, exactSchema(value as Json)])),
    required: members.map(([key]) => key),
    additionalProperties: false,
  };
}
