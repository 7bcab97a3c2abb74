import { isDeepStrictEqual } from 'node:util';
import { type Awaitable, chain, isPromise } from '@errand/basics/awaitable';
import { isRecord } from '@errand/basics/is-record';
import type { Json, JsonSchema, ToolSpec } from '@errand/contracts';
import type { Db, UserForm } from '@errand/db';
import type { RunIdentity } from '@errand/ports/toolbox';
import { LRUCache } from 'lru-cache';

type SeenForms = { forms: readonly UserForm[]; writes: number };

/** Limit of writes for each tool in a process and an hour, since forms may vary without end. */
const MAX_WRITES = 20;
/** An hour: a form that an erasure dropped is learnt again after that. */
const TTL_MS = 3_600_000;
/** Users of a tool with names that no other user's answers have. */
const MAX_USERS = 3;

/**
 * Stores the forms of answers of tools without an output schema, for planners. A form is a JSON Schema with the names of members and
 * types, without values. A name can be personal: `forms` has one form with the names that answers to at least two users share, and one
 * for each of the last users with other names.
 */
export class SeenOutputs {
  /** The stored forms of each tool; the promises also serialize its updates. */
  readonly #stored = new LRUCache<string, Awaitable<SeenForms>>({ max: 500, ttl: TTL_MS, noUpdateTTL: true });

  constructor(private readonly db: Db) {}

  /** Adds the form of an answer to the stored forms. Never rejects: later answers provide the form again. */
  record(run: RunIdentity, tool: ToolSpec, output: Json): Awaitable<void> {
    const key = `${run.workspaceId} ${tool.fingerprint} ${tool.name}`;
    const stored = this.#stored.get(key) ?? this.#read(run, tool);
    const updated = chain(stored, (previous) => this.#learn(run, tool, previous, output));
    this.#stored.set(key, updated);
    if (!isPromise(updated)) return;
    return updated.then(
      (forms) => {
        if (this.#stored.peek(key) === updated) this.#stored.set(key, forms);
      },
      () => {
        this.#stored.delete(key);
      },
    );
  }

  async #read({ workspaceId }: RunIdentity, tool: ToolSpec): Promise<SeenForms> {
    return { forms: await this.db.forWorkspace(workspaceId).tools.answerForms(tool), writes: 0 };
  }

  #learn(run: RunIdentity, tool: ToolSpec, previous: SeenForms, output: Json): Awaitable<SeenForms> {
    if (previous.writes >= MAX_WRITES) return previous;
    const forms = learnForm(previous.forms, run.userId, formOf(output, run.userId));
    if (forms === previous.forms) return previous;
    const { tools } = this.db.forWorkspace(run.workspaceId);
    const change = { before: previous.forms, after: forms };
    return tools.replaceAnswerForms(tool, run.runId, change).then(async (isStored) => {
      // Another process, or an erasure, may have changed them.
      if (!isStored) return { forms: await tools.answerForms(tool), writes: previous.writes };
      return { forms, writes: previous.writes + 1 };
    });
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

/** @param userId the user of the run */
export const formOf = (value: Json, userId: string): JsonSchema => bounded((depth) => read(value, depth, userId));

/** The form of values of either form, in at most 4 KiB. */
export const mergeForms = (first: JsonSchema, second: JsonSchema): JsonSchema =>
  bounded((depth) => merge(first as Form, second as Form, depth));

/** The names that both forms have. An object that is a map in one of them is a map. */
const sharedForm = (first: JsonSchema, second: JsonSchema): JsonSchema =>
  bounded((depth) => share(first as Form, second as Form, depth));

/**
 * The forms of a tool after one more answer.
 * @returns `forms` itself if the answer has nothing new
 */
export function learnForm(forms: readonly UserForm[], userId: string, answer: JsonSchema): readonly UserForm[] {
  const [confirmed, earlier] = [undefined, userId].map((user) => forms.find((form) => form.userId === user)?.form);
  if (includes(confirmed, answer) || includes(earlier, answer)) return forms;
  const own = earlier ? mergeForms(earlier, answer) : answer;
  const others = forms.filter((form) => form.userId !== userId);
  const shared = [...(confirmed ? [confirmed] : []), ...others.map(({ form }) => sharedForm(own, form))];
  const [first, ...more] = shared;
  const form = first && more.reduce(mergeForms, first);
  const waiting = [...others, { userId, form: own }].filter(
    (each) => each.userId !== undefined && !includes(form, each.form),
  );
  return [...(form ? [{ form }] : []), ...waiting.slice(-MAX_USERS)];
}

const includes = (form: JsonSchema | undefined, part: JsonSchema): boolean =>
  form !== undefined && isDeepStrictEqual(mergeForms(form, part), form);

function bounded(make: (depth: number) => Form): JsonSchema {
  for (let depth: number = LIMITS.depth; ; depth--) {
    const form = make(depth);
    if (depth === 0 || Buffer.byteLength(JSON.stringify(form)) <= LIMITS.bytes) return form as JsonSchema;
  }
}

function read(value: Json, depth: number, userId: string): Form {
  if (Array.isArray(value)) {
    const forms = depth > 0 ? value.slice(0, LIMITS.items).map((item) => read(item, depth - 1, userId)) : [];
    const items = mergeAll(forms, depth - 1);
    return { type: 'array', ...(items && { items }) };
  }
  if (!isRecord(value)) return { type: typeOf(value) };
  if (depth === 0) return { type: 'object' };
  const names = Object.keys(value);
  const firstNames = names.slice(0, LIMITS.members);
  const forms = firstNames.map((name) => read((value as Record<string, Json>)[name]!, depth - 1, userId));
  const byName = Object.fromEntries(firstNames.map((name, index) => [name, forms[index]!]));
  return names.length > LIMITS.members || names.some((name) => isIdOf(name, userId)) || isMap(names, forms)
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
  if (names.length < MIN_MAP || first === undefined) return false;
  if (first.type !== 'boolean' && first.properties === undefined && first.items === undefined) return false;
  const text = JSON.stringify(first);
  return forms.every((form) => JSON.stringify(form) === text);
}

const isData = (name: string): boolean =>
  name === '' ||
  name.length > 64 ||
  /.@|[\\/]|:\/\/|\d{4}|^\d|[0-9a-f]{12}|[\p{C}]/iu.test(name) ||
  (/\d/.test(name) && /^[\w-]{16,}$/.test(name));

/** An id that is a word, such as `user`, may also be a part of the names of ordinary members. */
function isIdOf(name: string, userId: string): boolean {
  const [lower, id] = [name.toLowerCase(), userId.toLowerCase()];
  return lower === id || (id.length > 3 && /[^a-z]/.test(id) && lower.includes(id));
}

function mergeAll(forms: readonly Form[], depth: number): Form | undefined {
  const [first, ...others] = forms;
  return first && others.reduce((merged, form) => merge(merged, form, depth), first);
}

function merge(first: Form, second: Form, depth: number): Form {
  const type = typeOfBoth(first, second);
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

function share(first: Form, second: Form, depth: number): Form {
  const type = typeOfBoth(first, second);
  if (depth <= 0) return { type };
  const items = first.items && second.items && share(first.items, second.items, depth - 1);
  if (first.additionalProperties || second.additionalProperties) {
    const [one, other] = [first, second].map(
      ({ additionalProperties, properties = {} }) => additionalProperties ?? mergeAll(Object.values(properties), depth),
    );
    return {
      type,
      ...(one && other && { additionalProperties: share(one, other, depth - 1) }),
      ...(items && { items }),
    };
  }
  const members = Object.entries(first.properties ?? {}).flatMap(([name, form]): [string, Form][] => {
    const same = memberOf(second.properties ?? {}, name);
    return same ? [[name, share(form, same, depth - 1)]] : [];
  });
  return { type, ...(members.length > 0 && { properties: Object.fromEntries(members) }), ...(items && { items }) };
}

function typeOfBoth(first: Form, second: Form): string | string[] {
  const types = [...new Set([first.type ?? [], second.type ?? []].flat())].sort();
  const distinctTypes = types.includes('number') ? types.filter((type) => type !== 'integer') : types;
  return distinctTypes.length === 1 ? distinctTypes[0]! : distinctTypes;
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
