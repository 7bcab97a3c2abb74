import type { JsonSchema } from '@errand/contracts';
import { RE2JS } from 're2js';
import { atPointer, type Context, isNode, member, type Node, step, textOf } from './document.ts';
import { limits } from './limits.ts';

/** input: what a caller may send (no readOnly members, objects closed). output: what comes back (no writeOnly ones). */
export type Direction = 'input' | 'output';

/** One tool's schema while it is written: its definitions, which are filled later, nearest first. */
export type Draft = {
  direction: Direction;
  names: Map<string, string>;
  queue: { name: string; ref: string; closed: boolean }[];
};

export const newDraft = (direction: Direction): Draft => ({ direction, names: new Map(), queue: [] });

const jsonTypes = new Set(['null', 'boolean', 'object', 'array', 'number', 'string', 'integer']);
const counts = ['maxLength', 'minLength', 'maxItems', 'minItems', 'maxProperties', 'minProperties'] as const;
const composed = ['allOf', 'anyOf', 'oneOf'] as const;
const maxMerged = 16;

/**
 * Writes a schema of the document as draft-07.
 * @param closed objects that say nothing about further members get `additionalProperties: false`; off inside allOf,
 *   where each part sees the members of the others
 * @returns a schema whose `$ref`s name `#/$defs/…` of the draft
 */
export function writeSchema(context: Context, draft: Draft, value: unknown, at: string, closed: boolean): JsonSchema {
  return new Writer(context, draft).write(value, at, closed, 0) as JsonSchema;
}

/** Fills the draft's definitions, nearest first, until the budget is spent; further ones accept anything. */
export function writeDefinitions(context: Context, draft: Draft, budget: { bytes: number; subschemas: number }) {
  const definitions: Record<string, unknown> = {};
  const writer = new Writer(context, draft);
  let bytes = budget.bytes;
  let subschemas = budget.subschemas;
  let cut = 0;
  for (let one = draft.queue.shift(); one; one = draft.queue.shift()) {
    const known = draft.names.size;
    const queued = draft.queue.length;
    const before = writer.subschemas;
    const schema = writer.write(atPointer(context.root, one.ref), one.ref.slice(1), one.closed, 1);
    const size = JSON.stringify(schema).length + one.name.length + 8;
    subschemas -= writer.subschemas - before;
    if (size > bytes || subschemas < 0) {
      // What only this definition asked for is not needed any more.
      draft.queue.length = queued;
      for (const key of [...draft.names.keys()].slice(known)) draft.names.delete(key);
      subschemas += writer.subschemas - before;
      definitions[one.name] = {};
      cut++;
      continue;
    }
    bytes -= size;
    definitions[one.name] = schema;
  }
  return { definitions, cut };
}

class Writer {
  subschemas = 0;

  constructor(
    private readonly context: Context,
    private readonly draft: Draft,
  ) {}

  write(value: unknown, at: string, closed: boolean, depth: number): JsonSchema | boolean {
    this.subschemas++;
    if (typeof value === 'boolean') return this.context.version === '3.1' ? value : {};
    if (!isNode(value) || depth > limits.schemaDepth) return {};
    const ref = textOf(member(value, '$ref'));
    if (ref !== undefined) return this.#reference(value, ref, at, closed, depth);
    return this.#nullable(value, this.#plain(value, at, closed, depth));
  }

  #reference(value: Node, ref: string, at: string, closed: boolean, depth: number): JsonSchema {
    const target = atPointer(this.context.root, ref);
    if (!isNode(target) && typeof target !== 'boolean') {
      this.context.warn(step(at, '$ref'), `${ref.slice(0, 200)} points at nothing; any value is accepted there.`);
      return {};
    }
    const link = { $ref: `#/$defs/${this.#define(ref, closed)}` };
    if (this.context.version === '3.0') return link;
    const { $ref: _ref, ...siblings } = value;
    // Draft-07 ignores what stands beside a reference.
    const beside = this.write(siblings, at, false, depth + 1) as JsonSchema;
    const { description, title, ...rules } = beside;
    if (Object.keys(rules).length > 0) return { allOf: [link, beside] };
    const text = description ?? title;
    return text === undefined ? link : { allOf: [link], description: text };
  }

  #define(ref: string, closed: boolean): string {
    const key = `${closed ? 'closed' : 'open'} ${ref}`;
    const known = this.draft.names.get(key);
    if (known !== undefined) return known;
    const last =
      ref
        .split('/')
        .at(-1)
        ?.replace(/[^a-zA-Z0-9_.-]+/g, '_') || 'Schema';
    const taken = new Set(this.draft.names.values());
    const base = last === '__proto__' ? 'proto' : last;
    let name = base;
    for (let n = 2; taken.has(name); n++) name = `${base}_${n}`;
    this.draft.names.set(key, name);
    this.draft.queue.push({ name, ref, closed });
    return name;
  }

  #nullable(value: Node, schema: JsonSchema): JsonSchema {
    if (this.context.version !== '3.0' || member(value, 'nullable') !== true) return schema;
    if (Array.isArray(schema.enum) && !schema.enum.includes(null)) schema.enum = [...schema.enum, null];
    if (typeof schema.type === 'string') return { ...schema, type: [schema.type, 'null'] };
    if (composed.some((key) => key in schema)) {
      const { description, ...rest } = schema;
      return { ...(description === undefined ? {} : { description }), anyOf: [rest, { type: 'null' }] };
    }
    return schema;
  }

  #plain(value: Node, at: string, closed: boolean, depth: number): JsonSchema {
    const parts = member(value, 'allOf');
    if (Array.isArray(parts)) {
      const merged = this.#merge(value, 0);
      if (merged) return this.#plain(merged, at, closed, depth);
    }
    const out: JsonSchema = {};
    this.#annotations(value, out);
    this.#type(value, out, at);
    this.#assertions(value, out, at);
    this.#composition(value, out, at, closed, depth);
    this.#object(value, out, at, closed, depth);
    this.#array(value, out, at, depth);
    return out;
  }

  /** One object for an allOf of plain objects whose members differ; undefined when it cannot be said that simply. */
  #merge(value: Node, hops: number): Node | undefined {
    const parts = member(value, 'allOf') as unknown[];
    if (hops > maxMerged || composed.slice(1).some((key) => member(value, key) !== undefined)) return undefined;
    const { allOf: _parts, ...rest } = value;
    const out: Node = { ...rest };
    for (const part of parts) {
      let one: unknown = part;
      for (let n = 0; isNode(one) && typeof member(one, '$ref') === 'string'; n++) {
        if (n > maxMerged || (this.context.version === '3.1' && Object.keys(one).length > 1)) return undefined;
        one = atPointer(this.context.root, member(one, '$ref') as string);
      }
      if (!isNode(one)) return undefined;
      if (Array.isArray(member(one, 'allOf'))) one = this.#merge(one, hops + 1);
      if (!isNode(one) || !mergeInto(out, one)) return undefined;
    }
    return out;
  }

  #annotations(value: Node, out: JsonSchema): void {
    const title = textOf(member(value, 'title'));
    const description = textOf(member(value, 'description'));
    if (title !== undefined && title.length <= 200) out.title = title;
    if (description !== undefined) out.description = description.slice(0, 500);
    if (member(value, 'default') !== undefined) out.default = member(value, 'default');
    const example = member(value, 'example');
    const examples = member(value, 'examples');
    if (Array.isArray(examples)) out.examples = examples.slice(0, 2);
    else if (example !== undefined) out.examples = [example];
    const size = JSON.stringify([out.default, out.examples]).length;
    if (size > 1_000) {
      delete out.default;
      delete out.examples;
    }
  }

  #type(value: Node, out: JsonSchema, at: string): void {
    const type = member(value, 'type');
    if (type === undefined) return;
    const all = (Array.isArray(type) ? type : [type]).filter((one) => jsonTypes.has(one as string));
    if (all.length === 1) out.type = all[0];
    else if (all.length > 1) out.type = [...new Set(all)];
    else if (type === 'file') out.type = 'string';
    else this.context.warn(step(at, 'type'), `${JSON.stringify(type)?.slice(0, 80)} is no type; it was left out.`);
  }

  #assertions(value: Node, out: JsonSchema, at: string): void {
    const drop = (key: string, why: string) => this.context.warn(step(at, key), `${key} was left out: ${why}.`);
    for (const key of counts) {
      const count = member(value, key);
      if (count === undefined) continue;
      if (Number.isSafeInteger(count) && (count as number) >= 0) out[key] = count;
      else drop(key, 'it must be a whole number');
    }
    for (const [bound, exclusive] of [
      ['minimum', 'exclusiveMinimum'],
      ['maximum', 'exclusiveMaximum'],
    ] as const) {
      const limit = member(value, bound);
      const strict = member(value, exclusive);
      if (typeof limit === 'number') out[strict === true ? exclusive : bound] = limit;
      else if (limit !== undefined) drop(bound, 'it must be a number');
      if (typeof strict === 'number') out[exclusive] = strict;
    }
    const multiple = member(value, 'multipleOf');
    if (typeof multiple === 'number' && multiple > 0) out.multipleOf = multiple;
    if (member(value, 'uniqueItems') === true) out.uniqueItems = true;
    for (const key of ['format', 'contentEncoding', 'contentMediaType']) {
      const text = textOf(member(value, key));
      if (text !== undefined && text.length <= 100) out[key] = text;
    }
    if (member(value, 'const') !== undefined && this.context.version === '3.1') out.const = member(value, 'const');
    this.#choices(value, out, drop);
    const pattern = member(value, 'pattern');
    if (pattern === undefined) return;
    if (usablePattern(pattern)) out.pattern = pattern;
    else drop('pattern', 'look-around, back references and broken or long patterns are not supported');
  }

  #choices(value: Node, out: JsonSchema, drop: (key: string, why: string) => void): void {
    const choices = member(value, 'enum');
    if (choices === undefined) return;
    const fault =
      !Array.isArray(choices) || choices.length === 0
        ? 'it must be a list of values'
        : choices.length > limits.enumValues && `it has more than ${limits.enumValues} values`;
    if (fault) {
      drop('enum', fault);
      return;
    }
    const seen = new Map((choices as unknown[]).map((one) => [JSON.stringify(one), one]));
    out.enum = [...seen.values()];
  }

  #composition(value: Node, out: JsonSchema, at: string, closed: boolean, depth: number): void {
    // Branches of a bare choice stand for the whole value; beside other rules they see only a part of it.
    const alone = closed && member(value, 'properties') === undefined && member(value, 'allOf') === undefined;
    for (const key of composed) {
      const parts = member(value, key);
      if (!Array.isArray(parts) || parts.length === 0) continue;
      const list = parts.map((part, index) =>
        this.write(part, step(step(at, key), index), key !== 'allOf' && alone, depth + 1),
      );
      out[key] = list;
    }
    for (const key of ['not', 'if', 'then', 'else', 'contains', 'propertyNames'] as const) {
      const part = member(value, key);
      if (part !== undefined && (key === 'not' || this.context.version === '3.1')) {
        out[key] = this.write(part, step(at, key), false, depth + 1);
      }
    }
  }

  #object(value: Node, out: JsonSchema, at: string, closed: boolean, depth: number): void {
    const properties = member(value, 'properties');
    const hidden = new Set<string>();
    if (isNode(properties)) {
      const written: Record<string, unknown> = {};
      for (const [name, property] of Object.entries(properties)) {
        if (this.#isHidden(property)) hidden.add(name);
        else written[name] = this.write(property, step(step(at, 'properties'), name), true, depth + 1);
      }
      out.properties = written;
    }
    const required = member(value, 'required');
    if (Array.isArray(required)) {
      const names = [...new Set(required)].filter((name) => typeof name === 'string' && !hidden.has(name));
      if (names.length > 0) out.required = names;
    } else if (required !== undefined) {
      this.context.warn(step(at, 'required'), 'required was left out: it must be a list of member names.');
    }
    const patterns = member(value, 'patternProperties');
    if (isNode(patterns) && this.context.version === '3.1') {
      const usable = Object.entries(patterns).filter(([pattern]) => usablePattern(pattern));
      out.patternProperties = Object.fromEntries(
        usable.map(([pattern, part]) => [pattern, this.write(part, step(at, 'patternProperties'), true, depth + 1)]),
      );
    }
    const dependent = member(value, 'dependentRequired');
    if (isNode(dependent)) {
      const lists = Object.entries(dependent).filter(
        ([, names]) => Array.isArray(names) && names.every((name) => typeof name === 'string'),
      );
      out.dependencies = Object.fromEntries(lists);
    }
    const further = member(value, 'additionalProperties');
    if (typeof further === 'boolean') out.additionalProperties = further;
    else if (isNode(further))
      out.additionalProperties = this.write(further, step(at, 'additionalProperties'), true, depth + 1);
    else if (this.#mayClose(value, out, closed)) out.additionalProperties = false;
  }

  #mayClose(value: Node, out: JsonSchema, closed: boolean): boolean {
    return (
      closed &&
      this.draft.direction === 'input' &&
      out.properties !== undefined &&
      out.patternProperties === undefined &&
      !composed.some((key) => out[key] !== undefined) &&
      member(value, 'if') === undefined
    );
  }

  #isHidden(property: unknown): boolean {
    const key = this.draft.direction === 'input' ? 'readOnly' : 'writeOnly';
    let at = property;
    for (let hops = 0; isNode(at) && hops < 16; hops++) {
      if (member(at, key) === true) return true;
      const ref = textOf(member(at, '$ref'));
      if (ref === undefined) return false;
      at = atPointer(this.context.root, ref);
    }
    return false;
  }

  #array(value: Node, out: JsonSchema, at: string, depth: number): void {
    const items = member(value, 'items');
    const first = member(value, 'prefixItems');
    if (Array.isArray(first) && first.length > 0) {
      out.items = first.map((item, index) => this.write(item, step(step(at, 'prefixItems'), index), true, depth + 1));
      if (items !== undefined) out.additionalItems = this.write(items, step(at, 'items'), true, depth + 1);
    } else if (items !== undefined) {
      out.items = this.write(items, step(at, 'items'), true, depth + 1);
    }
  }
}

/** Whether the linear-time engine that later checks values can read it. */
export function usablePattern(pattern: unknown): pattern is string {
  if (typeof pattern !== 'string' || pattern.length > limits.patternLength) return false;
  try {
    RE2JS.compile(RE2JS.translateRegExp(pattern));
    return true;
  } catch {
    return false;
  }
}

const mergeable = new Set([
  'type',
  'properties',
  'required',
  'title',
  'description',
  'example',
  'examples',
  'nullable',
  'deprecated',
  'externalDocs',
  'xml',
  'discriminator',
  'default',
]);

function mergeInto(out: Node, part: Node): boolean {
  for (const [key, value] of Object.entries(part)) {
    if (key.startsWith('x-')) continue;
    if (!mergeable.has(key)) return false;
    if (key === 'properties') {
      const before = isNode(out.properties) ? out.properties : {};
      if (!isNode(value)) return false;
      for (const name of Object.keys(value)) {
        if (Object.hasOwn(before, name) && before[name] !== value[name]) return false;
      }
      out.properties = { ...before, ...value };
    } else if (key === 'required') {
      const before = Array.isArray(out.required) ? out.required : [];
      if (Array.isArray(value)) out.required = [...before, ...value];
    } else if (key === 'type') {
      if (out.type !== undefined && JSON.stringify(out.type) !== JSON.stringify(value)) return false;
      out.type = value;
    } else if (key !== 'discriminator' && out[key] === undefined) {
      out[key] = value;
    }
  }
  return true;
}
