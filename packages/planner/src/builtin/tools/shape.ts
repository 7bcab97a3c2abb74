import { isRecord } from '@errand/basics/is-record';
// JSON Schemas as the planner reads them: references followed, compositions flattened.
import type { JsonSchema } from '@errand/contracts';
import { follow } from '../../follow.ts';

export type Shape = {
  type: 'object' | 'array' | 'string' | 'number' | 'integer' | 'boolean' | 'any';
  properties: Readonly<Record<string, JsonSchema>>;
  required: readonly string[];
  items?: JsonSchema;
  enum?: readonly unknown[];
  format?: string;
  pattern?: string;
  description: string;
  examples: readonly unknown[];
  default?: unknown;
  minimum?: number;
  maximum?: number;
  maxLength?: number;
  nullable: boolean;
  readOnly: boolean;
};

const number = (value: unknown) => (typeof value === 'number' ? value : undefined);
const text = (value: unknown) => (typeof value === 'string' ? value : undefined);

const alternatives = (schema: JsonSchema) =>
  [schema.oneOf, schema.anyOf].find((list): list is JsonSchema[] => Array.isArray(list) && list.length > 0);

/**
 * What a schema says, flattened: `allOf` merged, of `anyOf`/`oneOf` the first that is not null, or for an enumeration
 * of `const`s all their values.
 * @param root the document that `$ref` points into
 */
export function shapeOf(given: JsonSchema, root: JsonSchema, depth = 0): Shape {
  let schema = follow(given, root);
  let nullable = schema.nullable === true;
  if (depth < 8 && Array.isArray(schema.allOf)) {
    const parts = schema.allOf.filter(isRecord).map((part) => shapeOf(part, root, depth + 1));
    const { allOf: _, ...own } = schema;
    schema = parts.reduce<JsonSchema>((merged, part) => merge(merged, part), own);
  }
  const options = alternatives(schema)
    ?.filter(isRecord)
    .map((option) => follow(option, root));
  if (depth < 8 && options !== undefined) {
    const real = options.filter((option) => option.type !== 'null');
    nullable ||= real.length < options.length;
    const { oneOf: _, anyOf: __, ...own } = schema;
    const constants = real.map((option) => option.const).filter((value) => value !== undefined);
    schema =
      constants.length === real.length && constants.length > 0
        ? { type: typeof constants[0], enum: constants, ...own }
        : merge(own, shapeOf(real[0] ?? {}, root, depth + 1));
  }
  const types = Array.isArray(schema.type) ? schema.type : [schema.type];
  nullable ||= types.includes('null');
  return {
    type: typeOf(
      types.find((type) => type !== 'null'),
      schema,
    ),
    properties: isRecord(schema.properties) ? (schema.properties as Record<string, JsonSchema>) : {},
    required: Array.isArray(schema.required) ? schema.required.filter((name) => typeof name === 'string') : [],
    items: isRecord(schema.items) ? schema.items : undefined,
    enum: schema.const !== undefined ? [schema.const] : Array.isArray(schema.enum) ? schema.enum : undefined,
    format: text(schema.format),
    pattern: text(schema.pattern),
    description: [text(schema.title), text(schema.description)].filter(Boolean).join('. '),
    examples: [...(Array.isArray(schema.examples) ? schema.examples : []), schema.example].filter(
      (example) => example !== undefined,
    ),
    default: schema.default,
    minimum: number(schema.minimum) ?? number(schema.exclusiveMinimum),
    maximum: number(schema.maximum) ?? number(schema.exclusiveMaximum),
    maxLength: number(schema.maxLength),
    nullable,
    readOnly: schema.readOnly === true,
  };
}

function merge(own: JsonSchema, part: Shape): JsonSchema {
  const { properties, required, description, examples, nullable, readOnly, ...rest } = part;
  const given = Object.fromEntries(Object.entries(rest).filter(([, value]) => value !== undefined && value !== 'any'));
  return {
    ...given,
    ...(nullable && { nullable }),
    ...(readOnly && { readOnly }),
    ...(description !== '' && { description }),
    ...(examples.length > 0 && { examples }),
    ...own,
    properties: { ...properties, ...(isRecord(own.properties) ? own.properties : {}) },
    required: [...required, ...(Array.isArray(own.required) ? own.required : [])],
  };
}

function typeOf(type: unknown, schema: JsonSchema): Shape['type'] {
  switch (type) {
    case 'object':
    case 'array':
    case 'string':
    case 'number':
    case 'integer':
    case 'boolean':
      return type;
    default:
      if (isRecord(schema.properties)) return 'object';
      if (isRecord(schema.items)) return 'array';
      if (Array.isArray(schema.enum) && typeof schema.enum[0] === 'string') return 'string';
      return 'any';
  }
}
