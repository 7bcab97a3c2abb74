import type { Json, JsonSchema } from '@errand/contracts';

/** Keywords of a tool's schema that callers see. */
const KEPT = ['type', 'format', 'minimum', 'maximum', 'exclusiveMinimum', 'exclusiveMaximum', 'minLength', 'maxLength'];
const TYPES = ['string', 'number', 'integer', 'boolean'];
const MAX_ENUM = 100;
const MAX_LETTERS = 500;

/** The schema of an input, with the limits of the tool's schema if the run's value has its type. */
export function schemaOf(
  value: Json,
  { title, like = {} }: { title: string; like?: JsonSchema | undefined },
): JsonSchema {
  const plain = typeof value === 'number' ? 'number' : 'string';
  const fits = TYPES.includes(String(like.type)) && (like.type === 'string') === (plain === 'string');
  const limits = fits
    ? Object.fromEntries(KEPT.flatMap((key) => (like[key] === undefined ? [] : [[key, like[key]]])))
    : {};
  const some = Array.isArray(like.enum) && like.enum.length <= MAX_ENUM && like.enum.includes(value);
  const description = typeof like.description === 'string' ? like.description.slice(0, MAX_LETTERS).toWellFormed() : '';
  return {
    type: plain,
    ...limits,
    ...(some && { enum: like.enum }),
    title,
    ...(description !== '' && { description }),
    examples: [value],
  };
}

/** The schema of all inputs. Each is required, and there are no others. Undefined when there are none. */
export function inputSchemaOf(inputs: readonly { name: string; schema: JsonSchema }[]): JsonSchema | undefined {
  if (inputs.length === 0) return undefined;
  return {
    type: 'object',
    properties: Object.fromEntries(inputs.map(({ name, schema }) => [name, schema])),
    required: inputs.map(({ name }) => name),
    additionalProperties: false,
  };
}
