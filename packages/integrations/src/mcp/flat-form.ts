import { isRecord } from '@errand/basics/is-record';
import { INPUT_LIMITS, type Json, type JsonSchema } from '@errand/contracts';

type Field = { [keyword: string]: Json };
export type FlatForm = JsonSchema & { type: 'object'; properties: { [name: string]: Field } };

/** Keywords that fields keep; all others are left out. */
const KEPT = [
  ...['type', 'title', 'description', 'default', 'format', 'pattern', 'minLength', 'maxLength'],
  ...['minimum', 'maximum', 'minItems', 'maxItems', 'uniqueItems'],
];
const PLAIN = new Set<unknown>(['string', 'number', 'integer', 'boolean']);
const MAX_CHOICES = 100;

/** A form that people can fill in: a flat object of plain fields; otherwise the sentence that says why not. */
export function flatForm(schema: Json): FlatForm | string {
  if (!isRecord(schema) || (schema.type ?? 'object') !== 'object' || !isRecord(schema.properties ?? {}))
    return 'The form is not an object.';
  const requested = Object.entries((schema.properties ?? {}) as Record<string, Json>);
  if (requested.length > INPUT_LIMITS.fields || JSON.stringify(schema).length > INPUT_LIMITS.schemaBytes)
    return `The form is too large: the limits are ${INPUT_LIMITS.fields} fields and ${INPUT_LIMITS.schemaBytes / 1024} KiB.`;
  const properties: [string, Field][] = [];
  for (const [name, field] of requested) {
    const flat = fieldOf(field);
    if (!flat || name === '' || name.length > 128)
      return 'The form is not flat: fields must be texts, numbers, booleans or choices.';
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
  const requested = field as Field;
  const members: Field = Object.fromEntries(
    KEPT.flatMap((key) => (requested[key] === undefined ? [] : [[key, requested[key]]])),
  );
  const choices = choicesOf(requested);
  if (choices === null) return undefined;
  if (requested.type === 'array') {
    const items = isRecord(requested.items) ? choicesOf(requested.items as Field) : undefined;
    return items ? { ...members, items: { type: 'string', ...items } } : undefined;
  }
  if (!PLAIN.has(requested.type ?? (choices ? 'string' : undefined))) return undefined;
  return { ...members, type: requested.type ?? 'string', ...choices };
}

/** Choices with their labels, in one notation; undefined without choices, null if they are not texts. */
function choicesOf({ enum: values, enumNames, oneOf, anyOf }: Field): Field | undefined | null {
  const labelled = oneOf ?? anyOf;
  if (labelled !== undefined) {
    if (!Array.isArray(labelled) || labelled.length > MAX_CHOICES) return null;
    const both = labelled.flatMap((option) =>
      isRecord(option) && typeof option.const === 'string'
        ? [{ const: option.const, ...(typeof option.title === 'string' && { title: option.title }) }]
        : [],
    );
    return both.length === labelled.length && both.length > 0 ? { oneOf: both } : null;
  }
  if (values === undefined) return undefined;
  if (!Array.isArray(values) || values.length === 0 || values.length > MAX_CHOICES) return null;
  if (!values.every((value) => typeof value === 'string')) return null;
  if (!Array.isArray(enumNames)) return { enum: values };
  return {
    oneOf: values.map((value, n) => ({
      const: value,
      ...(typeof enumNames[n] === 'string' && { title: enumNames[n] }),
    })),
  };
}
