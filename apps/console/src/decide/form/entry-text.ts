// The text of a field, and the value that a text means.
import type { Field } from './fields.ts';
import { isEqual, type Json, parseJson } from './json.ts';

/** value: undefined leaves the field out. */
export type Entered = { value: Json | undefined } | { fault: string };

/** The text that a control shows for a value. Choices have the number of their option. */
export function textOf(field: Field, value: Json | undefined): string {
  if (value === undefined || (value === null && field.kind !== 'json' && field.kind !== 'choice')) return '';
  switch (field.kind) {
    case 'choice': {
      const index = field.options.findIndex((option) => isEqual(option.value, value));
      return index < 0 ? JSON.stringify(value) : String(index);
    }
    case 'list':
      return (value as Json[]).join('\n');
    case 'json':
    case 'set':
      return JSON.stringify(value, null, 2);
    default:
      return String(value);
  }
}

/**
 * The value that a person entered.
 * @param planned the value that was asked for: an empty text is that value again if it is empty too
 */
export function readText(field: Field, text: string, planned: Json | undefined): Entered {
  if (text === '') return { value: emptyValue(field, planned) };
  switch (field.kind) {
    case 'number':
    case 'integer':
      return readNumber(text, field.kind);
    case 'boolean':
      return { value: text === 'true' };
    case 'choice':
      return { value: field.options[Number(text)]?.value ?? planned };
    case 'list':
      return readLines(text, field.item);
    case 'json':
    case 'set':
      return parsedJson(text);
    default:
      return { value: text };
  }
}

function emptyValue({ isNullable, isRequired }: Field, planned: Json | undefined): Json | undefined {
  if (planned === null || planned === '' || (Array.isArray(planned) && planned.length === 0)) return planned;
  return isNullable && isRequired ? null : undefined;
}

function parsedJson(text: string): Entered {
  const parsed = parseJson(text);
  return parsed.fault === undefined ? { value: parsed.value } : { fault: parsed.fault };
}

const NUMBER = /^-?(?:\d+(?:\.\d*)?|\.\d+)(?:[eE][+-]?\d+)?$/;

function readNumber(text: string, kind: 'number' | 'integer'): Entered {
  const trimmed = text.trim();
  if (!NUMBER.test(trimmed) || trimmed.endsWith('.')) return { fault: 'A number is expected, such as 12 or 0.5.' };
  const value = Number(trimmed);
  if (!Number.isFinite(value)) return { fault: 'This number is too large.' };
  if (kind === 'integer' && !Number.isInteger(value)) return { fault: 'A whole number is expected.' };
  if (Number.isInteger(value) && !Number.isSafeInteger(value))
    return { fault: 'This number is too large to be exact. The page cannot send it.' };
  return { value };
}

function readLines(text: string, kind: 'text' | 'number' | 'integer'): Entered {
  const lines = text
    .split('\n')
    .map((line) => line.trim())
    .filter((line) => line !== '');
  if (kind === 'text') return { value: lines };
  const values: Json[] = [];
  for (const [i, line] of lines.entries()) {
    const entered = readNumber(line, kind);
    if ('fault' in entered) return { fault: `Line ${i + 1}: ${entered.fault}` };
    values.push(entered.value!);
  }
  return { value: values };
}
