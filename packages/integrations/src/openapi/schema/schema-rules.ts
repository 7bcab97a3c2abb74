import type { JsonSchema } from '@errand/contracts';
import { RE2JS } from 're2js';
import { stripHidden } from '../../execute/clean.ts';
import { type Context, child, member, type Node, plainText, textOf } from '../document/document.ts';
import { limits } from '../document/limits.ts';

const jsonTypes = new Set(['null', 'boolean', 'object', 'array', 'number', 'string', 'integer']);
const counts = ['maxLength', 'minLength', 'maxItems', 'minItems', 'maxProperties', 'minProperties'] as const;

/** Writes the rules without subschemas: texts, type, bounds, choices, pattern. Leaves out invalid rules. */
export function writeRules(context: Context, value: Node, out: JsonSchema, pointer: string): void {
  writeAnnotations(value, out);
  writeType(context, value, out, pointer);
  writeAssertions(context, value, out, pointer);
}

function writeAnnotations(value: Node, out: JsonSchema): void {
  const title = plainText(member(value, 'title'), limits.schemaTextBytes);
  const description = plainText(member(value, 'description'), limits.schemaTextBytes);
  if (title !== undefined && title.length <= 200) out.title = title;
  if (description !== undefined) out.description = description;
  if (member(value, 'default') !== undefined) out.default = withoutHidden(member(value, 'default'));
  const example = member(value, 'example');
  const examples = member(value, 'examples');
  if (Array.isArray(examples)) out.examples = withoutHidden(examples.slice(0, 2));
  else if (example !== undefined) out.examples = withoutHidden([example]);
  const size = JSON.stringify([out.default, out.examples]).length;
  if (size > 1_000) {
    delete out.default;
    delete out.examples;
  }
}

const withoutHidden = (value: unknown): unknown =>
  JSON.parse(JSON.stringify(value, (_key, part) => (typeof part === 'string' ? stripHidden(part) : part)));

function writeType(context: Context, value: Node, out: JsonSchema, pointer: string): void {
  const type = member(value, 'type');
  if (type === undefined) return;
  const types = (Array.isArray(type) ? type : [type]).filter((name) => jsonTypes.has(name as string));
  if (types.length === 1) out.type = types[0];
  else if (types.length > 1) out.type = [...new Set(types)];
  else if (type === 'file') out.type = 'string';
  else context.warn(child(pointer, 'type'), `${JSON.stringify(type)?.slice(0, 80)} was left out: it is not a type.`);
}

type Drop = (key: string, reason: string) => void;

function writeAssertions(context: Context, value: Node, out: JsonSchema, pointer: string): void {
  const drop: Drop = (key, reason) => context.warn(child(pointer, key), `${key} was left out: ${reason}.`);
  for (const key of counts) {
    const count = member(value, key);
    if (Number.isSafeInteger(count) && (count as number) >= 0) out[key] = count;
    else if (count !== undefined) drop(key, 'it must be a whole number');
  }
  writeBounds(value, out, drop);
  if (member(value, 'uniqueItems') === true) out.uniqueItems = true;
  for (const key of ['format', 'contentEncoding', 'contentMediaType']) {
    const text = textOf(member(value, key));
    if (text !== undefined && text.length <= 100) out[key] = text;
  }
  if (member(value, 'const') !== undefined && context.version === '3.1') out.const = member(value, 'const');
  writeChoices(value, out, drop);
  const pattern = member(value, 'pattern');
  if (isUsablePattern(pattern)) out.pattern = pattern;
  else if (pattern !== undefined)
    drop('pattern', 'look-around, back references and broken or long patterns are not supported');
}

function writeBounds(value: Node, out: JsonSchema, drop: Drop): void {
  for (const [bound, exclusive] of [
    ['minimum', 'exclusiveMinimum'],
    ['maximum', 'exclusiveMaximum'],
  ] as const) {
    const limit = member(value, bound);
    const exclusiveLimit = member(value, exclusive);
    if (typeof limit === 'number') out[exclusiveLimit === true ? exclusive : bound] = limit;
    else if (limit !== undefined) drop(bound, 'it must be a number');
    if (typeof exclusiveLimit === 'number') out[exclusive] = exclusiveLimit;
  }
  const multiple = member(value, 'multipleOf');
  if (typeof multiple === 'number' && multiple > 0) out.multipleOf = multiple;
}

function writeChoices(value: Node, out: JsonSchema, drop: Drop): void {
  const choices = member(value, 'enum');
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
