// Services of the outside world that answer with a shape in one place of a good answer.
import { createServer, type IncomingMessage } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { Probe } from './meter.ts';
import { MARK } from './places.ts';
import { encodings, jsonShapes, runs, runsWithin, type Shape } from './shapes.ts';

export type Answer = { status?: number; statusText?: string; headers?: Record<string, string>; body?: string | Buffer };
/** The good answer to a request, and its name, by which a probe replaces it. */
export type Route = (request: { method: string; url: URL; headers: IncomingMessage['headers']; body: string }) => { name: string; answer: Answer } | undefined;

const JSON_TYPE = { 'content-type': 'application/json' };
export const json = (value: unknown, status = 200): Answer => ({ status, headers: JSON_TYPE, body: typeof value === 'string' ? value : JSON.stringify(value) });

export class Outside {
  /** Replaces answers, by their names. */
  replaced: Record<string, Answer | ((request: { body: string }) => Answer)> = {};
  /** Requests so far. */
  requests = 0;
  readonly #server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    this.requests++;
    const { method = '', url = '/', headers } = incoming;
    const { name, answer: good } = this.route({ method, url: new URL(url, this.origin), headers, body }) ?? { name: '', answer: json({}, 404) };
    const replaced = this.replaced[name];
    const { status, statusText, headers: more, body: text } = (typeof replaced === 'function' ? replaced({ body }) : replaced) ?? good;
    outgoing.on('error', () => {});
    try {
      outgoing.writeHead(status ?? 200, statusText, more).end(text);
    } catch {
      outgoing.writeHead(500).end();
    }
  });

  constructor(public route: Route) {}

  get origin(): string {
    return `http://127.0.0.1:${(this.#server.address() as AddressInfo).port}`;
  }

  async listen(): Promise<this> {
    await new Promise<void>((resolve) => this.#server.listen(0, '127.0.0.1', resolve));
    return this;
  }

  close(): void {
    this.#server.closeAllConnections();
    this.#server.close();
  }
}

/** One answer of a party of the outside world, and what makes the service ask for it. */
export type Party = {
  field: string;
  /** The name of the answer. */
  name: string;
  /** A good answer. */
  seed: unknown;
  /** Bytes that the service reads of it. */
  size: number;
  drive: () => Promise<string>;
  /** Puts JSON text into the whole answer: a frame, a token; the text is the answer unless set. */
  wrap?: (text: string, request: { body: string }) => Answer;
  statuses?: readonly number[];
};

/** Each place of a JSON value, with its member names, and the value. */
export function* placesOf(value: unknown, way: readonly string[] = []): Generator<{ way: readonly string[]; value: unknown }> {
  yield { way, value };
  if (typeof value === 'object' && value !== null) for (const [key, inner] of Object.entries(value)) yield* placesOf(inner, [...way, key]);
}

/** The JSON text of a value with other text at a place. */
export function textWith(value: unknown, way: readonly string[], text: string): string {
  return JSON.stringify(withMark(value, way)).replace(`"${MARK}"`, () => text);
}

function withMark(value: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined) return MARK;
  const members = value as Record<string, unknown>;
  const inner = withMark(members[key], rest);
  return Array.isArray(value) ? value.with(Number(key), inner) : { ...members, [key]: inner };
}

/** Every place of an answer, with every shape; its body as a whole; its status text and headers. */
export function* answerProbes(outside: Outside, party: Party): Generator<Probe> {
  const { field, name, seed, size, drive, wrap = (text: string) => json(text) } = party;
  const probe = (place: string, { shape, text }: Shape, answer: Answer | ((request: { body: string }) => Answer)): Probe => ({
    ...{ field: `${field} ${place}`, shape, bytes: text.length },
    act: async () => {
      outside.replaced = { [name]: answer };
      try {
        return await drive();
      } finally {
        outside.replaced = {};
      }
    },
  });
  let [isFirstText, isFirstOther] = [true, true];
  for (const { way, value } of placesOf(seed)) {
    const shapes = shapesAt(value, size - JSON.stringify(seed).length, typeof value === 'string' ? isFirstText : isFirstOther);
    if (typeof value === 'string') isFirstText = false;
    else isFirstOther = false;
    for (const shape of shapes)
      yield probe(way.join('.'), shape, (request) => wrap(textWith(seed, way, shape.text), request));
  }
  const text = JSON.stringify(seed);
  for (const status of party.statuses ?? [200, 400, 401]) {
    for (const type of ['application/json', 'text/plain; charset=utf-8', 'text/html', 'application/xml', 'text/event-stream', ''])
      for (const shape of [...runs(size, { all: type.startsWith('text/p') }), ...runs(4 * size, { all: false }).slice(0, 2)])
        yield probe(`${status} ${type} body`, shape, { status, headers: type ? { 'content-type': type } : {}, body: bytesOf(shape.text) });
    for (const { shape, body, headers } of encodings(text))
      yield probe(`${status} body`, { shape, text: body.toString('latin1') }, { status, headers, body });
    for (const shape of jsonShapes(size)) yield probe(`${status} body`, shape, json(shape.text, status));
  }
  for (const shape of runs(4000)) yield probe('status text', shape, { ...json(text), status: 400, statusText: inHeader(shape.text) });
  for (const header of HEADERS)
    for (const shape of runs(HEADER_BYTES, { all: header === 'link' || header === 'www-authenticate' || header === 'content-type' }))
      for (const status of header === 'location' ? [302] : [200, 401])
        yield probe(`${status} header ${header}`, shape, { ...json(text, status), headers: { ...JSON_TYPE, [header]: inHeader(shape.text) } });
  for (const header of ['link', 'www-authenticate', 'content-type', 'retry-after'])
    for (const shape of runsWithin(EXAMPLES[header]!, HEADER_BYTES, { all: false }))
      for (const status of [200, 401]) yield probe(`${status} header ${header}`, shape, { ...json(text, status), headers: { ...JSON_TYPE, [header]: inHeader(shape.text) } });
}

const HEADER_BYTES = 14_000;
const EXAMPLES: Readonly<Record<string, string>> = {
  link: '<https://a.example/?page=2>; rel="next", ',
  'www-authenticate': 'Bearer realm="a", error="invalid_token", ',
  'content-type': 'application/json; charset=utf-8; ',
  'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT',
};
/** Headers of answers that the service reads, and some that it passes on or ignores. */
const HEADERS = [
  ...['content-type', 'content-encoding', 'content-language', 'link', 'location', 'www-authenticate', 'retry-after', 'retry-after-ms'],
  ...['ratelimit', 'ratelimit-reset', 'x-ratelimit-reset', 'x-ratelimit-remaining', 'date', 'etag', 'last-modified', 'x-request-id'],
  ...['set-cookie', 'mcp-session-id', 'mcp-protocol-version', 'content-disposition', 'x-anything'],
];

function shapesAt(value: unknown, size: number, all: boolean): Shape[] {
  const asJson = (shapes: Shape[]) => shapes.map(({ shape, text }) => ({ shape, text: JSON.stringify(text) }));
  const values = jsonShapes(size).filter(({ text }, n) => all || text.length < 100 || n % 6 === 0);
  if (typeof value !== 'string') return values;
  return [...asJson([...runs(size, { all }), ...runsWithin(value, size, { all: false }).filter((_, n) => all || n % 3 === 0)]), ...(all ? values : values.slice(0, 3))];
}

const inHeader = (text: string) => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '\u00ff');
/** The bytes of a text: `ÿ` is the byte 0xFF, which is not UTF-8. */
const bytesOf = (text: string) => (text.startsWith('\u00ff') ? Buffer.from(text, 'latin1') : Buffer.from(text));
