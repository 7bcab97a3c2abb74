// Converts text of paths, queries and headers as the schema describes it. Text that does not convert exactly stays text,
// so that the schema rejects it.
import type { $ZodType } from 'zod/v4/core';
import { forbiddenKey } from '../check-value.ts';
import { definitionOf, type Field, unwrappedDefinition } from '../schema.ts';

export type Decode = (value: unknown) => unknown;

const DECIMAL = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;

const toNumber: Decode = (value) => (typeof value === 'string' && DECIMAL.test(value) ? Number(value) : value);
const toBoolean: Decode = (value) => (value === 'true' ? true : value === 'false' ? false : value);
const asIs: Decode = (value) => value;

/** The converter for one schema, compiled once. */
export function createDecoder(schemas: readonly $ZodType[]): Decode {
  const types = new Set(schemas.flatMap(scalarTypesOf));
  const arrays = schemas.map((schema) => unwrappedDefinition(schema)).filter((def) => def.type === 'array');
  if (arrays.length > 0) {
    const item = createDecoder(arrays.flatMap((def) => (def.element ? [def.element] : [])));
    // One value is an array of one.
    return (value) => (Array.isArray(value) ? value.map(item) : [item(value)]);
  }
  if (types.has('string')) return asIs;
  const enumTexts = new Set(schemas.flatMap(enumTextsOf));
  const decode = createScalarDecoder(types);
  return enumTexts.size === 0 ? decode : (value) => (enumTexts.has(value) ? value : decode(value));
}

function createScalarDecoder(types: ReadonlySet<string>): Decode {
  if (types.has('boolean') && types.has('number')) return (value) => toNumber(toBoolean(value));
  if (types.has('boolean')) return toBoolean;
  if (types.has('number')) return toNumber;
  return asIs;
}

/** The kinds of scalars that a schema accepts, except its words. */
function scalarTypesOf(schema: $ZodType): string[] {
  const def = unwrappedDefinition(schema);
  if (def.type === 'union') return (def.options ?? []).flatMap(scalarTypesOf);
  const named = valuesOf(schema);
  return named ? named.flatMap((value) => (typeof value === 'string' ? [] : [typeof value])) : [def.type];
}

/** The enumerated texts of a schema. */
function enumTextsOf(schema: $ZodType): unknown[] {
  const def = unwrappedDefinition(schema);
  if (def.type === 'union') return (def.options ?? []).flatMap(enumTextsOf);
  return (valuesOf(schema) ?? []).filter((value) => typeof value === 'string');
}

function valuesOf(schema: $ZodType): unknown[] | undefined {
  const def = unwrappedDefinition(schema);
  if (def.type === 'literal') return [...(def.values ?? [])];
  return def.type === 'enum' ? Object.values(def.entries ?? {}) : undefined;
}

type Values = Record<string, unknown>;

/**
 * A function that decodes query parameters into an input. An object or a record is written `name[key]=value` (OpenAPI's deepObject).
 * It throws ProblemError `invalid_json` for a `__proto__` key.
 */
export function createQueryDecoder(fields: Iterable<Field>): (source: Values, into: Values) => void {
  const flatDecoders = new Map<string, Decode>();
  const deepDecoders = new Map<string, (key: string) => Decode>();
  for (const { name, schemas } of fields) {
    const objects = schemas.filter(isDeepObject);
    if (objects.length > 0) deepDecoders.set(name, createMemberDecoder(objects));
    else flatDecoders.set(name, createDecoder(schemas));
  }
  const readDeep = (key: string, value: unknown, into: Values): boolean => {
    const open = key.indexOf('[');
    if (open < 1 || !key.endsWith(']')) return false;
    const name = key.slice(0, open);
    const member = deepDecoders.get(name);
    if (!member) return false;
    const inner = key.slice(open + 1, -1);
    if (inner === '__proto__') throw forbiddenKey(`/${name}`);
    into[name] ??= {};
    (into[name] as Values)[inner] = member(inner)(value);
    return true;
  };
  return (source, into) => {
    for (const key in source) {
      if (key === '__proto__') throw forbiddenKey('');
      const value = source[key];
      const decode = flatDecoders.get(key);
      if (decode) into[key] = decode(value);
      else if (deepDecoders.size === 0 || !readDeep(key, value, into)) into[key] = value;
    }
  };
}

/** Whether a query parameter of this schema is written `name[key]=value`. */
export function isDeepObject(schema: $ZodType): boolean {
  const { type } = unwrappedDefinition(schema);
  return type === 'object' || type === 'record';
}

function createMemberDecoder(objects: readonly $ZodType[]): (key: string) => Decode {
  const defs = objects.map((schema) => unwrappedDefinition(schema));
  const byKey = new Map<string, Decode>();
  const shapes = defs.flatMap((def) => Object.entries(def.shape ?? {}));
  for (const [key] of shapes)
    byKey.set(key, createDecoder(shapes.filter(([name]) => name === key).map(([, schema]) => schema)));
  const rest = createDecoder(defs.flatMap((def) => def.valueType ?? (def.catchall && unlessNever(def.catchall)) ?? []));
  return (key) => byKey.get(key) ?? rest;
}

const unlessNever = (schema: $ZodType) => (definitionOf(schema).type === 'never' ? undefined : schema);
