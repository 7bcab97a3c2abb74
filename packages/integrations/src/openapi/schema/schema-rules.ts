import type { JsonSchema } from '@errand/contracts';
import { RE2JS } from 're2js';
import { stripHidden } from '../../execute/clean.ts';
import { type Context, child, member, type Node, plainText, textOf } from '../document/document.ts';
import { limits } from '../document/limits.ts';

const jsonTypes = new Set(['null', 'boolean', 'object', 'array', 'number', 'string', 'integer']);
const counts = ['maxLength', 'minLength', 'maxItems', 'minItems', 'maxProperties', 'minProperties'] as const;

/** Writes the rules without subschemas: texts, type, bounds, choices, pattern. Leaves out invalid rules. */
export function writeRules(context: Context, schema: Node, out: JsonSchema, pointer: string): void {
  writeAnnotations(schema, out);
  writeType(context, schema, out, pointer);
  writeAssertions(context, schema, out, pointer);
}

function writeAnnotations(schema: Node, out: JsonSchema): void {
  const title = plainText(member(schema, 'title'), limits.schemaTextBytes);
  const description = plainText(member(schema, 'description'), limits.schemaTextBytes);
  if (title !== undefined && title.length <= 200) out.title = title;
  if (description !== undefined) out.description = description;
  if (member(schema, 'default') !== undefined) out.default = withoutHiddenCharacters(member(schema, 'default'));
  const example = member(schema, 'example');
  const examples = member(schema, 'examples');
  if (Array.isArray(examples)) out.examples = withoutHiddenCharacters(examples.slice(0, 2));
  else if (example !== undefined) out.examples = withoutHiddenCharacters([example]);
  const size = JSON.stringify([out.default, out.examples]).length;
  if (size > 1_000) {
    delete out.default;
    delete out.examples;
  }
}

const withoutHiddenCharacters = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_key, part) => (typeof part === 'string' ? stripHidden(part) : part)));

function writeType(context: Context, schema: Node, out: JsonSchema, pointer: string): void {
  const type = member(schema, 'type');
  if (type === undefined) return;
  const types = (Array.isArray(type) ? type : [type]).filter((name) => jsonTypes.has(name as string));
  if (types.length === 1) out.type = types[0];
  else if (types.length > 1) out.type = [...new Set(types)];
  else if (type === 'file') out.type = 'string';
  else context.warn(child(pointer, 'type'), `${JSON.stringify(type)?.slice(0, 80)} was left out: it is not a type.`);
}

type Drop = (key: string, reason: string) => void;

function writeAssertions(context: Context, schema: Node, out: JsonSchema, pointer: string): void {
  const drop: Drop = (key, reason) => context.warn(child(pointer, key), `${key} was left out: ${reason}.`);
  for (const key of counts) {
    const count = member(schema, key);
    if (Number.isSafeInteger(count) && (count as number) >= 0) out[key] = count;
    else if (count !== undefined) drop(key, 'it must be a whole number');
  }
  writeBounds(schema, out, drop);
  if (member(schema, 'uniqueItems') === true) out.uniqueItems = true;
  for (const key of ['format', 'contentEncoding', 'contentMediaType']) {
    const text = textOf(member(schema, key));
    if (text !== undefined && text.length <= 100) out[key] = text;
  }
  if (member(schema, 'const') !== undefined && context.version === '3.1') out.const = member(schema, 'const');
  writeChoices(schema, out, drop);
  const pattern = member(schema, 'pattern');
  if (isUsablePattern(pattern)) out.pattern = pattern;
  else if (pattern !== undefined)
    drop('pattern', 'look-around, back references and broken or long patterns are not supported');
}

function writeBounds(schema: Node, out: JsonSchema, drop: Drop): void {
  for (const [bound, exclusive] of [
    ['minimum', 'exclusiveMinimum'],
    ['maximum', 'exclusiveMaximum'],
  ] as const) {
    const limit = member(schema, bound);
    const exclusiveLimit = member(schema, exclusive);
    if (typeof limit === 'number') out[exclusiveLimit === true ? exclusive : bound] = limit;
    else if (limit !== undefined) drop(bound, 'it must be a number');
    if (typeof exclusiveLimit === 'number') out[exclusive] = exclusiveLimit;
  }
  const multiple = member(schema, 'multipleOf');
  if (typeof multiple === 'number' && multiple > 0) out.multipleOf = multiple;
}

function writeChoices(schema: Node, out: JsonSchema, drop: Drop): void {
  const choices = member(schema, 'enum');
  if (choices === undefined) return;
  const fault =
    !Array.isArray(choices) || choices.length === 0
      ? 'it must be a list of values'
      : choices.length > limits.enumValues && `it has more than ${limits.enumValues} values`;
  if (fault) drop('enum', fault);
  else out.enum = [...new Map((choices as unknown[]).map((choice) => [JSON.stringify(choice), choice])).values()];
}

/** Whether the linear-time engine that checks values supports a pattern. */
export function isUsablePattern(pattern: unknown): pattern is string {
  if (typeof pattern !== 'string' || pattern.length > limits.patternLength) return false;
  try {
    RE2JS.compile(RE2JS.translateRegExp(pattern));
    return true;
  } catch {
    return false;
  }
}
