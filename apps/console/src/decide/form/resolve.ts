// Resolves references in a JSON Schema, and the ways to write that a value may be null.
import { isObject, type Json, toPath, valueAt } from './json.ts';

export type Schema = { [keyword: string]: unknown };

const MAX_REFERENCES = 20;

/** A part of a schema with its first references resolved. One that cannot be resolved accepts any value, so its field is JSON. */
export function resolve(root: Schema, part: unknown): { schema: Schema; isNullable: boolean } {
  let schema: Schema = isObject(part) ? part : {};
  let isNullable = false;
  for (let i = 0; i < MAX_REFERENCES; i++) {
    const next = step(root, schema);
    if (!next) return { schema: withItems(root, schema), isNullable };
    schema = next.schema;
    isNullable ||= next.isNullable;
  }
  return { schema: {}, isNullable };
}

type Step = { schema: Schema; isNullable: boolean };

function step(root: Schema, schema: Schema): Step | undefined {
  const { $ref, allOf, ...rest } = schema;
  if (typeof $ref === 'string') {
    const target = $ref === '#' ? root : $ref.startsWith('#/') ? valueAt(root as Json, toPath($ref)) : undefined;
    // Words beside the reference are about this field.
    return { schema: isObject(target) ? { ...target, ...wordsOf(rest) } : wordsOf(rest), isNullable: false };
  }
  if (Array.isArray(allOf) && allOf.length === 1 && Object.keys(rest).every((keyword) => WORDS.has(keyword))) {
    return { schema: { ...(isObject(allOf[0]) ? allOf[0] : {}), ...rest }, isNullable: false };
  }
  return withoutNull(schema);
}

const WORDS = new Set(['title', 'description', 'default', 'examples', 'deprecated']);
const wordsOf = (schema: Schema): Schema =>
  Object.fromEntries(Object.entries(schema).filter(([keyword]) => WORDS.has(keyword)));

/** The schema of the other values, if null is one of them. */
function withoutNull(schema: Schema): Step | undefined {
  const { nullable, ...rest } = schema;
  if (nullable === true) return { schema: rest, isNullable: true };
  if (Array.isArray(schema.type)) {
    const others = schema.type.filter((name) => name !== 'null');
    const isNullable = others.length < schema.type.length;
    if (others.length === 1) return { schema: { ...schema, type: others[0] }, isNullable };
    return undefined;
  }
  const alternatives = (['anyOf', 'oneOf'] as const).find((keyword) => Array.isArray(schema[keyword]));
  if (!alternatives) return undefined;
  const { [alternatives]: all, ...beside } = schema;
  const others = (all as unknown[]).filter((each) => !(isObject(each) && each.type === 'null'));
  if (others.length !== 1 || others.length === (all as unknown[]).length || !isObject(others[0])) return undefined;
  return { schema: { ...others[0], ...beside }, isNullable: true };
}

/** Fields of lists look at the schema of their items. */
function withItems(root: Schema, schema: Schema): Schema {
  if (schema.type !== 'array' || !isObject(schema.items)) return schema;
  const { $ref } = schema.items;
  const target = typeof $ref === 'string' && $ref.startsWith('#/') ? valueAt(root as Json, toPath($ref)) : undefined;
  return isObject(target) ? { ...schema, items: target } : schema;
}
