import { isRecord } from '@errand/basics/is-record';
import type { Json, JsonSchema } from '@errand/contracts';
import { schemaAt, under, words } from '@errand/plan';
import type { Texts } from '../texts/en.ts';
import { annotate, type FieldFault } from './field-faults.ts';
import { plainText } from './plain-text.ts';
import { escaped, hidesText, visible } from './visible.ts';

/** An argument that a form can change. Its value is text; `kind` determines the control. */
export type ArgumentField = {
  /** JSON pointer into the arguments. */
  pointer: string;
  kind: 'text' | 'long' | 'number' | 'integer' | 'boolean' | 'choice' | 'list' | 'json';
  value: string;
  /** Whether the items of a list are numbers. */
  hasNumbers?: boolean;
  choices?: readonly string[];
  description?: string;
  /** Whether the arguments contain it now. */
  isPresent: boolean;
  required: boolean;
};

/** Maximum fields of a form, and characters of a value. Larger arguments can be changed only with the API. */
const MAX_FIELDS = 60;
const MAX_VALUE_LENGTH = 8000;
const MAX_TOTAL_LENGTH = 24_000;
const MAX_CHOICES = 50;
/** Characters above which a text gets a textarea. */
const LONG_TEXT = 80;
const REQUEST_PARTS = /^\/(?:path|query|header|body)$/;

/**
 * The form fields for the arguments of a call, by the schema of its tool. Undefined if they are too many or too large, or if a text
 * contains characters that a form would change or hide.
 */
export function argumentFields(args: Json, schema: JsonSchema): ArgumentField[] | undefined {
  const fields = fieldsAt(args, { pointer: '', required: true, schema });
  const total = fields.reduce((sum, { value }) => sum + value.length, 0);
  // Forms turn line breaks into CR LF, and people cannot check invisible characters.
  const areEditable = fields.every(({ value }) => value.length <= MAX_VALUE_LENGTH && !hidesText(value));
  return areEditable && fields.length <= MAX_FIELDS && total <= MAX_TOTAL_LENGTH && fields.length > 0
    ? fields
    : undefined;
}

/** A place in the arguments; `schema` is the schema of all arguments. */
type ArgumentSite = { pointer: string; required: boolean; schema: JsonSchema };

function fieldsAt(value: Json | undefined, site: ArgumentSite): ArgumentField[] {
  const { pointer, schema } = site;
  const valueSchema = schemaAt(schema, pointer) ?? {};
  const describedKeys = isRecord(valueSchema.properties) ? Object.keys(valueSchema.properties) : [];
  const isOpen = value === undefined ? describedKeys.length > 0 && REQUEST_PARTS.test(pointer) : isRecord(value);
  if (!isOpen || (pointer !== '' && describedKeys.length === 0))
    return pointer === '' ? [] : fieldsOfValue(value, site, valueSchema);
  const members = (value ?? {}) as { [key: string]: Json };
  const requiredKeys = Array.isArray(valueSchema.required) ? valueSchema.required : [];
  return [...new Set([...Object.keys(members), ...describedKeys])].flatMap((key) =>
    fieldsAt(Object.hasOwn(members, key) ? members[key] : undefined, {
      pointer: under(pointer, key),
      required: requiredKeys.includes(key),
      schema,
    }),
  );
}

function fieldsOfValue(
  value: Json | undefined,
  { pointer, required }: ArgumentSite,
  valueSchema: JsonSchema,
): ArgumentField[] {
  const isPresent = value !== undefined;
  const description = typeof valueSchema.description === 'string' ? valueSchema.description.slice(0, 300) : undefined;
  const fieldBase = { pointer, isPresent, required, ...(description !== undefined && { description }) };
  const choices = choicesOf(valueSchema);
  if (typeof value !== 'object' && choices)
    return [{ ...fieldBase, kind: 'choice', value: String(value ?? ''), choices }];
  const scalarKind = scalarKindOf(value, valueSchema.type);
  if (scalarKind) return [{ ...fieldBase, kind: scalarKind, value: String(value ?? '') }];
  // An absent argument of another type can be set only with the API.
  if (!isPresent) return [];
  const list = listOf(value);
  if (list)
    return [
      { ...fieldBase, kind: 'list', value: list.join('\n'), hasNumbers: list.some((item) => typeof item === 'number') },
    ];
  return [{ ...fieldBase, kind: 'json', value: JSON.stringify(value, null, 2) }];
}

/** The choices of a small enumeration of texts. */
function choicesOf({ enum: values }: JsonSchema): string[] | undefined {
  if (!Array.isArray(values) || values.length === 0 || values.length > MAX_CHOICES) return undefined;
  return values.every((value) => typeof value === 'string') ? values : undefined;
}

/** The kind of a scalar, by its value or, if absent, by its type. */
function scalarKindOf(value: Json | undefined, type: unknown): ArgumentField['kind'] | undefined {
  switch (value === undefined ? type : typeof value) {
    case 'string':
      return typeof value === 'string' && (value.includes('\n') || value.length > LONG_TEXT) ? 'long' : 'text';
    case 'number':
    case 'integer':
      return type === 'integer' ? 'integer' : 'number';
    case 'boolean':
      return 'boolean';
    default:
      return undefined;
  }
}

/** A small list of texts, or of numbers. */
function listOf(value: Json): (string | number)[] | undefined {
  if (!Array.isArray(value) || value.length === 0 || value.length > 50) return undefined;
  const texts = value.filter(
    (item) => typeof item === 'string' && item.trim() === item && item !== '' && !item.includes('\n'),
  );
  const numbers = value.filter((item) => typeof item === 'number');
  return [texts, numbers].find(({ length }) => length === value.length) as (string | number)[] | undefined;
}

/** Prefix of the names of fields in the form. */
export const FIELD_PREFIX = 'arg';

const labelOf = (pointer: string): string =>
  words(pointer.replace(/^\/(?:path|query|header|body)(?=\/)/, '')) || pointer;

/**
 * Fields as HTML: first those with a value, then the others, folded.
 * @param entered the texts of an earlier submission, by pointer
 */
export function fieldsHtml(
  texts: Texts,
  fields: readonly ArgumentField[],
  entered: ReadonlyMap<string, string>,
  faults: readonly FieldFault[],
): string {
  const open: string[] = [];
  const folded: string[] = [];
  for (const [index, field] of fields.entries()) {
    const text = entered.get(field.pointer);
    (field.isPresent || text ? open : folded).push(fieldHtml(texts, field, `f${index}`, { text, faults }));
  }
  const foldedHtml =
    folded.length === 0
      ? ''
      : `<details><summary>${texts.approval.moreFields(folded.length)}</summary>\n${folded.join('\n')}\n</details>`;
  return [...open, foldedHtml].join('\n');
}

function fieldHtml(
  texts: Texts,
  field: ArgumentField,
  id: string,
  { text, faults }: { text: string | undefined; faults: readonly FieldFault[] },
): string {
  const { pointer, description, isPresent, required } = field;
  const hint = [description && plainText(description), !isPresent && !required ? texts.approval.leftOut : '']
    .filter((part) => part)
    .join(' ');
  const { attributes, html } = annotate(
    id,
    hint,
    faults.find((fault) => fault.pointer === pointer),
  );
  return `<label for="${id}">${visible(labelOf(pointer))}</label>
${controlHtml(texts, field, text ?? field.value, `id="${id}" name="${escaped(FIELD_PREFIX + pointer)}"${attributes}`)}
${html}`;
}

function controlHtml(
  texts: Texts,
  { kind, choices = [], required }: ArgumentField,
  value: string,
  attributes: string,
): string {
  const option = (choice: string, text = choice) =>
    `<option value="${escaped(choice)}"${choice === value ? ' selected' : ''}>${escaped(text)}</option>`;
  const emptyOption = required ? [] : [option('', '—')];
  const area = (rows: number, more = '') =>
    // HTML drops the first line break.
    `<textarea ${attributes} rows="${rows}"${more}>\n${escaped(value)}</textarea>`;
  switch (kind) {
    case 'choice': {
      const unlisted = value === '' || choices.includes(value) ? [] : [option(value)];
      return `<select ${attributes}>${[...emptyOption, ...unlisted, ...choices.map((choice) => option(choice))].join('')}</select>`;
    }
    case 'boolean':
      return `<select ${attributes}>${[...emptyOption, option('true', texts.yes), option('false', texts.no)].join('')}</select>`;
    case 'number':
    case 'integer':
      return `<input ${attributes} type="text" inputmode="${kind === 'integer' ? 'numeric' : 'decimal'}" autocomplete="off" value="${escaped(value)}">`;
    case 'text':
      return `<input ${attributes} type="text" autocomplete="off" value="${escaped(value)}">`;
    case 'long':
      return area(4);
    case 'list':
      return area(Math.min(8, value.split('\n').length + 1));
    case 'json':
      return area(6, ' class="code" spellcheck="false"');
  }
}
