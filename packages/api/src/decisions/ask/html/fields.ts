import { isRecord } from '@errand/basics/is-record';
import type { Json, JsonSchema } from '@errand/contracts';
import { schemaAt } from '@errand/plan';
import { hidesText } from './visible.ts';

/** An argument that a form can change. Its value is text; `kind` says how it is written. */
export type Field = {
  /** JSON pointer into the arguments. */
  pointer: string;
  kind: 'text' | 'long' | 'number' | 'integer' | 'boolean' | 'choice' | 'list' | 'json';
  value: string;
  /** Of a list: whether its items are numbers. */
  numbers?: boolean;
  choices?: readonly string[];
  description?: string;
  /** Whether the arguments have it now. */
  present: boolean;
  required: boolean;
};

/** Fields of a form, and characters of a value in it. What is larger can be changed by the API alone. */
const MAX_FIELDS = 60;
const MAX_VALUE = 8000;
const MAX_TOTAL = 24_000;
const MAX_CHOICES = 50;
const GROUPS = /^\/(?:path|query|header|body)$/;

/**
 * The fields by which a form changes the arguments of a call, by the schema of its tool; undefined when they do not fit into a form:
 * they are too many or too large, or a text holds characters that a form would change or hide.
 */
export function fieldsOf(args: Json, schema: JsonSchema): Field[] | undefined {
  const fields: Field[] = [];
  const visit = (value: Json | undefined, pointer: string, required: boolean): void => {
    const known = schemaAt(schema, pointer) ?? {};
    const members = isRecord(known.properties) ? Object.keys(known.properties) : [];
    const open = value === undefined ? members.length > 0 && GROUPS.test(pointer) : isRecord(value);
    if (open && (pointer === '' || members.length > 0)) {
      const needed = Array.isArray(known.required) ? known.required : [];
      const own = isRecord(value) ? Object.keys(value) : [];
      for (const key of new Set([...own, ...members])) {
        const at = `${pointer}/${key.replaceAll('~', '~0').replaceAll('/', '~1')}`;
        visit(isRecord(value) ? (value[key] as Json | undefined) : undefined, at, needed.includes(key));
      }
      return;
    }
    if (pointer !== '') fields.push(...fieldOf(value, { pointer, known, required }));
  };
  visit(args, '', true);
  const total = fields.reduce((sum, { value }) => sum + value.length, 0);
  // Forms turn line ends into CR LF, and nobody can check what cannot be seen.
  const fit = fields.every(({ value }) => value.length <= MAX_VALUE && !hidesText(value));
  return fit && fields.length <= MAX_FIELDS && total <= MAX_TOTAL && fields.length > 0 ? fields : undefined;
}

type At = { pointer: string; known: JsonSchema; required: boolean };

function fieldOf(value: Json | undefined, { pointer, known, required }: At): Field[] {
  const present = value !== undefined;
  const description = typeof known.description === 'string' ? known.description.slice(0, 300) : undefined;
  const base = { pointer, present, required, ...(description !== undefined && { description }) };
  const type = typeof known.type === 'string' ? known.type : present && value !== null ? typeof value : undefined;
  const scalar = typeof value !== 'object';
  const text = present ? String(value) : '';
  const choices = Array.isArray(known.enum) ? known.enum.filter((one) => typeof one === 'string') : [];
  if (scalar && choices.length > 0 && choices.length <= MAX_CHOICES && choices.length === (known.enum as Json[]).length)
    return [{ ...base, kind: 'choice', value: text, choices }];
  if (typeof value === 'string' || (!present && type === 'string'))
    return [{ ...base, kind: text.includes('\n') || text.length > 80 ? 'long' : 'text', value: text }];
  if (typeof value === 'number' || (!present && (type === 'number' || type === 'integer')))
    return [{ ...base, kind: type === 'integer' ? 'integer' : 'number', value: text }];
  if (typeof value === 'boolean' || (!present && type === 'boolean'))
    return [{ ...base, kind: 'boolean', value: text }];
  // What is not there and is no plain value can be given by the API.
  if (!present) return [];
  const list = listOf(value);
  if (list)
    return [{ ...base, kind: 'list', value: list.join('\n'), numbers: list.some((item) => typeof item === 'number') }];
  return [{ ...base, kind: 'json', value: JSON.stringify(value, null, 2) }];
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
