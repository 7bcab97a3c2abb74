import type { JsonSchema } from '@errand/contracts';
import { atPointer, type Context, child, isNode, member, type Node, textOf } from '../document/document.ts';
import { limits } from '../document/limits.ts';
import { type Draft, defineName, type Link } from './draft.ts';
import { isUsablePattern, writeRules } from './schema-rules.ts';

const composed = ['allOf', 'anyOf', 'oneOf'] as const;

/**
 * Converts a schema of the document to draft-07; its `$ref`s refer to `#/$defs/…` of the draft.
 * @param isClosed adds `additionalProperties: false` to objects without it, except within allOf, where each part sees the members of the
 *   others
 */
export function writeSchema(
  context: Context,
  draft: Draft,
  value: unknown,
  { pointer, isClosed }: { pointer: string; isClosed: boolean },
): JsonSchema {
  return new SchemaWriter(context, draft).write(value, { pointer, isClosed, depth: 0 }) as JsonSchema;
}

/** Pointer and depth of a schema, and whether its objects are closed. */
type Position = { pointer: string; isClosed: boolean; depth: number };

const below = (depth: number, pointer: string): Position => ({ pointer, isClosed: true, depth: depth + 1 });

/** Writes schemas of a draft; counts the subschemas, and lists the references. */
export class SchemaWriter {
  subschemas = 0;
  readonly links: Link[] = [];

  constructor(
    private readonly context: Context,
    private readonly draft: Draft,
  ) {}

  write(value: unknown, position: Position): JsonSchema | boolean {
    this.subschemas++;
    if (typeof value === 'boolean') return this.context.version === '3.1' ? value : {};
    if (!isNode(value) || position.depth > limits.schemaDepth) return {};
    const ref = textOf(member(value, '$ref'));
    if (ref !== undefined) return this.#reference(value, ref, position);
    return this.#nullable(value, this.#schemaWithoutRef(value, position));
  }

  #reference(value: Node, ref: string, { pointer, isClosed, depth }: Position): JsonSchema {
    const target = atPointer(this.context.root, ref);
    if (!isNode(target) && typeof target !== 'boolean') {
      const text = `${ref.slice(0, 200)} cannot be resolved; any value is accepted there.`;
      this.context.warn(child(pointer, '$ref'), text);
      return {};
    }
    const link = { $ref: `#/$defs/${this.#define(ref, isClosed)}` };
    if (this.context.version === '3.0') return link;
    const { $ref: _ref, ...siblings } = value;
    // Draft-07 ignores the siblings of a reference.
    const schema = this.write(siblings, { pointer, isClosed: false, depth: depth + 1 }) as JsonSchema;
    const { description, title, ...rules } = schema;
    if (Object.keys(rules).length > 0) return { allOf: [link, schema] };
    const text = description ?? title;
    return text === undefined ? link : { allOf: [link], description: text };
  }

  #define(ref: string, isClosed: boolean): string {
    const name = defineName(this.draft, ref, isClosed);
    this.links.push({ ref, isClosed, name });
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

  #schemaWithoutRef(value: Node, position: Position): JsonSchema {
    const parts = member(value, 'allOf');
    if (Array.isArray(parts)) {
      const merged = mergeParts(this.context, value);
      if (merged) return this.#schemaWithoutRef(merged, position);
    }
    const out: JsonSchema = {};
    writeRules(this.context, value, out, position.pointer);
    this.#composition(value, out, position);
    this.#object(value, out, position);
    this.#array(value, out, position);
    return out;
  }

  #composition(value: Node, out: JsonSchema, { pointer, isClosed, depth }: Position): void {
    // Branches of a choice describe the whole value, unless there are other rules about members.
    const isAlone = isClosed && member(value, 'properties') === undefined && member(value, 'allOf') === undefined;
    for (const key of composed) {
      const parts = member(value, key);
      if (!Array.isArray(parts) || parts.length === 0) continue;
      const position = { isClosed: key !== 'allOf' && isAlone, depth: depth + 1 };
      out[key] = parts.map((part, n) => this.write(part, { ...position, pointer: child(pointer, key, n) }));
    }
    for (const key of ['not', 'if', 'then', 'else', 'contains', 'propertyNames'] as const) {
      const part = member(value, key);
      if (part !== undefined && (key === 'not' || this.context.version === '3.1')) {
        out[key] = this.write(part, { pointer: child(pointer, key), isClosed: false, depth: depth + 1 });
      }
    }
  }

  #object(value: Node, out: JsonSchema, { pointer, isClosed, depth }: Position): void {
    const properties = member(value, 'properties');
    const hidden = new Set<string>();
    if (isNode(properties)) {
      const propertySchemas: Record<string, unknown> = {};
      for (const [name, property] of Object.entries(properties)) {
        if (this.#isHidden(property)) hidden.add(name);
        else propertySchemas[name] = this.write(property, below(depth, child(pointer, 'properties', name)));
      }
      out.properties = propertySchemas;
    }
    const required = member(value, 'required');
    if (Array.isArray(required)) {
      const names = [...new Set(required)].filter((name) => typeof name === 'string' && !hidden.has(name));
      if (names.length > 0) out.required = names;
    } else if (required !== undefined) {
      this.context.warn(child(pointer, 'required'), 'required was left out: it must be a list of member names.');
    }
    this.#dependents(value, out, { pointer, isClosed, depth });
    const further = member(value, 'additionalProperties');
    if (typeof further === 'boolean') out.additionalProperties = further;
    else if (isNode(further))
      out.additionalProperties = this.write(further, below(depth, child(pointer, 'additionalProperties')));
    else if (this.#mayClose(value, out, isClosed)) out.additionalProperties = false;
  }

  #dependents(value: Node, out: JsonSchema, { pointer, depth }: Position): void {
    const patterns = member(value, 'patternProperties');
    if (isNode(patterns) && this.context.version === '3.1') {
      const position = below(depth, child(pointer, 'patternProperties'));
      const usablePatterns = Object.entries(patterns).filter(([pattern]) => isUsablePattern(pattern));
      out.patternProperties = Object.fromEntries(
        usablePatterns.map(([pattern, part]) => [pattern, this.write(part, position)]),
      );
    }
    const dependent = member(value, 'dependentRequired');
    if (isNode(dependent)) {
      const lists = Object.entries(dependent).filter(
        ([, names]) => Array.isArray(names) && names.every((name) => typeof name === 'string'),
      );
      out.dependencies = Object.fromEntries(lists);
    }
  }

  #mayClose(value: Node, out: JsonSchema, isClosed: boolean): boolean {
    return (
      isClosed &&
      this.draft.direction === 'input' &&
      out.properties !== undefined &&
      out.patternProperties === undefined &&
      !composed.some((key) => out[key] !== undefined) &&
      member(value, 'if') === undefined
    );
  }

  #isHidden(property: unknown): boolean {
    const key = this.draft.direction === 'input' ? 'readOnly' : 'writeOnly';
    let current = property;
    for (let hops = 0; isNode(current) && hops < 16; hops++) {
      if (member(current, key) === true) return true;
      const ref = textOf(member(current, '$ref'));
      if (ref === undefined) return false;
      current = atPointer(this.context.root, ref);
    }
    return false;
  }

  #array(value: Node, out: JsonSchema, { pointer, depth }: Position): void {
    const items = member(value, 'items');
    const prefixItems = member(value, 'prefixItems');
    if (Array.isArray(prefixItems) && prefixItems.length > 0) {
      out.items = prefixItems.map((item, n) => this.write(item, below(depth, child(pointer, 'prefixItems', n))));
      if (items !== undefined) out.additionalItems = this.write(items, below(depth, child(pointer, 'items')));
    } else if (items !== undefined) {
      out.items = this.write(items, below(depth, child(pointer, 'items')));
    }
  }
}

const MAX_MERGED = 16;

/** Merges an allOf of plain objects with different members into one object; undefined if that is not possible. */
function mergeParts(context: Context, value: Node, hops = 0): Node | undefined {
  if (hops > MAX_MERGED || ['anyOf', 'oneOf'].some((key) => member(value, key) !== undefined)) return undefined;
  const { allOf: parts, ...out } = value;
  for (const part of parts as unknown[]) {
    const target = targetOf(context, part);
    const merged = target && Array.isArray(member(target, 'allOf')) ? mergeParts(context, target, hops + 1) : target;
    if (!merged || !mergeInto(out, merged)) return undefined;
  }
  return out;
}

/** The target of a part; undefined if a reference has siblings that count, or if there are too many references. */
function targetOf(context: Context, part: unknown): Node | undefined {
  let current = part;
  for (let n = 0; n <= MAX_MERGED + 1; n++) {
    if (!isNode(current)) return undefined;
    const ref = member(current, '$ref');
    if (typeof ref !== 'string') return current;
    if (context.version === '3.1' && Object.keys(current).length > 1) return undefined;
    current = atPointer(context.root, ref);
  }
  return undefined;
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

/** Adds the members of a part. @returns false if they contradict present ones */
const mergeInto = (out: Node, part: Node): boolean =>
  Object.entries(part).every(([key, value]) => key.startsWith('x-') || mergeMember(out, key, value));

function mergeMember(out: Node, key: string, value: unknown): boolean {
  if (!mergeable.has(key)) return false;
  if (key === 'properties') return mergeProperties(out, value);
  if (key === 'type' && out.type !== undefined) return JSON.stringify(out.type) === JSON.stringify(value);
  if (key === 'required') {
    const previous = Array.isArray(out.required) ? out.required : [];
    if (Array.isArray(value)) out.required = [...previous, ...value];
  } else if (key !== 'discriminator' && out[key] === undefined) out[key] = value;
  return true;
}

function mergeProperties(out: Node, added: unknown): boolean {
  if (!isNode(added)) return false;
  const previous = isNode(out.properties) ? out.properties : {};
  if (Object.keys(added).some((name) => Object.hasOwn(previous, name) && previous[name] !== added[name])) return false;
  out.properties = { ...previous, ...added };
  return true;
}
