import { isRecord } from '@errand/basics/is-record';
import type { JsonSchema } from '@errand/contracts';
import { under, words } from '@errand/plan';
import type { Texts } from '../texts/en.ts';
import { annotate, type FieldFault } from './field-faults.ts';
import { plainText } from './plain-text.ts';
import { escaped, visible } from './visible.ts';

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
const LONG_TEXT = 200;
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
  return typeof maxLength === 'number' && maxLength > LONG_TEXT ? 'long' : 'text';
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

/** Prefix of the names of fields in the form. */
export const INPUT_PREFIX = 'in/';

/** @param entered the texts of an earlier submission, by field name; several values are separated by line breaks */
export const formHtml = (
  texts: Texts,
  fields: readonly FormField[],
  entered: ReadonlyMap<string, string> | undefined,
  faults: readonly FieldFault[],
): string =>
  fields
    .map((field, n) => {
      const value = entered ? (entered.get(field.name) ?? '') : field.value;
      const fault = faults.find(({ pointer }) => pointer === under('', field.name));
      return fieldHtml(texts, field, `f${n}`, { value, fault });
    })
    .join('\n');

function fieldHtml(
  texts: Texts,
  field: FormField,
  id: string,
  { value, fault }: { value: string; fault: FieldFault | undefined },
): string {
  const { label, description, required } = field;
  const hint = description === undefined ? '' : plainText(description);
  const annotations = annotate(id, hint, fault);
  const name = escaped(INPUT_PREFIX + field.name);
  const optional = required ? '' : ` <small>${texts.optional}</small>`;
  if (field.kind === 'choices') {
    const chosen = new Set(value.split('\n'));
    const boxes = field.choices.map(
      (choice) =>
        `<label class="choice"><input type="checkbox" name="${name}" value="${escaped(choice.value)}"${chosen.has(choice.value) ? ' checked' : ''}><bdi>${visible(choice.label)}</bdi></label>`,
    );
    return `<fieldset class="field"${annotations.attributes}>\n<legend>${visible(label)}${optional}</legend>\n${boxes.join('\n')}\n${annotations.html}</fieldset>`;
  }
  const attributes = `id="${id}" name="${name}"${required ? ' required' : ''}${annotations.attributes}`;
  return `<label for="${id}">${visible(label)}${optional}</label>\n${controlHtml(texts, field, value, attributes)}\n${annotations.html}`;
}

const INPUT_TYPES: Partial<Record<FormField['kind'], string>> = { email: 'email', uri: 'url', date: 'date' };

function controlHtml(
  texts: Texts,
  { kind, choices, required, min, max, maxLength }: FormField,
  value: string,
  attributes: string,
): string {
  const options = (all: readonly { value: string; label: string }[]) =>
    [...(required && value !== '' ? [] : [{ value: '', label: '—' }]), ...all]
      .map(
        (choice) =>
          `<option value="${escaped(choice.value)}"${choice.value === value ? ' selected' : ''}>${escaped(choice.label)}</option>`,
      )
      .join('');
  const length = maxLength === undefined ? '' : ` maxlength="${Math.min(Math.max(0, Math.trunc(maxLength)), 4000)}"`;
  switch (kind) {
    case 'choice':
      return `<select ${attributes}>${options(choices)}</select>`;
    case 'boolean':
      return `<select ${attributes}>${options([
        { value: 'true', label: texts.yes },
        { value: 'false', label: texts.no },
      ])}</select>`;
    case 'number':
    case 'integer': {
      const bounds = [
        ['min', min],
        ['max', max],
      ].flatMap(([name, bound]) => (bound === undefined ? [] : [` ${name}="${bound}"`]));
      return `<input ${attributes} type="number" step="${kind === 'integer' ? 1 : 'any'}"${bounds.join('')} value="${escaped(value)}">`;
    }
    case 'date-time':
      return `<input ${attributes} type="text" placeholder="2026-01-31T09:30:00Z" autocomplete="off" value="${escaped(value)}">`;
    case 'long':
      // HTML drops the first line break.
      return `<textarea ${attributes} rows="4"${length}>\n${escaped(value)}</textarea>`;
    default:
      return `<input ${attributes} type="${INPUT_TYPES[kind] ?? 'text'}" autocomplete="off"${length} value="${escaped(value)}">`;
  }
}
