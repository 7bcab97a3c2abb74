// JSON Schemas as the planner reads them: references followed, compositions flattened.
import { isRecord } from '@errand/basics/is-record';
import type { JsonSchema } from '@errand/contracts';
import { follow } from '@errand/planner/follow';

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

export const isNumeric = ({ type }: Pick<Shape, 'type'>) => type === 'number' || type === 'integer';

const number = (value: unknown) => (typeof value === 'number' ? value : undefined);
const text = (value: unknown) => (typeof value === 'string' ? value : undefined);
const list = (value: unknown): unknown[] => (Array.isArray(value) ? value : []);

/**
 * What a schema says, flattened: `allOf` merged, of `anyOf`/`oneOf` the first that is not null, or for an enumeration
 * of `const`s all their values.
 * @param root the document that `$ref` points into
 */
export function shapeOf(given: JsonSchema, root: JsonSchema, depth = 0): Shape {
  let schema = follow(given, root);
  let nullable = schema.nullable === true;
  const [parts, options] = [schema.allOf, schema.oneOf ?? schema.anyOf].map((one) => list(one).filter(isRecord));
  if (depth < 8 && (parts!.length > 0 || options!.length > 0)) {
    const real = options!.map((option) => follow(option, root)).filter((option) => option.type !== 'null');
    nullable ||= real.length < options!.length;
    const { allOf: _, oneOf: __, anyOf: ___, ...own } = schema;
    const constants = real.map((option) => option.const);
    const isEnum = real.length > 0 && !constants.includes(undefined);
    const merged = isEnum ? parts! : [...parts!, ...real.slice(0, 1)];
    schema = merged.reduce<JsonSchema>((all, part) => merge(all, shapeOf(part, root, depth + 1)), own);
    if (isEnum) schema = { type: typeof constants[0], enum: constants, ...schema };
  }
  const types = list(schema.type).concat(Array.isArray(schema.type) ? [] : [schema.type]);
  return {
    type: typeOf(
      types.find((type) => type !== 'null'),
      schema,
    ),
    properties: isRecord(schema.properties) ? (schema.properties as Record<string, JsonSchema>) : {},
    required: list(schema.required).filter((name) => typeof name === 'string'),
    items: isRecord(schema.items) ? schema.items : undefined,
    enum: schema.const !== undefined ? [schema.const] : Array.isArray(schema.enum) ? schema.enum : undefined,
    format: text(schema.format),
    pattern: text(schema.pattern),
    description: [text(schema.title), text(schema.description)].filter(Boolean).join('. '),
    examples: [...list(schema.examples), schema.example].filter((example) => example !== undefined),
    default: schema.default,
    minimum: number(schema.minimum) ?? number(schema.exclusiveMinimum),
    maximum: number(schema.maximum) ?? number(schema.exclusiveMaximum),
    maxLength: number(schema.maxLength),
    nullable: nullable || types.includes('null'),
    readOnly: schema.readOnly === true,
  };
}

/** What a schema says itself goes before what a part of it says. */
function merge(own: JsonSchema, part: Shape): JsonSchema {
  const said = Object.entries(part).filter(
    ([, value]) => value !== undefined && value !== '' && value !== 'any' && value !== false,
  );
  return {
    ...Object.fromEntries(said),
    ...own,
    properties: { ...part.properties, ...(isRecord(own.properties) ? own.properties : {}) },
    required: [...part.required, ...list(own.required)],
  };
}

function typeOf(type: unknown, schema: JsonSchema): Shape['type'] {
  if (/^(?:object|array|string|number|integer|boolean)$/.test(String(type))) return type as Shape['type'];
  if (isRecord(schema.properties) && Object.keys(schema.properties).length > 0) return 'object';
  if (isRecord(schema.items)) return 'array';
  return typeof list(schema.enum)[0] === 'string' ? 'string' : 'any';
}

/** Whether a text has the form of the example in a description ("such as SO-26-1150"); undefined without one. */
export function likeExample(text: string, { description, examples }: Shape): boolean | undefined {
  const [, told] =
    /\b(?:such as|e\.g\.|for example|like)[\s,:]+["'`]?([A-Za-z]*[-_]?[\w-]*\d[\w-]*(?: [A-Z]{2,4}\b)?)/i.exec(
      description,
    ) ?? [];
  const example = examples.find((one) => /\d/.test(String(one))) ?? told;
  const form = (one: string) => one.toLowerCase().replace(/\d+/g, '0');
  if (example === undefined) return undefined;
  // "KB21 EDL": every letter and digit of a plate is its own.
  if (/\d [A-Z]+$/.test(String(example))) return mouldOf(text) === mouldOf(String(example));
  // WEB-101 and MOB-205 are keys of one kind, or of two.
  const isOpen = KEY.test(String(example)) && KEY.test(text) && form(String(example)) !== form(text);
  return isOpen ? undefined : form(String(example)) === form(text);
}

const mouldOf = (text: string) => text.toUpperCase().replace(/[A-Z]/g, 'A').replace(/\d/g, '0');
const KEY = /^[A-Z]{1,6}-\d+$/;
