import { isRecord } from '@errand/basics/is-record';
import type { Json } from '@errand/contracts';

/** Keywords that only describe, and those that are judged below; a schema with any other is left to the validator. */
const described = new Set([
  'title',
  'description',
  'default',
  'example',
  'examples',
  'deprecated',
  'readOnly',
  'writeOnly',
]);
const judged = new Set([
  'type',
  'properties',
  'required',
  'additionalProperties',
  'items',
  'enum',
  'format',
  'minimum',
  'maximum',
  'minLength',
  'maxLength',
]);
const types = new Set(['object', 'array', 'string', 'number', 'integer', 'boolean', 'null']);

/** Formats that only bound a number; those of text are left to the validator. */
const widths = new Map([
  ['int32', 2 ** 31],
  ['int64', Infinity],
  ['float', Infinity],
  ['double', Infinity],
]);

/** A schema larger or deeper than this is no hot path. */
const LIMITS = { depth: 12, members: 500 };

const plainSchemas = new WeakMap<object, boolean>();

/**
 * Whether a value surely fits a tool's input schema in which objects take only the properties that they list.
 * False says nothing: the validator in its thread must judge, and tell what is wrong. It is for the common schema, made of types,
 * properties, enumerations and bounds, whose check takes a time that is linear in the value; a hop to a thread costs more.
 */
export function surelyFits(schema: unknown, value: Json): boolean {
  if (!isRecord(schema)) return false;
  let plain = plainSchemas.get(schema);
  if (plain === undefined) {
    plain = isPlain(schema, 0, { members: 0 });
    plainSchemas.set(schema, plain);
  }
  return plain && fits(schema, value, 0);
}

function isPlain(schema: unknown, depth: number, count: { members: number }): boolean {
  if (!isRecord(schema) || depth > LIMITS.depth || ++count.members > LIMITS.members) return false;
  const { type, properties, required, additionalProperties, items } = schema;
  if (!Object.keys(schema).every((keyword) => described.has(keyword) || judged.has(keyword))) return false;
  if (type !== undefined && !(typeof type === 'string' && types.has(type))) return false;
  if (required !== undefined && !isListOfNames(required)) return false;
  if (additionalProperties !== undefined && additionalProperties !== false) return false;
  if (schema.format !== undefined && !(isNumeric(type) && widths.has(schema.format as string))) return false;
  if (schema.enum !== undefined && !isListOfScalars(schema.enum)) return false;
  for (const keyword of ['minimum', 'maximum']) {
    if (schema[keyword] !== undefined && !Number.isFinite(schema[keyword])) return false;
  }
  for (const keyword of ['minLength', 'maxLength']) {
    if (schema[keyword] !== undefined && !(Number.isInteger(schema[keyword]) && Number(schema[keyword]) >= 0))
      return false;
  }
  if (items !== undefined && !isPlain(items, depth + 1, count)) return false;
  if (properties === undefined) return true;
  if (!isRecord(properties) || Object.hasOwn(properties, '__proto__')) return false;
  return Object.values(properties).every((member) => isPlain(member, depth + 1, count));
}

const isNumeric = (type: unknown): boolean => type === 'integer' || type === 'number';

const isListOfNames = (list: unknown): boolean =>
  Array.isArray(list) && new Set(list).size === list.length && list.every((name) => typeof name === 'string');

const isListOfScalars = (list: unknown): boolean =>
  Array.isArray(list) &&
  list.length > 0 &&
  list.length <= 100 &&
  new Set(list).size === list.length &&
  list.every((one) => one === null || typeof one !== 'object');

/** Only for schemas that are plain. */
function fits(schema: Record<string, unknown>, value: Json, depth: number): boolean {
  const { type, minimum, maximum, minLength, maxLength } = schema;
  // A member that is there without a value would be lost on the way to the thread.
  if (value === undefined || (type !== undefined && !isOf(type as string, value))) return false;
  if (Array.isArray(schema.enum) && !schema.enum.includes(value)) return false;
  if (typeof value === 'number') {
    const width = widths.get(schema.format as string);
    if (width !== undefined && !(Number.isSafeInteger(value) && value >= -width && value < width)) return false;
    return value >= Number(minimum ?? -Infinity) && value <= Number(maximum ?? Infinity);
  }
  if (typeof value === 'string') {
    if (minLength === undefined && maxLength === undefined) return true;
    // Lengths count characters, not the two halves of one; a text that may be near a bound is left to the validator.
    return value.length / 2 >= Number(minLength ?? 0) && value.length <= Number(maxLength ?? Infinity);
  }
  if (Array.isArray(value)) {
    const { items } = schema;
    return items === undefined || value.every((item) => fits(items as Record<string, unknown>, item, depth + 1));
  }
  return !isRecord(value) || membersFit(schema, value, depth);
}

function membersFit(schema: Record<string, unknown>, value: { [key: string]: Json }, depth: number): boolean {
  const properties = schema.properties as Record<string, Record<string, unknown>> | undefined;
  for (const name of (schema.required ?? []) as string[]) if (!Object.hasOwn(value, name)) return false;
  const entries = Object.entries(value);
  if (properties === undefined) return schema.additionalProperties === undefined || entries.length === 0;
  return entries.every(
    ([name, member]) => Object.hasOwn(properties, name) && fits(properties[name]!, member, depth + 1),
  );
}

function isOf(type: string, value: Json): boolean {
  switch (type) {
    case 'null':
      return value === null;
    case 'array':
      return Array.isArray(value);
    case 'object':
      return isRecord(value);
    case 'integer':
      return Number.isSafeInteger(value);
    default:
      return typeof value === type;
  }
}
