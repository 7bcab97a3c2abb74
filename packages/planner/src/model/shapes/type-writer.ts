import { isRecord } from '@errand/basics/is-record';
import { cleanText } from '@errand/basics/plain-words';
import type { JsonSchema } from '@errand/contracts';
import { follow } from '../../follow.ts';
import { NamedTypes } from './named-types.ts';
import { type Detail, literal, notesOf, shortened } from './notes.ts';

type Written = { text: string; notes: readonly string[] };
type At = { depth: number; hint: string; within: readonly string[] };
type Node = Record<string, unknown>;

/** Maximum number of parts of one schema; all further ones are `any`. */
const MAX_PARTS = 4000;
const MAX_ALTERNATIVES = 12;
/** Maximum number of member names of an object that is too deep. */
const MAX_NAMES = 8;
const MAX_NAME_LENGTH = 128;
/** Maximum characters of the names of omitted members. */
const MAX_LEFT = 200;

/** Writes one JSON Schema as a type, in the manner of TypeScript: `{id: string, dueOn?: string<date> /* the last day *\/}`. */
export class TypeWriter {
  readonly #known = new Map<string, Written>();
  readonly #recursive = new Set<string>();
  #parts = 0;

  constructor(
    private readonly root: JsonSchema,
    private readonly detail: Detail,
    private readonly types: NamedTypes,
  ) {}

  /** @param hint for the name of the outermost type */
  write(hint: string): string {
    const { text, notes } = this.#type(this.root, { depth: 1, hint, within: [] });
    return `${text}${NamedTypes.comment('', notes)}`;
  }

  #type(schema: unknown, at: At): Written {
    if (schema === false) return { text: 'never', notes: [] };
    if (!isRecord(schema) || ++this.#parts > MAX_PARTS) return { text: 'any', notes: [] };
    if (typeof schema.$ref === 'string') return this.#reference(schema, schema.$ref, at);
    const notes = notesOf(schema, this.detail);
    if ('const' in schema) return { text: literal(schema.const) ?? 'string', notes };
    if (Array.isArray(schema.enum)) return this.#choices(schema.enum, notes, at);
    const parts = this.#combined(schema, at);
    if (parts) return { ...parts, notes: [...notes, ...parts.notes] };
    const types = Array.isArray(schema.type) ? schema.type : [schema.type];
    const written = types.map((type) => this.#ofType(type, schema, at));
    if (schema.nullable === true) written.push({ text: 'null', notes: [] });
    return union(written, notes);
  }

  #reference(schema: Node, $ref: string, at: At): Written {
    const hint = cleanText($ref.slice($ref.lastIndexOf('/') + 1)) || at.hint;
    if (at.within.includes($ref)) {
      this.#recursive.add($ref);
      return { text: NamedTypes.selfReference(hint), notes: [] };
    }
    const key = `${at.depth} ${$ref}`;
    const { $ref: _, ...beside } = schema;
    const cached = this.#known.get(key);
    const target = cached ?? this.#type(follow({ $ref }, this.root), { ...at, hint, within: [...at.within, $ref] });
    const text = this.#recursive.has($ref) && !cached ? this.types.add(target.text, hint, true) : target.text;
    this.#known.set(key, { text, notes: target.notes });
    const ownNotes = notesOf(beside, this.detail);
    // Notes on the target itself would be repeated at each reference.
    return { text, notes: ownNotes.length > 0 || NamedTypes.startsWithMark(text) ? ownNotes : target.notes };
  }

  #choices(values: readonly unknown[], notes: readonly string[], { hint }: At): Written {
    const texts = [...new Set(values.map(literal).filter((text) => text !== undefined))];
    const choices = texts.slice(0, this.detail.maxChoices);
    if (choices.length === 0) return { text: 'any', notes };
    const omitted = values.length - choices.length;
    const text = choices.join(' | ');
    return {
      text: choices.length > 3 ? this.types.add(text, hint) : text,
      notes: omitted > 0 ? [`${omitted} more choices`, ...notes] : notes,
    };
  }

  /** Combines allOf, anyOf and oneOf with the properties next to them. */
  #combined(schema: Node, at: At): Written | undefined {
    const of = (key: string) => (Array.isArray(schema[key]) ? (schema[key] as unknown[]) : []);
    const all = of('allOf');
    const any = [...of('anyOf'), ...of('oneOf')];
    if (all.length + any.length === 0) return undefined;
    const write = (part: unknown) => this.#type(part, at);
    const ofProperties = isRecord(schema.properties) ? [this.#object(schema, at)] : [];
    const both = [...ofProperties, ...all.slice(0, MAX_ALTERNATIVES).map(write)];
    const either = union(any.slice(0, MAX_ALTERNATIVES).map(write), []);
    const more = any.length > MAX_ALTERNATIVES ? [`${any.length - MAX_ALTERNATIVES} more forms`] : [];
    const nullable = schema.nullable === true ? [{ text: 'null', notes: [] }] : [];
    if (both.length === 0) return union([either, ...nullable], more);
    const texts = [...new Set(both.map(({ text }) => grouped(text)))].filter((text) => text !== 'any');
    if (any.length > 0) texts.push(grouped(either.text));
    const text = texts.length === 0 ? 'any' : texts.length === 1 ? texts[0]! : texts.join(' & ');
    return union([{ text, notes: both.flatMap(({ notes }) => notes) }, ...nullable], more);
  }

  #ofType(type: unknown, schema: Node, at: At): Written {
    switch (type) {
      case 'string': {
        const format = typeof schema.format === 'string' ? cleanText(schema.format).slice(0, 40) : '';
        return { text: format && /^[\w-]+$/.test(format) ? `string<${format}>` : 'string', notes: [] };
      }
      case 'integer':
      case 'number':
      case 'boolean':
      case 'null':
        return { text: type, notes: [] };
      case 'array':
        return this.#list(schema, at);
      case 'object':
        return this.#object(schema, at);
      default:
        if (isRecord(schema.properties) || isRecord(schema.additionalProperties)) return this.#object(schema, at);
        return 'items' in schema ? this.#list(schema, at) : { text: 'any', notes: [] };
    }
  }

  #list(schema: Node, at: At): Written {
    const tuple = Array.isArray(schema.prefixItems) ? schema.prefixItems : schema.items;
    if (Array.isArray(tuple)) {
      const items = tuple.slice(0, MAX_ALTERNATIVES).map((item) => this.#type(item, at).text);
      return { text: `[${items.join(', ')}]`, notes: [] };
    }
    const { text, notes } = this.#type(schema.items, at);
    return { text: `${grouped(text)}[]`, notes };
  }

  #object(schema: Node, at: At): Written {
    const properties = Object.entries(isRecord(schema.properties) ? schema.properties : {});
    const others = schema.additionalProperties;
    if (properties.length === 0) {
      if (!isRecord(others)) return { text: others === false ? '{}' : 'object', notes: [] };
      if (at.depth > this.detail.maxDepth) return { text: 'object', notes: [] };
      const { text, notes } = this.#type(others, { ...at, depth: at.depth + 1 });
      return { text: `Record<string, ${text}>`, notes };
    }
    if (at.depth > this.detail.maxDepth) {
      const names = properties.slice(0, MAX_NAMES).map(([name]) => memberName(name));
      const more = properties.length > MAX_NAMES ? ', …' : '';
      return { text: 'object', notes: [`with ${names.join(', ')}${more}`] };
    }
    const required = new Set(Array.isArray(schema.required) ? schema.required : []);
    const fit = properties.filter(([name]) => name.length <= MAX_NAME_LENGTH);
    const first = [...fit.filter(([name]) => required.has(name)), ...fit.filter(([name]) => !required.has(name))];
    const displayNames = new Set(first.slice(0, this.detail.maxMembers).map(([name]) => name));
    const members = fit.flatMap(([name, child]) => {
      if (!displayNames.has(name)) return [];
      const { text, notes } = this.#type(child, { ...at, depth: at.depth + 1, hint: name });
      return [
        `${memberName(name)}${required.has(name) ? '' : '?'}: ${text}${NamedTypes.comment(cleanText(name), notes)}`,
      ];
    });
    if (isRecord(others)) members.push(`[name: string]: ${this.#type(others, { ...at, depth: at.depth + 1 }).text}`);
    const omitted = properties.flatMap(([name]) => (displayNames.has(name) ? [] : [memberName(name)]));
    if (omitted.length > 0)
      members.push(`/* ${omitted.length} more members: ${shortened(omitted.join(', '), MAX_LEFT)} */`);
    return { text: this.types.add(`{${members.join(', ')}}`, at.hint), notes: [] };
  }
}

function union(written: readonly Written[], notes: readonly string[]): Written {
  const texts = [...new Set(written.map(({ text }) => text))];
  return {
    text: texts.includes('any') ? 'any' : texts.join(' | '),
    notes: [...new Set([...notes, ...written.flatMap((part) => part.notes)])],
  };
}

/** Adds brackets to combined types. A mark may represent a union, so it counts as one. */
const grouped = (text: string): string => (/ [|&] /.test(text) ? `(${text})` : text);

const memberName = (name: string): string =>
  /^[\p{L}_$][\p{L}\p{N}_$]*$/u.test(name) ? name : JSON.stringify(cleanText(name));
