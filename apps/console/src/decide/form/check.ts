// Messages about values before they are sent. They are a help: the service decides.
import type { Field } from './fields.ts';
import { isEqual, isObject, type Json, valueAt } from './json.ts';

/** Why the value of a field is not valid; undefined if it may be. */
export function faultOf(field: Field, values: Json | undefined): string | undefined {
  const value = valueAt(values, field.path);
  if (value === undefined) return isMissing(field, values) ? 'Required.' : undefined;
  if (value === null && field.isNullable) return undefined;
  return typeFault(field, value) ?? choiceFault(field, value) ?? boundFault(field.schema, value);
}

function isMissing({ isRequired, optionalParent }: Field, values: Json | undefined): boolean {
  return isRequired && (optionalParent === undefined || valueAt(values, optionalParent) !== undefined);
}

const TYPES: Record<string, (value: Json) => boolean> = {
  string: (value) => typeof value === 'string',
  number: (value) => typeof value === 'number',
  integer: (value) => Number.isInteger(value),
  boolean: (value) => typeof value === 'boolean',
  array: Array.isArray,
  object: isObject,
  null: (value) => value === null,
};
const TYPE_NAMES: Record<string, string> = {
  string: 'A text',
  number: 'A number',
  integer: 'A whole number',
  boolean: 'Yes or no',
  array: 'A list',
  object: 'An object',
  null: 'No value',
};

function typeFault({ schema }: Field, value: Json): string | undefined {
  const { type } = schema;
  if (typeof type !== 'string' || !Object.hasOwn(TYPES, type) || TYPES[type]!(value)) return undefined;
  return `${TYPE_NAMES[type]} is expected.`;
}

function choiceFault(field: Field, value: Json): string | undefined {
  if (field.kind !== 'choice') return undefined;
  return field.options.some((option) => isEqual(option.value, value)) ? undefined : 'Choose one of the values.';
}

function boundFault(schema: Field['schema'], value: Json): string | undefined {
  if (typeof value === 'number') return numberFault(schema, value);
  if (typeof value === 'string') return textFault(schema, value);
  if (Array.isArray(value)) return listFault(schema, value);
  return undefined;
}

const isNumber = (value: unknown): value is number => typeof value === 'number';

function numberFault({ minimum, maximum, exclusiveMinimum, exclusiveMaximum }: Field['schema'], value: number) {
  if (isNumber(minimum) && value < minimum) return `At least ${minimum}.`;
  if (isNumber(maximum) && value > maximum) return `At most ${maximum}.`;
  if (isNumber(exclusiveMinimum) && value <= exclusiveMinimum) return `More than ${exclusiveMinimum}.`;
  if (isNumber(exclusiveMaximum) && value >= exclusiveMaximum) return `Less than ${exclusiveMaximum}.`;
  return undefined;
}

function textFault({ minLength, maxLength, pattern, format }: Field['schema'], value: string): string | undefined {
  const length = [...value].length;
  if (isNumber(minLength) && length < minLength) return `At least ${minLength} characters.`;
  if (isNumber(maxLength) && length > maxLength) return `At most ${maxLength} characters; there are ${length}.`;
  if (format === 'date-time' && !DATE_TIME.test(value))
    return 'A time with its zone is expected: 2027-01-31T09:30:00Z.';
  if (format === 'date' && !/^\d{4}-\d\d-\d\d$/.test(value)) return 'A day is expected: 2027-01-31.';
  return typeof pattern === 'string' && !matches(pattern, value) ? `Must match ${pattern}` : undefined;
}

const DATE_TIME = /^\d{4}-\d\d-\d\d[Tt ]\d\d:\d\d:\d\d(\.\d+)?([Zz]|[+-]\d\d:?\d\d)$/;

function listFault({ minItems, maxItems }: Field['schema'], value: Json[]): string | undefined {
  if (isNumber(minItems) && value.length < minItems) return `At least ${minItems} entries.`;
  if (isNumber(maxItems) && value.length > maxItems) return `At most ${maxItems} entries.`;
  return undefined;
}

const PATTERN_LIMITS = { pattern: 200, text: 200, repetitions: 3 };

/** Tests only patterns that end quickly for any text; a tool writes them. Others are left to the service. */
function matches(pattern: string, value: string): boolean {
  if (pattern.length > PATTERN_LIMITS.pattern || value.length > PATTERN_LIMITS.text || !isQuick(pattern)) return true;
  try {
    // inserts a pattern: both lengths are limited, and `isQuick` allows no nested repetition
    return new RegExp(pattern, 'u').test(value);
  } catch {
    return true;
  }
}

/** No repeated group, no reference to a group, and few repetitions without a bound. */
function isQuick(pattern: string): boolean {
  if (/\)[*+{]|\\[1-9k]/.test(pattern)) return false;
  return (pattern.match(/[*+]|\{\d+,\d*\}/g) ?? []).length <= PATTERN_LIMITS.repetitions;
}
