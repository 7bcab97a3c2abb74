// Converts text of paths, queries and headers as the schema describes it. Text that does not convert exactly stays text,
// so that the schema rejects it.
import type { $ZodType } from 'zod/v4/core';
import { badKey } from '../check.ts';
import { bare, defOf, type Field } from '../schema.ts';

export type Decode = (value: unknown) => unknown;

const DECIMAL = /^-?(?:0|[1-9]\d*)(?:\.\d+)?$/;

const toNumber: Decode = (value) => (typeof value === 'string' && DECIMAL.test(value) ? Number(value) : value);
const toBoolean: Decode = (value) => (value === 'true' ? true : value === 'false' ? false : value);
const asIs: Decode = (value) => value;

/** The converter for one schema, compiled once. */
export function decoderOf(schemas: readonly $ZodType[]): Decode {
  const kinds = new Set(schemas.flatMap(kindsOf));
  const arrays = schemas.map((each) => bare(each)).filter((def) => def.type === 'array');
  if (arrays.length > 0) {
    const item = decoderOf(arrays.flatMap((def) => (def.element ? [def.element] : [])));
    // One value is an array of one.
    return (value) => (Array.isArray(value) ? value.map(item) : [item(value)]);
  }
  if (kinds.has('string')) return asIs;
  const words = new Set(schemas.flatMap(wordsOf));
  const decode = scalarDecoder(kinds);
  return words.size === 0 ? decode : (value) => (words.has(value) ? value : decode(value));
}

function scalarDecoder(kinds: ReadonlySet<string>): Decode {
  if (kinds.has('boolean') && kinds.has('number')) return (value) => toNumber(toBoolean(value));
  if (kinds.has('boolean')) return toBoolean;
  if (kinds.has('number')) return toNumber;
  return asIs;
}

/** The kinds of scalars that a schema accepts, except its words. */
function kindsOf(schema: $ZodType): string[] {
  const def = bare(schema);
  if (def.type === 'union') return (def.options ?? []).flatMap(kindsOf);
  const named = valuesOf(schema);
  return named ? named.flatMap((value) => (typeof value === 'string' ? [] : [typeof value])) : [def.type];
}

/** The enumerated texts of a schema. */
function wordsOf(schema: $ZodType): unknown[] {
  const def = bare(schema);
  if (def.type === 'union') return (def.options ?? []).flatMap(wordsOf);
  return (valuesOf(schema) ?? []).filter((value) => typeof value === 'string');
}

function valuesOf(schema: $ZodType): unknown[] | undefined {
  const def = bare(schema);
  if (def.type === 'literal') return [...(def.values ?? [])];
  return def.type === 'enum' ? Object.values(def.entries ?? {}) : undefined;
}

type Values = Record<string, unknown>;

/**
 * A function that decodes query parameters into an input. An object or a record is written `name[key]=value` (OpenAPI's deepObject).
 * It throws ProblemError `invalid_json` for a `__proto__` key.
 */
export function queryDecoder(fields: Iterable<Field>): (source: Values, into: Values) => void {
  const flat = new Map<string, Decode>();
  const deep = new Map<string, (key: string) => Decode>();
  for (const { name, schemas } of fields) {
    const objects = schemas.filter(isDeep);
    if (objects.length > 0) deep.set(name, memberDecoder(objects));
    else flat.set(name, decoderOf(schemas));
  }
  const readDeep = (key: string, value: unknown, into: Values): boolean => {
    const open = key.indexOf('[');
    if (open < 1 || !key.endsWith(']')) return false;
    const name = key.slice(0, open);
    const member = deep.get(name);
    if (!member) return false;
    const inner = key.slice(open + 1, -1);
    if (inner === '__proto__') throw badKey(`/${name}`);
    into[name] ??= {};
    (into[name] as Values)[inner] = member(inner)(value);
    return true;
  };
  return (source, into) => {
    for (const key in source) {
      if (key === '__proto__') throw badKey('');
      const value = source[key];
      const decode = flat.get(key);
      if (decode) into[key] = decode(value);
      else if (deep.size === 0 || !readDeep(key, value, into)) into[key] = value;
    }
  };
}

/** Whether a query parameter of this schema is written `name[key]=value`. */
export function isDeep(schema: $ZodType): boolean {
  const { type } = bare(schema);
  return type === 'object' || type === 'record';
}

function memberDecoder(objects: readonly $ZodType[]): (key: string) => Decode {
  const defs = objects.map((each) => bare(each));
  const byKey = new Map<string, Decode>();
  const shapes = defs.flatMap((def) => Object.entries(def.shape ?? {}));
  for (const [key] of shapes)
    byKey.set(key, decoderOf(shapes.filter(([name]) => name === key).map(([, each]) => each)));
  const rest = decoderOf(defs.flatMap((def) => def.valueType ?? (def.catchall && schemaOrNone(def.catchall)) ?? []));
  return (key) => byKey.get(key) ?? rest;
}

const schemaOrNone = (schema: $ZodType) => (defOf(schema).type === 'never' ? undefined : schema);
