import { isRecord } from '@errand/basics/is-record';
import type { Json } from '@errand/contracts';

type Schema = Record<string, unknown>;

/** Formats that only bound a number; the validator checks formats of text. */
const NUMBER_FORMATS = new Map<unknown, number>(
  Object.entries({ int32: 2 ** 31, int64: Infinity, float: Infinity, double: Infinity }),
);

/** A schema larger or deeper than this does not need a fast path. */
const LIMITS = { depth: 12, members: 500 };
const MAX_ENUM = 100;

const isAbsentOr = (value: unknown, isRight: (value: unknown) => boolean): boolean =>
  value === undefined || isRight(value);

const isBound = (value: unknown): boolean => isAbsentOr(value, Number.isFinite);
const isLength = (value: unknown): boolean =>
  isAbsentOr(value, (length) => Number.isInteger(length) && Number(length) >= 0);
const isDistinct = (list: readonly unknown[]): boolean => new Set(list).size === list.length;
const isNames = (list: unknown): boolean =>
  Array.isArray(list) && isDistinct(list) && list.every((name) => typeof name === 'string');
const isEnum = (list: unknown): boolean =>
  Array.isArray(list) &&
  list.length > 0 &&
  list.length <= MAX_ENUM &&
  isDistinct(list) &&
  list.every((value) => value === null || typeof value !== 'object');

const ANNOTATIONS = 'title description default example examples deprecated readOnly writeOnly'.split(' ');

/** Whether this file can judge the value of a keyword. The validator checks schemas with any other keyword or value. */
const KEYWORDS: Readonly<Record<string, (value: unknown, schema: Schema) => boolean>> = {
  ...Object.fromEntries(ANNOTATIONS.map((name) => [name, () => true])),
  type: (type) => isAbsentOr(type, (name) => typeof name === 'string' && Object.hasOwn(TYPES, name)),
  properties: (members) => isAbsentOr(members, (map) => isRecord(map) && !Object.hasOwn(map, '__proto__')),
  required: (names) => isAbsentOr(names, isNames),
  additionalProperties: (open) => isAbsentOr(open, (value) => value === false),
  items: () => true,
  enum: (list) => isAbsentOr(list, isEnum),
  format: (format, { type }) =>
    isAbsentOr(format, (name) => (type === 'integer' || type === 'number') && NUMBER_FORMATS.has(name)),
  minimum: isBound,
  maximum: isBound,
  minLength: isLength,
  maxLength: isLength,
};

const TYPES: Readonly<Record<string, (value: Json) => boolean>> = {
  object: isRecord,
  array: Array.isArray,
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: Number.isSafeInteger,
  boolean: (value) => typeof value === 'boolean',
  null: (value) => value === null,
};

const plainSchemas = new WeakMap<object, boolean>();

/**
 * Whether a value surely fits a tool's input schema in which objects accept only the properties that they list. False means undecided: the
 * validator must judge in its process. Covers the common schema of types, properties, enumerations and bounds, in time linear in the value;
 * a message to a process costs more.
 */
export function surelyFits(schema: unknown, value: Json): boolean {
  if (!isRecord(schema)) return false;
  let plain = plainSchemas.get(schema);
  if (plain === undefined) {
    plain = isPlain(schema, 0, { members: 0 });
    plainSchemas.set(schema, plain);
  }
  return plain && fits(schema, value);
}

function isPlain(schema: unknown, depth: number, count: { members: number }): boolean {
  if (!isRecord(schema) || depth > LIMITS.depth || ++count.members > LIMITS.members) return false;
  const isJudged = ([keyword, value]: [string, unknown]) =>
    Object.hasOwn(KEYWORDS, keyword) && KEYWORDS[keyword]!(value, schema);
  if (!Object.entries(schema).every(isJudged)) return false;
  const { items, properties = {} } = schema;
  const inner = [...(items === undefined ? [] : [items]), ...Object.values(properties as Schema)];
  return inner.every((member) => isPlain(member, depth + 1, count));
}

/** Only for schemas that are plain. */
function fits(schema: Schema, value: Json): boolean {
  const { type, items } = schema;
  // A member without a value would be lost on the way to the process.
  if (value === undefined || (type !== undefined && !TYPES[type as string]!(value))) return false;
  if (Array.isArray(schema.enum) && !schema.enum.includes(value)) return false;
  if (typeof value === 'number') return numberFits(schema, value);
  if (typeof value === 'string') return textFits(schema, value);
  if (Array.isArray(value)) return items === undefined || value.every((item) => fits(items as Schema, item));
  return !isRecord(value) || membersFit(schema, value);
}

function numberFits({ format, minimum = -Infinity, maximum = Infinity }: Schema, value: number): boolean {
  const width = NUMBER_FORMATS.get(format);
  if (width !== undefined && !(Number.isSafeInteger(value) && value >= -width && value < width)) return false;
  return value >= Number(minimum) && value <= Number(maximum);
}

/** Lengths count characters, not surrogates; the validator checks a text with a length near a bound. */
function textFits({ minLength, maxLength }: Schema, value: string): boolean {
  if (minLength === undefined && maxLength === undefined) return true;
  return value.length / 2 >= Number(minLength ?? 0) && value.length <= Number(maxLength ?? Infinity);
}

function membersFit(schema: Schema, value: { [key: string]: Json }): boolean {
  const properties = schema.properties as Record<string, Schema> | undefined;
  for (const name of (schema.required ?? []) as string[]) if (!Object.hasOwn(value, name)) return false;
  const entries = Object.entries(value);
  if (properties === undefined) return schema.additionalProperties === undefined || entries.length === 0;
  return entries.every(([name, member]) => Object.hasOwn(properties, name) && fits(properties[name]!, member));
}
