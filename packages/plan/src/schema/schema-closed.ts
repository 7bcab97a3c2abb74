import { isRecord } from '@errand/basics/is-record';

type Schema = Record<string, unknown>;

/** Keywords beside which `additionalProperties: false` would refuse what another branch allows. */
const open = [
  'allOf',
  'anyOf',
  'oneOf',
  'if',
  '$ref',
  '$dynamicRef',
  'patternProperties',
  'dependencies',
  'dependentSchemas',
  'additionalProperties',
  'unevaluatedProperties',
  'not',
];

/**
 * A copy of a tool's input schema in which an object that lists its properties takes no others, so that an argument
 * that a model made up is refused instead of sent. Objects without a list, and those that are put together
 * of several schemas, stay as they are.
 */
export function closed(schema: unknown): unknown {
  if (!isRecord(schema)) return schema;
  const out: Schema = { ...schema };
  if (isRecord(schema.properties)) {
    out.properties = Object.fromEntries(
      Object.entries(schema.properties).map(([key, member]) => [key, closed(member)]),
    );
    if (!open.some((keyword) => keyword in schema)) out.additionalProperties = false;
  }
  if (isRecord(schema.items)) out.items = closed(schema.items);
  return out;
}
