// Every input of every operation of the contract, and bodies as a whole.
import { contract } from '@errand/contracts';
import { z } from 'zod';
import type { Probe } from './meter.ts';
import { MARK, type Place, type Schema, SchemaPlaces, type Way } from './places.ts';
import { encodings, jsonShapes, runs, runsWithin, type Shape } from './shapes.ts';
import type { World } from './world.ts';

type Operation = {
  name: string;
  kind: 'query' | 'mutation' | 'subscription';
  input: z.ZodType;
  callers?: string;
  http?: {
    method: string;
    path: string;
    headers?: Record<string, string>;
    query?: readonly string[];
    bodyLimit?: number;
  };
};

const BODY_BYTES = 1024 * 1024;
/** Beyond every maximum, and quick to parse: an expression that takes quadratic time would take seconds. */
const OVER_BYTES = 60_000;
const JSON_BYTES = 900_000;

const operations: readonly Operation[] = Object.entries(contract).flatMap(([group, calls]) =>
  Object.entries(calls).map(([name, op]) => ({ ...(op as unknown as Operation), name: `${group}.${name}` })),
);

export async function* operationProbes(world: World): AsyncGenerator<Probe> {
  const seen = new Set<string>();
  for (const operation of operations) {
    const schema = z.toJSONSchema(operation.input, { io: 'input', unrepresentable: 'any' }) as Schema;
    const places = new SchemaPlaces(schema, world.seeds);
    const send = senderOf(world, operation);
    const probe = (place: string, { shape, text }: Shape, act: () => Promise<string>): Probe => ({
      ...{ field: `${operation.name} ${place}`, shape, bytes: text.length, act },
    });
    const base = places.base();
    yield probe('', { shape: 'valid', text: '' }, () => send(base));
    for (const place of places.places()) {
      const value = places.valueWith(place.way);
      for (const shape of shapesOf(place, operation, seen))
        yield probe(place.way.join('.'), shape, () => send(value, { text: shape.text }));
    }
    const hasBody = operation.http?.method !== 'GET' && operation.http?.method !== 'DELETE';
    if (hasBody && isFirst(`body ${operation.http?.bodyLimit ?? ''}`, seen))
      for (const { shape, body, headers } of encodings(JSON.stringify(base)))
        yield { field: `${operation.name} body`, shape, bytes: body.length, act: () => send(base, { body, headers }) };
  }
}

/** The shapes of a place as raw JSON. A kind of text or value is tried whole once, and with a few shapes in each other place. */
function shapesOf({ way, schema }: Place, operation: Operation, seen: Set<string>): Shape[] {
  const isInHead = inHead(way, operation);
  const { description, examples, default: _, ...kind } = schema;
  const key = `${isInHead} ${schema.properties ? 'an object' : JSON.stringify(kind)} ${operation.http?.bodyLimit ?? ''}`;
  const isNew = isFirst(key, seen);
  const max = schema.maxLength ?? OVER_BYTES;
  const asJson = (shapes: Shape[]) => shapes.map(({ shape, text }) => ({ shape, text: JSON.stringify(text) }));
  if (isInHead && way.length === 0) return [];
  if (schema.type === 'string' || isInHead) {
    const size = Math.min(max, OVER_BYTES);
    const example = String(schema.examples?.[0] ?? schema.const ?? '');
    const choice = { all: isNew, inHead: isInHead };
    const over =
      size < OVER_BYTES
        ? [...runs(OVER_BYTES, choice), ...(isNew ? runsWithin(example, OVER_BYTES, { ...choice, all: false }) : [])]
        : [];
    return asJson([...runs(size, choice), ...runsWithin(example, size, choice), ...over]);
  }
  const size = Math.min(JSON_BYTES, (operation.http?.bodyLimit ?? BODY_BYTES) * 0.9);
  if (schema.type === 'number' || schema.type === 'integer' || schema.type === 'boolean' || schema.const !== undefined)
    return jsonShapes(isNew ? 2000 : 500).filter(({ text }) => isNew || /^[\d-]/.test(text));
  const known = (shape: Shape) => shape.text.length < 100 || (schema.type !== 'array' && shape.shape === 'many keys');
  return [...jsonShapes(size).filter((shape) => isNew || known(shape)), ...filled(schema, size)];
}

function isFirst(key: string, seen: Set<string>): boolean {
  const isNew = !seen.has(key);
  seen.add(key);
  return isNew;
}

/** A list with as many items as are allowed, and as many as fit into a body. */
function filled({ type, items, maxItems, additionalProperties }: Schema, size: number): Shape[] {
  const item = (schema: Schema | boolean | undefined) => {
    const places = new SchemaPlaces(typeof schema === 'object' ? schema : {}, {});
    return JSON.stringify(places.base());
  };
  if (type === 'array' && items) {
    const text = item(items);
    const most = Math.floor(size / (text.length + 1));
    return [Math.min(maxItems ?? most, most), most].map((count) => ({
      shape: `${count} items`,
      text: `[${Array(count).fill(text).join()}]`,
    }));
  }
  if (type !== 'object' || !additionalProperties) return [];
  const text = item(additionalProperties);
  const count = Math.floor(size / (text.length + 12));
  return [
    { shape: `${count} members`, text: `{${Array.from({ length: count }, (_, n) => `"key${n}":${text}`).join()}}` },
  ];
}

function inHead([name]: Way, { http, kind }: Operation): boolean {
  if (!http) return kind !== 'mutation';
  if (name === undefined) return http.method === 'GET' || http.method === 'DELETE';
  const isNamed = http.path.includes(`{${name}}`) || Object.values(http.headers ?? {}).includes(String(name));
  return isNamed || http.method === 'GET' || http.method === 'DELETE' || (http.query ?? []).includes(String(name));
}

/** Sends an input with JSON text in place of the mark, or bytes as its body. @returns the status and the code of a refusal */
type Send = (
  input: unknown,
  more?: { text?: string; body?: Buffer; headers?: Record<string, string> },
) => Promise<string>;

function senderOf({ office, headers }: World, { name, kind, http, callers }: Operation): Send {
  const { url } = office.stack;
  const credential =
    callers === 'people' || callers === 'operators'
      ? headers.person
      : callers === 'instance'
        ? headers.platform
        : headers.key;
  const hasBody = http ? http.method !== 'GET' && http.method !== 'DELETE' : kind === 'mutation';
  const bodyOf = (value: unknown, text = '') => JSON.stringify(value).replace(`"${MARK}"`, () => text);
  return (input, { text = '', body, headers: more } = {}) => {
    const init = {
      method: http?.method ?? (hasBody ? 'POST' : 'GET'),
      headers: { ...credential, ...(hasBody && { 'content-type': 'application/json' }), ...more },
    };
    const fields: Record<string, unknown> | string = typeof input === 'object' ? { ...input } : String(input);
    if (!http || typeof fields === 'string') {
      const path = http ? http.path : `/console/trpc/${name}`;
      const query = hasBody ? '' : `?input=${encodeURIComponent(bodyOf(input, text).toWellFormed())}`;
      return ask(url + path + query, { ...init, ...(hasBody && { body: body ?? bodyOf(input, text) }) });
    }
    const take = (field: string) => {
      const value = fields[field];
      delete fields[field];
      return value;
    };
    const plain = (value: unknown) =>
      value === MARK ? textOf(text) : typeof value === 'object' ? bodyOf(value, text) : String(value);
    const encode = (value: unknown) => encodeURIComponent(plain(value).toWellFormed());
    const path = http.path.replace(/\{(\w+)\}/g, (_, field) => encode(take(field)));
    const inHeaders = Object.entries(http.headers ?? {}).flatMap(([header, field]) => {
      const value = take(field);
      return value === undefined ? [] : [[header, headerText(plain(value))] as const];
    });
    const query = Object.entries(
      hasBody ? Object.fromEntries((http.query ?? []).map((field) => [field, take(field)])) : fields,
    )
      .flatMap(([field, value]) => [value].flat().map((each) => [field, each] as const))
      .flatMap(([field, value]) =>
        typeof value === 'object' && value !== null
          ? Object.entries(value).map(([key, each]) => [`${field}[${key}]`, each] as const)
          : [[field, value] as const],
      )
      .flatMap(([field, value]) => (value === undefined ? [] : [`${encodeURIComponent(field)}=${encode(value)}`]));
    return ask(`${url}${path}${query.length > 0 ? `?${query.join('&')}` : ''}`, {
      ...init,
      headers: { ...init.headers, ...Object.fromEntries(inHeaders) },
      ...(hasBody && { body: body ?? bodyOf(fields, text) }),
    });
  };
}

/** The text that JSON text means; the JSON text itself if it is no text. */
function textOf(text: string): string {
  const value: unknown = text.startsWith('"') ? JSON.parse(text) : text;
  return String(value);
}
/** Text that a header may have. */
const headerText = (text: string) => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '\u00ff');

/** @returns the status, and the code of a refusal; a stream is closed at its first bytes */
export async function ask(url: string, init: RequestInit): Promise<string> {
  const response = await fetch(url, { redirect: 'manual', ...init });
  if (response.headers.get('content-type')?.startsWith('text/event-stream')) {
    await response.body!.cancel();
    return String(response.status);
  }
  const text = await response.text();
  const code = response.ok ? undefined : /"code":"(\w+)"/.exec(text)?.[1];
  return code === undefined ? String(response.status) : `${response.status} ${code}`;
}
