// The fields of a form, from a JSON Schema and the values that it shows.
import { isObject, type Json, type JsonObject, toPointer, valueAt } from './json.ts';
import { resolve, type Schema } from './resolve.ts';

export type Option = { value: Json; label: string };
type Control =
  | { kind: 'text'; format: 'date' | 'date-time' | undefined; isLong: boolean }
  | { kind: 'number' | 'integer' | 'boolean' | 'json' }
  | { kind: 'choice'; options: Option[] }
  | { kind: 'list'; item: 'text' | 'number' | 'integer' }
  | { kind: 'set'; options: Option[] };

export type Field = Control & {
  path: string[];
  pointer: string;
  label: string;
  description: string | undefined;
  /** Whether its object must have it. */
  isRequired: boolean;
  /** The nearest object around it that need not exist; the field is not required while that one is absent. */
  optionalParent: string[] | undefined;
  isNullable: boolean;
  /** The schema of its value, for messages. Empty for a value that the schema does not know. */
  schema: Schema;
};

/** Objects in objects have fields down to this depth; deeper ones are JSON. Arguments begin with `path`, `query`, `body`. */
const MAX_DEPTH = 3;
/** With so many fields, further objects are JSON. Schemas that refer to themselves grow fast. */
const MANY_FIELDS = 200;
const LONG_TEXT = 80;
const LONG_LABEL = 200;

/** The fields of an object, required ones first, else in the order of the schema; then those that the schema does not know. */
export function fieldsOf(schema: Schema, values: Json | undefined): Field[] {
  const start = { root: schema, schema: resolve(schema, schema).schema, values, path: [], optionalParent: undefined };
  return fieldsIn({ ...start, count: { fields: 0 } });
}

type Level = {
  root: Schema;
  schema: Schema;
  values: Json | undefined;
  path: string[];
  optionalParent: string[] | undefined;
  /** Of the whole form. */
  count: { fields: number };
};

function fieldsIn(level: Level): Field[] {
  const { schema, values, path, count } = level;
  const properties = propertiesOf(schema);
  count.fields += properties.size;
  const required = new Set(Array.isArray(schema.required) ? schema.required : []);
  const known = [...properties].sort(([a], [b]) => Number(required.has(b)) - Number(required.has(a)));
  const unknown = Object.keys(isObject(values) ? values : {}).filter((name) => !properties.has(name));
  return [
    ...known.flatMap(([name, property]) => fieldsFor(level, name, property, required.has(name))),
    ...unknown.map((name) => ({
      ...baseField(level, name, {}, false),
      kind: 'json' as const,
      isNullable: false,
      path: [...path, name],
    })),
  ];
}

const propertiesOf = (schema: Schema): Map<string, unknown> =>
  new Map(Object.entries(isObject(schema.properties) ? schema.properties : {}));

function fieldsFor(level: Level, name: string, property: unknown, isRequired: boolean): Field[] {
  const { schema, isNullable } = resolve(level.root, property);
  const ownPath = [...level.path, name];
  const value = valueAt(level.values, [name]);
  const isGroup = isPlainObject(schema) && !isNullable && (value === undefined || isObject(value));
  if (isGroup && ownPath.length <= MAX_DEPTH && level.count.fields < MANY_FIELDS) {
    const optionalParent = isRequired ? level.optionalParent : ownPath;
    return fieldsIn({ ...level, schema, values: value, path: ownPath, optionalParent });
  }
  const field = baseField(level, name, schema, isRequired);
  const control = controlOf(schema, value);
  return [{ ...field, ...(fits(control, value, isNullable) ? control : { kind: 'json' }), isNullable }];
}

const isPlainObject = (schema: Schema): boolean =>
  propertiesOf(schema).size > 0 &&
  (schema.type === undefined || schema.type === 'object') &&
  !COMBINED.some((keyword) => keyword in schema);

function baseField({ path, optionalParent }: Level, name: string, schema: Schema, isRequired: boolean) {
  const ownPath = [...path, name];
  return {
    path: ownPath,
    pointer: toPointer(ownPath),
    label: [...parentsIn(path), titleOf(schema) ?? name].join(' › '),
    description: typeof schema.description === 'string' && schema.description !== '' ? schema.description : undefined,
    isRequired,
    optionalParent,
    schema,
  };
}

const titleOf = ({ title }: Schema): string | undefined =>
  typeof title === 'string' && title !== '' ? title.slice(0, LONG_LABEL) : undefined;

/** The parts of a request, in which tools of OpenAPI documents have their arguments. They say nothing to people. */
const REQUEST_PARTS = new Set(['path', 'query', 'body', 'header', 'headers', 'cookie']);
const parentsIn = ([first, ...rest]: readonly string[]): readonly string[] =>
  first === undefined || REQUEST_PARTS.has(first) ? rest : [first, ...rest];

const COMBINED = ['oneOf', 'anyOf', 'allOf', 'not', 'if', '$ref'];

function controlOf(schema: Schema, value: Json | undefined): Control {
  const options = optionsOf(schema);
  if (options) return { kind: 'choice', options };
  if (COMBINED.some((keyword) => keyword in schema)) return { kind: 'json' };
  switch (schema.type) {
    case 'string':
      return textControl(schema, value);
    case 'number':
    case 'integer':
    case 'boolean':
      return { kind: schema.type };
    case 'array':
      return listControl(schema);
    default:
      return { kind: 'json' };
  }
}

function textControl({ format, maxLength }: Schema, value: Json | undefined): Control {
  const isDay = format === 'date' && (value === undefined || value === null || /^\d{4}-\d\d-\d\d$/.test(String(value)));
  const isLong =
    typeof value === 'string'
      ? value.length > LONG_TEXT || /[\r\n]/.test(value)
      : typeof maxLength === 'number' && maxLength > LONG_LABEL;
  return { kind: 'text', format: isDay ? 'date' : format === 'date-time' ? format : undefined, isLong };
}

function listControl({ items }: Schema): Control {
  if (!isObject(items) || COMBINED.some((keyword) => keyword in items && keyword !== 'oneOf')) return { kind: 'json' };
  const options = optionsOf(items);
  if (options) return { kind: 'set', options };
  if (items.type === 'string') return { kind: 'list', item: 'text' };
  if (items.type === 'number' || items.type === 'integer') return { kind: 'list', item: items.type };
  return { kind: 'json' };
}

/** The values of `enum`, `const`, or `oneOf` with constants; undefined if any value may be entered. */
function optionsOf(schema: Schema): Option[] | undefined {
  if ('const' in schema) return [toOption(schema.const as Json)];
  if (Array.isArray(schema.enum) && schema.enum.length > 0) {
    const names = Array.isArray(schema.enumNames) ? schema.enumNames : [];
    return schema.enum.map((value, i) => toOption(value as Json, names[i]));
  }
  const { oneOf } = schema;
  if (!Array.isArray(oneOf) || oneOf.length === 0) return undefined;
  const constants = oneOf.filter((each): each is JsonObject => isObject(each) && 'const' in each);
  return constants.length === oneOf.length
    ? constants.map(({ const: value, title }) => toOption(value!, title))
    : undefined;
}

const toOption = (value: Json, name?: unknown): Option => ({
  value,
  label: typeof name === 'string' && name !== '' ? name : typeof value === 'string' ? value : JSON.stringify(value),
});

/** Whether the control can show the value without changing it. */
function fits(control: Control, value: Json | undefined, isNullable: boolean): boolean {
  if (value === undefined || (value === null && isNullable)) return true;
  switch (control.kind) {
    case 'text':
      return typeof value === 'string';
    case 'integer':
    case 'number':
      return typeof value === 'number';
    case 'boolean':
      return typeof value === 'boolean';
    case 'list':
      return Array.isArray(value) && value.every((item) => isLine(item, control.item));
    case 'set':
      return Array.isArray(value) && value.every((item) => control.options.some((option) => option.value === item));
    default:
      return true;
  }
}

const isLine = (item: Json, kind: 'text' | 'number' | 'integer'): boolean =>
  kind === 'text'
    ? typeof item === 'string' && item.trim() === item && item !== '' && !/[\r\n]/.test(item)
    : typeof item === 'number';
