import { isDeepStrictEqual } from 'node:util';
import { type Awaitable, chain, isPromise } from '@errand/basics/awaitable';
import { isRecord } from '@errand/basics/is-record';
import type { Json, JsonSchema, ToolSpec } from '@errand/contracts';
import type { Db } from '@errand/db';
import { LRUCache } from 'lru-cache';

type SeenOutput = { form: JsonSchema | undefined; writes: number };

/** Limit of writes for each tool in a process, since forms may vary without end. */
const MAX_WRITES = 20;

/**
 * Stores the forms of answers of tools without an output schema, for planners. A form is a JSON Schema with the names of members and
 * types, without values.
 */
export class SeenOutputs {
  /** The stored form of each tool; the promises also serialize its updates. */
  readonly #storedForms = new LRUCache<string, Awaitable<SeenOutput>>({ max: 2000 });

  constructor(private readonly db: Db) {}

  /** Merges the form of an answer into the stored form. Never rejects: later answers provide the form again. */
  record(workspaceId: string, tool: ToolSpec, output: Json): Awaitable<void> {
    const key = `${workspaceId} ${tool.fingerprint} ${tool.name}`;
    const stored = this.#storedForms.get(key) ?? this.#read(workspaceId, tool);
    const updated = chain(stored, (previous) => this.#merge(workspaceId, tool, previous, output));
    this.#storedForms.set(key, updated);
    if (!isPromise(updated)) return;
    return updated.then(
      (form) => {
        if (this.#storedForms.peek(key) === updated) this.#storedForms.set(key, form);
      },
      () => {
        this.#storedForms.delete(key);
      },
    );
  }

  async #read(workspaceId: string, tool: ToolSpec): Promise<SeenOutput> {
    return { form: await this.db.forWorkspace(workspaceId).tools.observedOutputSchema(tool), writes: 0 };
  }

  #merge(workspaceId: string, tool: ToolSpec, previous: SeenOutput, output: Json): Awaitable<SeenOutput> {
    if (previous.writes >= MAX_WRITES) return previous;
    const form = formOf(output);
    const merged = previous.form ? mergeForms(previous.form, form) : form;
    if (isDeepStrictEqual(merged, previous.form)) return previous;
    const { tools } = this.db.forWorkspace(workspaceId);
    return tools.storeObservedOutputSchema(tool, merged).then(() => ({ form: merged, writes: previous.writes + 1 }));
  }
}

/** Limits of a form; deeper and later parts are left out. */
const LIMITS = { depth: 6, members: 40, items: 5, bytes: 4096 };
/** Objects with at least this many members of the same form count as maps. */
const MIN_MAP = 6;

type Form = {
  type?: string | readonly string[];
  properties?: { [name: string]: Form };
  additionalProperties?: Form;
  items?: Form;
};

export const formOf = (value: Json): JsonSchema => bounded((depth) => read(value, depth));

/** The form of values of either form, in at most 4 KiB. */
export const mergeForms = (first: JsonSchema, second: JsonSchema): JsonSchema =>
  bounded((depth) => merge(first as Form, second as Form, depth));

function bounded(make: (depth: number) => Form): JsonSchema {
  for (let depth: number = LIMITS.depth; ; depth--) {
    const form = make(depth);
    if (depth === 0 || Buffer.byteLength(JSON.stringify(form)) <= LIMITS.bytes) return form as JsonSchema;
  }
}

function read(value: Json, depth: number): Form {
  if (Array.isArray(value)) {
    const forms = depth > 0 ? value.slice(0, LIMITS.items).map((item) => read(item, depth - 1)) : [];
    const items = mergeAll(forms, depth - 1);
    return { type: 'array', ...(items && { items }) };
  }
  if (!isRecord(value)) return { type: typeOf(value) };
  if (depth === 0) return { type: 'object' };
  const names = Object.keys(value);
  const firstNames = names.slice(0, LIMITS.members);
  const forms = firstNames.map((name) => read((value as Record<string, Json>)[name]!, depth - 1));
  const byName = Object.fromEntries(firstNames.map((name, index) => [name, forms[index]!]));
  return names.length > LIMITS.members || isMap(names, forms)
    ? mapOf(forms, depth)
    : { type: 'object', properties: byName };
}

const typeOf = (value: Json): string =>
  value === null ? 'null' : Number.isInteger(value) ? 'integer' : (typeof value as string);

const mapOf = (forms: readonly Form[], depth: number): Form => {
  const additionalProperties = mergeAll(forms, depth - 1);
  return { type: 'object', ...(additionalProperties && { additionalProperties }) };
};

/** Whether member names are data, such as ids or addresses, which must not be stored. */
function isMap(names: readonly string[], forms: readonly Form[]): boolean {
  if (names.some(isData)) return true;
  const [first] = forms;
  if (names.length < MIN_MAP || first === undefined || (first.properties === undefined && first.items === undefined))
    return false;
  const text = JSON.stringify(first);
  return forms.every((form) => JSON.stringify(form) === text);
}

const isData = (name: string): boolean =>
  name === '' ||
  name.length > 64 ||
  /.@|[\\/]|:\/\/|\d{4}|^\d|[0-9a-f]{12}|[\p{C}]/iu.test(name) ||
  (/\d/.test(name) && /^[\w-]{16,}$/.test(name));

function mergeAll(forms: readonly Form[], depth: number): Form | undefined {
  const [first, ...others] = forms;
  return first && others.reduce((merged, form) => merge(merged, form, depth), first);
}

function merge(first: Form, second: Form, depth: number): Form {
  const types = [...new Set([first.type ?? [], second.type ?? []].flat())].sort();
  const distinctTypes = types.includes('number') ? types.filter((type) => type !== 'integer') : types;
  const type = distinctTypes.length === 1 ? distinctTypes[0]! : distinctTypes;
  if (depth <= 0) return { type };
  const items = mergeOptional(first.items, second.items, depth);
  const mapForm = mergeOptional(first.additionalProperties, second.additionalProperties, depth);
  const properties = membersOf(first, second, depth);
  if (mapForm !== undefined || Object.keys(properties ?? {}).length > LIMITS.members) {
    const merged = mergeAll([...(mapForm ? [mapForm] : []), ...Object.values(properties ?? {})], depth - 1);
    return { type, ...(merged && { additionalProperties: merged }), ...(items && { items }) };
  }
  return { type, ...(properties && { properties }), ...(items && { items }) };
}

function membersOf(first: Form, second: Form, depth: number): Form['properties'] {
  if (first.properties === undefined || second.properties === undefined) return first.properties ?? second.properties;
  const names = [...new Set([...Object.keys(first.properties), ...Object.keys(second.properties)])];
  return Object.fromEntries(
    names.map((name) => [
      name,
      mergeOptional(memberOf(first.properties!, name), memberOf(second.properties!, name), depth)!,
    ]),
  );
}

const memberOf = (members: { [name: string]: Form }, name: string): Form | undefined =>
  Object.hasOwn(members, name) ? members[name] : undefined;

const mergeOptional = (first: Form | undefined, second: Form | undefined, depth: number): Form | undefined =>
  first && second ? merge(first, second, depth - 1) : (first ?? second);
