// Every input of every operation of the contract, and bodies as a whole.
import { contract } from '@errand/contracts';
import { z } from 'zod';
import { type Location, MARK, type Schema, SchemaPlaces, type Way } from './locations.ts';
import type { Probe } from './meter.ts';
import { type Choice, encodings, jsonShapes, runs, runsWithin, type Shape } from './shapes.ts';
import type { World } from './world.ts';

type HttpRoute = { method: string; path: string; headers?: Fields; query?: readonly string[]; bodyLimit?: number };
type Fields = Record<string, string>;

type Operation = {
  name: string;
  kind: 'query' | 'mutation' | 'subscription';
  input: z.ZodType;
  callers?: string;
  http?: HttpRoute;
};

const BODY_BYTES = 1024 * 1024;
/** Beyond every maximum, and quick to parse: an expression that takes quadratic time would take seconds. */
const OVER_BYTES = 60_000;

const operations: readonly Operation[] = Object.entries(contract).flatMap(([group, calls]) =>
  Object.entries(calls).map(([name, op]) => ({ ...(op as unknown as Operation), name: `${group}.${name}` })),
);

export async function* operationProbes(world: World): AsyncGenerator<Probe> {
  const seen = new Set<string>();
  for (const operation of operations) {
    const schema = z.toJSONSchema(operation.input, { io: 'input', unrepresentable: 'any' }) as Schema;
    const locations = new SchemaPlaces(schema, world.seeds);
    const send = senderOf(world, operation);
    const probe = (location: string, { shape, text }: Shape, act: () => Promise<string>): Probe => ({
      ...{ field: `${operation.name} ${location}`, shape, bytes: text.length, act },
    });
    const base = locations.base();
    yield probe('', { shape: 'valid', text: '' }, () => send(base));
    for (const location of locations.locations()) {
      const value = locations.valueWith(location.way);
      for (const shape of shapesOf(location, operation, seen))
        yield probe(location.way.join('.'), shape, () => send(value, { text: shape.text }));
    }
    const hasBody = operation.http?.method !== 'GET' && operation.http?.method !== 'DELETE';
    if (hasBody && isFirst(`body ${operation.http?.bodyLimit ?? ''}`, seen))
      for (const { shape, body, headers } of encodings(JSON.stringify(base)))
        yield { field: `${operation.name} body`, shape, bytes: body.length, act: () => send(base, { body, headers }) };
  }
}

/** The shapes of a location as raw JSON. A kind of text or value is tried whole once, and with a few shapes in each other location. */
function shapesOf({ way, schema }: Location, operation: Operation, seen: Set<string>): Shape[] {
  const isInHead = inHead(way, operation);
  if (isInHead && way.length === 0) return [];
  const { bodyLimit = BODY_BYTES } = operation.http ?? {};
  const { description, examples, default: _, ...kind } = schema;
  const isNew = isFirst(`${isInHead} ${schema.properties ? 'an object' : JSON.stringify(kind)} ${bodyLimit}`, seen);
  if (schema.type === 'string' || isInHead) return textShapes(schema, { all: isNew, inHead: isInHead });
  if (/number|integer|boolean/.test(schema.type ?? '') || schema.const !== undefined)
    return jsonShapes(2000).filter(({ text }) => isNew || /^[\d-]/.test(text));
  const size = Math.floor(bodyLimit * 0.9);
  const isUseful = ({ shape, text }: Shape) => text.length < 100 || (schema.type !== 'array' && shape === 'many keys');
  return [...jsonShapes(size).filter((shape) => isNew || isUseful(shape)), ...filled(schema, size)];
}

function textShapes({ maxLength = OVER_BYTES, examples = [], const: value }: Schema, choice: Choice): Shape[] {
  const size = Math.min(maxLength, OVER_BYTES);
  const example = String(examples[0] ?? value ?? '');
  const few = { ...choice, all: false };
  const over = size < OVER_BYTES ? [...runs(OVER_BYTES, choice), ...runsWithin(example, OVER_BYTES, few)] : [];
  const texts = [...runs(size, choice), ...runsWithin(example, size, choice), ...over];
  return texts.map(({ shape, text }) => ({ shape, text: JSON.stringify(text) }));
}

function isFirst(key: string, seen: Set<string>): boolean {
  const isNew = !seen.has(key);
  seen.add(key);
  return isNew;
}

/** A list with as many items as are allowed, and one with as many as fit into a body; an object likewise. */
function filled({ type, items, maxItems, additionalProperties }: Schema, size: number): Shape[] {
  const schema = type === 'array' ? items : additionalProperties;
  if (typeof schema !== 'object') return [];
  const item = JSON.stringify(new SchemaPlaces(schema, {}).base());
  const most = Math.floor(size / (item.length + 12));
  const textOf = (count: number) =>
    type === 'array'
      ? `[${Array(count).fill(item).join()}]`
      : `{${Array.from({ length: count }, (_, n) => `"key${n}":${item}`).join()}}`;
  return [Math.min(maxItems ?? most, most), most].map((count) => ({ shape: `${count} items`, text: textOf(count) }));
}

function inHead([name]: Way, { http, kind }: Operation): boolean {
  if (!http) return kind !== 'mutation';
  if (name === undefined) return http.method === 'GET' || http.method === 'DELETE';
  const isNamed = http.path.includes(`{${name}}`) || Object.values(http.headers ?? {}).includes(String(name));
  return isNamed || http.method === 'GET' || http.method === 'DELETE' || (http.query ?? []).includes(String(name));
}

/** JSON text in location of the mark, or bytes as the body. */
type Filling = { text?: string; body?: Buffer; headers?: Fields };

/** Sends inputs over REST, or as the console where an operation has no route. @returns the status and the code of a refusal */
function senderOf({ office, headers }: World, { name, kind, http, callers }: Operation) {
  const people = { people: headers.person, operators: headers.person, instance: headers.platform };
  const credential = people[callers as 'people'] ?? headers.key;
  const hasBody = http ? takesBody(http) : kind === 'mutation';
  const method = http?.method ?? (hasBody ? 'POST' : 'GET');
  return (input: unknown, { text = '', body, headers: more }: Filling = {}) => {
    const sent = { ...credential, ...(hasBody && { 'content-type': 'application/json' }) };
    const fill = (value: unknown) => JSON.stringify(value).replace(`"${MARK}"`, () => text);
    const isObject = typeof input === 'object' && input !== null;
    const encoded = encodeURIComponent(fill(input).toWellFormed());
    const { path, inHeaders, rest } =
      http && isObject
        ? restParts(http, { ...input }, (value) =>
            value === MARK ? textOf(text) : typeof value === 'object' ? fill(value) : String(value),
          )
        : {
            path: http?.path ?? `/console/trpc/${name}${hasBody ? '' : `?input=${encoded}`}`,
            inHeaders: {},
            rest: input,
          };
    return ask(office.stack.url + path, {
      method,
      headers: { ...sent, ...inHeaders, ...more },
      ...(hasBody && { body: body ?? fill(rest) }),
    });
  };
}

const takesBody = ({ method }: HttpRoute) => method !== 'GET' && method !== 'DELETE';

/** The path with the query, and the headers; `rest` is for the body. */
function restParts(http: HttpRoute, rest: Record<string, unknown>, plain: (value: unknown) => string) {
  const take = (field: string): unknown => {
    const value = rest[field];
    delete rest[field];
    return value;
  };
  const encode = (value: unknown) => encodeURIComponent(plain(value).toWellFormed());
  const path = http.path.replace(/\{(\w+)\}/g, (_, field) => encode(take(field)));
  const named = Object.entries(http.headers ?? {}).map(([header, field]) => [header, take(field)] as const);
  const present = named.filter(([, value]) => value !== undefined);
  const inHeaders = Object.fromEntries(present.map(([header, value]) => [header, headerText(plain(value))]));
  const fields = takesBody(http) ? (http.query ?? []) : Object.keys(rest);
  const pairs = fields.flatMap((field) => pairsOf(field, take(field)));
  const query = pairs.map(([field, value]) => `${encodeURIComponent(field)}=${encode(value)}`).join('&');
  return { path: query === '' ? path : `${path}?${query}`, inHeaders, rest };
}

/** A parameter for each item of a list and each member of an object. */
function pairsOf(field: string, value: unknown): [string, unknown][] {
  if (value === undefined) return [];
  if (Array.isArray(value)) return value.map((each) => [field, each]);
  if (typeof value !== 'object' || value === null) return [[field, value]];
  return Object.entries(value).map(([key, each]) => [`${field}[${key}]`, each]);
}

/** The text that JSON text means; the JSON text itself if it is no text. */
function textOf(text: string): string {
  const value: unknown = text.startsWith('"') ? JSON.parse(text) : text;
  return String(value);
}
/** Text that a header may have. */
const headerText = (text: string) => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '\u00ff');

/** @returns the status, and the code of a refusal; a stream is closed at its first bytes */
async function ask(url: string, init: RequestInit): Promise<string> {
  const response = await fetch(url, { redirect: 'manual', ...init });
  if (response.headers.get('content-type')?.startsWith('text/event-stream')) {
    await response.body!.cancel();
    return String(response.status);
  }
  const text = await response.text();
  const code = response.ok ? undefined : /"code":"(\w+)"/.exec(text)?.[1];
  return code === undefined ? String(response.status) : `${response.status} ${code}`;
}
