// The input of an operation from `name=value` arguments, by its schema.
import { usageFailure } from '../outcome/failure.ts';
import type { ArgumentSchema } from './operations.ts';

type Input = Record<string, unknown>;

const MAX_DEPTH = 20;
/** Names of fields with secrets. Other users of the machine can read the arguments of a program. */
const SECRET = /(^|[a-z])(token|password|secret|privatekey|accesskey|credentials?|passthrough)$/i;

/**
 * Reads `name=value`, `outer.name=value` and, for JSON, `name:=value`. A repeated name makes a list.
 * @throws Failure if a value does not have the type that the schema requires, or is a secret
 */
export function parseArguments(pairs: readonly string[], schema: ArgumentSchema): Input {
  const input: Input = {};
  for (const pair of pairs) {
    const [, path, colon, text] = /^([\w.-]+?)(:?)=([\s\S]*)$/.exec(pair) ?? [];
    if (path === undefined || text === undefined)
      throw usageFailure(`"${pair}" is no argument.`, 'Write <name>=<value>, or <name>:=<JSON>.');
    const names = path.split('.');
    if (names.length > MAX_DEPTH || names.includes('__proto__')) throw usageFailure(`"${path}" is no name of a field.`);
    const value = colon ? parseJson(path, text) : parseValue(path, text, schemaAt(schema, names, schema), schema);
    assertNoSecret(names.at(-1)!, value);
    put(input, names, value, acceptsLists(schemaAt(schema, names, schema), schema) && !colon);
  }
  return input;
}

function assertNoSecret(name: string, value: unknown): void {
  if (SECRET.test(name) && (typeof value === 'string' || (typeof value === 'object' && value !== null))) {
    throw usageFailure(
      `${name} may be a secret, and other users of this machine can read arguments.`,
      'Give the input with --input <file>, or --input - for stdin.',
    );
  }
  if (typeof value !== 'object' || value === null) return;
  for (const [inner, member] of Object.entries(value))
    if (typeof member === 'string' || typeof member === 'object') assertNoSecret(inner, member);
}

function put(input: Input, names: readonly string[], value: unknown, isListed: boolean): void {
  let target = input;
  for (const name of names.slice(0, -1)) {
    if (typeof target[name] !== 'object' || target[name] === null) target[name] = {};
    target = target[name] as Input;
  }
  const last = names.at(-1)!;
  const earlier = target[last];
  if (!isListed) target[last] = value;
  else target[last] = [...(Array.isArray(earlier) ? earlier : []), ...(Array.isArray(value) ? value : [value])];
}

/** The alternatives of a schema, with references replaced. */
function alternatives(schema: ArgumentSchema | undefined, root: ArgumentSchema, depth = 0): ArgumentSchema[] {
  if (!schema || depth > MAX_DEPTH) return [];
  const target = schema.$ref?.startsWith('#/$defs/') ? root.$defs?.[schema.$ref.slice('#/$defs/'.length)] : undefined;
  const parts = [
    ...(schema.anyOf ?? []),
    ...(schema.oneOf ?? []),
    ...(schema.allOf ?? []),
    ...(target ? [target] : []),
  ];
  return parts.length === 0 ? [schema] : parts.flatMap((part) => alternatives(part, root, depth + 1));
}

function schemaAt(schema: ArgumentSchema, names: readonly string[], root: ArgumentSchema): ArgumentSchema {
  return names.reduce<ArgumentSchema>((at, name) => {
    const members = alternatives(at, root).flatMap(({ properties, additionalProperties }) => {
      const own = properties && Object.hasOwn(properties, name) ? properties[name] : undefined;
      return own ? [own] : typeof additionalProperties === 'object' ? [additionalProperties] : [];
    });
    return members.length === 1 ? members[0]! : { anyOf: members };
  }, schema);
}

const typesOf = ({ type, enum: values, const: value }: ArgumentSchema): string[] => {
  if (type !== undefined) return [type].flat();
  if (values) return values.map((each) => typeof each);
  return value === undefined ? [] : [typeof value];
};

const acceptsLists = (schema: ArgumentSchema, root: ArgumentSchema): boolean =>
  alternatives(schema, root).some((each) => typesOf(each).includes('array'));

function parseValue(name: string, text: string, schema: ArgumentSchema, root: ArgumentSchema): unknown {
  const all = alternatives(schema, root);
  const types = new Set(all.flatMap(typesOf));
  if (types.has('array'))
    return text.startsWith('[')
      ? parseJson(name, text)
      : parseItem(
          name,
          text,
          all.flatMap(({ items }) => (items ? [items] : [])),
          root,
        );
  // A type that is not known may be anything.
  if (types.size === 0) return jsonOr(text);
  if (types.has('string') && !isOtherScalar(text, types)) return text;
  if ((types.has('number') || types.has('integer')) && text.trim() !== '' && Number.isFinite(Number(text)))
    return Number(text);
  if (types.has('boolean') && (text === 'true' || text === 'false')) return text === 'true';
  if (types.has('null') && text === 'null') return null;
  if (types.has('object')) return parseJson(name, text);
  throw usageFailure(`${name} cannot be "${text}".`, `It must be ${[...types].join(' or ')}.`);
}

/** Whether a field that also takes other types than text means one of them. */
const isOtherScalar = (text: string, types: ReadonlySet<string>): boolean =>
  (types.has('boolean') && /^(true|false)$/.test(text)) || (types.has('number') && /^-?\d+(\.\d+)?$/.test(text));

const parseItem = (name: string, text: string, items: readonly ArgumentSchema[], root: ArgumentSchema): unknown =>
  items.length === 0 ? jsonOr(text) : parseValue(name, text, { anyOf: items }, root);

function jsonOr(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return text;
  }
}

function parseJson(name: string, text: string): unknown {
  try {
    return JSON.parse(text);
  } catch (error) {
    throw usageFailure(`${name} is not JSON: ${(error as Error).message}.`, `Write ${name}:=<JSON>, or use --input.`);
  }
}
