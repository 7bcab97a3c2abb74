import { isRecord } from '@errand/basics/is-record';
import type { JsonSchema } from '@errand/contracts';
import { words } from '@errand/plan';

/** A field of a form, made from a property of a flat schema. */
export type FormField = {
  name: string;
  label: string;
  description?: string;
  kind:
    | 'text'
    | 'long'
    | 'email'
    | 'uri'
    | 'date'
    | 'date-time'
    | 'number'
    | 'integer'
    | 'boolean'
    | 'choice'
    | 'choices';
  choices: readonly { value: string; label: string }[];
  required: boolean;
  /** The initial value; several choices are separated by line breaks. */
  value: string;
  /** Bounds of a number, and the maximum length of a text. */
  min?: number;
  max?: number;
  maxLength?: number;
};

/** Maximum length above which a text gets a textarea. */
const LONG = 200;
const FORMATS = new Set<unknown>(['email', 'uri', 'date', 'date-time']);

/** The fields of a flat schema, in its order. */
export function formFields(schema: JsonSchema): FormField[] {
  const properties = isRecord(schema.properties) ? schema.properties : {};
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  return Object.entries(properties).map(([name, property]) =>
    fieldOf(name, isRecord(property) ? property : {}, required.has(name)),
  );
}

function fieldOf(name: string, property: Record<string, unknown>, required: boolean): FormField {
  const { title, description, minimum, maximum, maxLength } = property;
  const items = property.type === 'array' && isRecord(property.items) ? property.items : undefined;
  const choices = choicesOf(items ?? property);
  return {
    name,
    label: typeof title === 'string' && title.trim() !== '' ? title : words(`/${name}`) || name,
    ...(typeof description === 'string' && { description }),
    kind: items ? 'choices' : choices.length > 0 ? 'choice' : kindOf(property),
    choices,
    required,
    value: textOf(property.default),
    ...(typeof minimum === 'number' && { min: minimum }),
    ...(typeof maximum === 'number' && { max: maximum }),
    ...(typeof maxLength === 'number' && { maxLength }),
  };
}

function kindOf({ type, format, maxLength }: Record<string, unknown>): FormField['kind'] {
  if (type === 'number' || type === 'integer' || type === 'boolean') return type;
  if (FORMATS.has(format)) return format as 'email';
  return typeof maxLength === 'number' && maxLength > LONG ? 'long' : 'text';
}

function choicesOf({ enum: values, oneOf }: Record<string, unknown>): { value: string; label: string }[] {
  const labelled = Array.isArray(oneOf) ? oneOf : [];
  const plain = Array.isArray(values) ? values : [];
  return [
    ...labelled.flatMap((option) =>
      isRecord(option) && typeof option.const === 'string'
        ? [{ value: option.const, label: typeof option.title === 'string' ? option.title : option.const }]
        : [],
    ),
    ...plain.flatMap((value) => (typeof value === 'string' ? [{ value, label: value }] : [])),
  ];
}

const textOf = (value: unknown): string =>
  Array.isArray(value)
    ? value.filter((text) => typeof text === 'string').join('\n')
    : typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : '';
