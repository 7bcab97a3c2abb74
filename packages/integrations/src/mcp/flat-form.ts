import { isRecord } from '@errand/basics/is-record';
import { INPUT_LIMITS, type Json, type JsonSchema } from '@errand/contracts';

type Field = { [keyword: string]: Json };
export type FlatForm = JsonSchema & { type: 'object'; properties: { [name: string]: Field } };

/** Keywords that fields keep; what else a server says of them is left out. */
const KEPT = [
  ...['type', 'title', 'description', 'default', 'format', 'pattern', 'minLength', 'maxLength'],
  ...['minimum', 'maximum', 'minItems', 'maxItems', 'uniqueItems'],
];
const PLAIN = new Set<unknown>(['string', 'number', 'integer', 'boolean']);
const MAX_CHOICES = 100;

/** A form as people can fill it in: a flat object of plain fields; else why it is none. */
export function flatForm(schema: Json): FlatForm | string {
  if (!isRecord(schema) || (schema.type ?? 'object') !== 'object' || !isRecord(schema.properties ?? {}))
    return 'Its form is no object.';
  const given = Object.entries((schema.properties ?? {}) as Record<string, Json>);
  if (given.length > INPUT_LIMITS.fields || JSON.stringify(schema).length > INPUT_LIMITS.schemaBytes)
    return `Its form is too large: at most ${INPUT_LIMITS.fields} fields and ${INPUT_LIMITS.schemaBytes / 1024} KiB are passed on.`;
  const properties: [string, Field][] = [];
  for (const [name, field] of given) {
    const flat = fieldOf(field);
    if (!flat || name === '' || name.length > 128)
      return 'Its form is not flat: its fields must be texts, numbers, yes or no, or choices.';
    properties.push([name, flat]);
  }
  const names = new Set(properties.map(([name]) => name));
  const required = (Array.isArray(schema.required) ? schema.required : []).filter(
    (name) => typeof name === 'string' && names.has(name),
  );
  return { type: 'object', properties: Object.fromEntries(properties), ...(required.length > 0 && { required }) };
}

function fieldOf(field: Json): Field | undefined {
  if (!isRecord(field)) return undefined;
  const given = field as Field;
  const kept: Field = Object.fromEntries(KEPT.flatMap((key) => (given[key] === undefined ? [] : [[key, given[key]]])));
  const choices = choicesOf(given);
  if (choices === null) return undefined;
  if (given.type === 'array') {
    const items = isRecord(given.items) ? choicesOf(given.items as Field) : undefined;
    return items ? { ...kept, items: { type: 'string', ...items } } : undefined;
  }
  if (!PLAIN.has(given.type ?? (choices ? 'string' : undefined))) return undefined;
  return { ...kept, type: given.type ?? 'string', ...choices };
}

/** Choices with their labels, in one form; undefined for none, null for some that are no texts. */
function choicesOf({ enum: values, enumNames, oneOf, anyOf }: Field): Field | undefined | null {
  const labelled = oneOf ?? anyOf;
  if (labelled !== undefined) {
    if (!Array.isArray(labelled) || labelled.length > MAX_CHOICES) return null;
    const both = labelled.flatMap((one) =>
      isRecord(one) && typeof one.const === 'string'
        ? [{ const: one.const, ...(typeof one.title === 'string' && { title: one.title }) }]
        : [],
    );
    return both.length === labelled.length && both.length > 0 ? { oneOf: both } : null;
  }
  if (values === undefined) return undefined;
  if (!Array.isArray(values) || values.length === 0 || values.length > MAX_CHOICES) return null;
  if (!values.every((one) => typeof one === 'string')) return null;
  if (!Array.isArray(enumNames)) return { enum: values };
  return {
    oneOf: values.map((one, n) => ({ const: one, ...(typeof enumNames[n] === 'string' && { title: enumNames[n] }) })),
  };
}
