// Services of the outside world that answer with a shape in one location of a good answer.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';
import { MARK } from './locations.ts';
import type { Probe } from './meter.ts';
import { encodings, jsonShapes, runs, runsWithin, type Shape } from './shapes.ts';

export type Answer = { status?: number; statusText?: string; headers?: Record<string, string>; body?: string | Buffer };
/** The good answer to a request, and its name, by which a probe replaces it. */
export type Route = (request: {
  method: string;
  url: URL;
  body: string;
}) => { name: string; answer: Answer } | undefined;
type Replacement = (request: string) => Answer;

const JSON_TYPE = { 'content-type': 'application/json' };
/** @param value text is JSON already */
export const json = (value: unknown, status = 200): Answer => ({
  ...{ status, headers: JSON_TYPE, body: typeof value === 'string' ? value : JSON.stringify(value) },
});

export class Outside {
  /** Replaces the answer of a name. */
  replaced: { name: string; by: Replacement } | undefined;
  route: Route = () => undefined;
  readonly #server = createServer(async (incoming, outgoing) => {
    const chunks: Buffer[] = [];
    for await (const chunk of incoming) chunks.push(chunk as Buffer);
    const body = Buffer.concat(chunks).toString();
    const { method = '', url = '/' } = incoming;
    const good = this.route({ method, url: new URL(url, this.origin), body }) ?? { name: '', answer: json({}, 404) };
    const answer = this.replaced?.name === good.name ? this.replaced.by(body) : good.answer;
    outgoing.on('error', () => {});
    outgoing.writeHead(answer.status ?? 200, answer.statusText, answer.headers).end(answer.body);
  });

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

/** One answer of a party of the outside world. */
export type Party = {
  field: string;
  /** The name of the answer. */
  name: string;
  /** A good answer. */
  seed: unknown;
  /** Bytes that the service reads of it. */
  size: number;
  /** Makes the service ask for the answer. @returns how that ended */
  drive: () => Promise<string>;
  /** The answer with this JSON text, for the body of a request; the text alone by default. */
  wrap?: (text: string, request: string) => Answer;
  /** Statuses with which whole bodies are tried; none by default. */
  statuses?: readonly number[];
  /** Whether bodies of all types are tried, and headers. */
  isThorough?: boolean;
};

/** Each location of a JSON value by its member names. */
export function* locationsOf(
  value: unknown,
  way: string[] = [],
): Generator<{ way: readonly string[]; value: unknown }> {
  yield { way, value };
  if (typeof value !== 'object' || value === null) return;
  for (const [key, inner] of Object.entries(value)) yield* locationsOf(inner, [...way, key]);
}

function withMark(value: unknown, [key, ...rest]: readonly string[]): unknown {
  if (key === undefined) return MARK;
  const inner = withMark((value as Record<string, unknown>)[key], rest);
  return Array.isArray(value) ? value.with(Number(key), inner) : { ...(value as object), [key]: inner };
}

/** Every location of an answer, with every shape; its body as a whole, its status text and its headers. */
export function* answerProbes(outside: Outside, party: Party): Generator<Probe> {
  const { field, name, seed, size, drive, statuses = [], isThorough, wrap = (text: string) => json(text) } = party;
  const probe = (location: string, { shape, text }: Shape, by: Replacement): Probe => ({
    ...{ field: `${field} ${location}`, shape, bytes: text.length },
    act: async () => {
      outside.replaced = { name, by };
      const ended = await drive().finally(() => {
        outside.replaced = undefined;
      });
      // After some failures in a row the service would pause its calls to the origin.
      if (/upstream_|mcp_failed/.test(ended)) await drive();
      return ended;
    },
  });
  const seen = new Set<string>();
  for (const { way, value } of locationsOf(seed)) {
    const marked = JSON.stringify(withMark(seed, way));
    for (const shape of shapesAt(value, size - marked.length, !seen.has(typeof value)))
      yield probe(way.join('.'), shape, (request) =>
        wrap(
          marked.replace(`"${MARK}"`, () => shape.text),
          request,
        ),
      );
    seen.add(typeof value);
  }
  for (const status of statuses) yield* bodyProbes(party, status, probe);
  if (isThorough) yield* headProbes(party, statuses.slice(0, 2), probe);
}

type MakeProbe = (location: string, shape: Shape, by: Replacement) => Probe;

function* bodyProbes({ seed, size, isThorough = false }: Party, status: number, probe: MakeProbe): Generator<Probe> {
  for (const type of isThorough ? TYPES : ['application/json'])
    for (const shape of [
      ...runs(size, { all: type.startsWith('text/p') }),
      ...runs(4 * size, { all: false }).slice(0, 2),
    ])
      yield probe(`${status} body, ${type}`, shape, () => ({
        status,
        headers: typed(type),
        body: bytesOf(shape.text),
      }));
  for (const { shape, body, headers } of encodings(JSON.stringify(seed)))
    yield probe(`${status} body`, { shape, text: body.toString('latin1') }, () => ({ status, headers, body }));
  for (const shape of jsonShapes(size)) yield probe(`${status} body`, shape, () => json(shape.text, status));
}

function* headProbes(
  { seed, wrap = (text) => json(text) }: Party,
  statuses: readonly number[],
  probe: MakeProbe,
): Generator<Probe> {
  for (const shape of runs(4000))
    yield probe('status text', shape, () => ({ ...json(seed, 400), statusText: inHeader(shape.text) }));
  for (const [header, example] of Object.entries(HEADERS))
    for (const shape of [
      ...runs(HEADER_BYTES, { all: example !== '' }),
      ...runsWithin(example, HEADER_BYTES, { all: false }),
    ])
      for (const status of header === 'location' ? [302] : statuses) {
        const headers = { ...JSON_TYPE, [header]: inHeader(shape.text) };
        const answer = (request: string) => ({ ...wrap(JSON.stringify(seed), request), status, headers });
        yield probe(`${status} header ${header}`, shape, answer);
      }
}

const TYPES = [
  'application/json',
  'text/plain; charset=utf-8',
  'text/html',
  'application/xml',
  'text/event-stream',
  '',
];
const typed = (type: string): Record<string, string> => (type === '' ? {} : { 'content-type': type });
const HEADER_BYTES = 14_000;
/** Headers of answers that the service reads, with the beginning of a value of those with a grammar; and some that it ignores. */
const HEADERS: Readonly<Record<string, string>> = {
  link: '<https://a.example/?page=2>; rel="next", ',
  'www-authenticate': 'Bearer realm="a", error="invalid_token", ',
  'content-type': 'application/json; charset=utf-8; ',
  'retry-after': 'Wed, 21 Oct 2015 07:28:00 GMT',
  ...Object.fromEntries(
    [
      ...[
        'content-encoding',
        'content-language',
        'location',
        'retry-after-ms',
        'ratelimit',
        'ratelimit-reset',
        'date',
        'etag',
      ],
      ...['x-ratelimit-reset', 'last-modified', 'x-request-id', 'set-cookie', 'mcp-session-id', 'x-anything'],
    ].map((name) => [name, '']),
  ),
};

/** The shapes of a location as raw JSON. */
function shapesAt(value: unknown, size: number, all: boolean): Shape[] {
  const values = jsonShapes(size).filter(({ text }, n) => all || text.length < 20 || n % 8 === 0);
  if (typeof value !== 'string') return values;
  const texts = [...runs(size, { all }), ...runsWithin(value, size, { all: false })];
  return [
    ...texts.map(({ shape, text }) => ({ shape, text: JSON.stringify(text) })),
    ...(all ? values : values.slice(0, 2)),
  ];
}

const inHeader = (text: string) => text.replace(/[^\t\x20-\x7e\x80-\xff]/g, '\u00ff');
/** The bytes of a text: `ÿ` is the byte 0xFF, which is not UTF-8. */
const bytesOf = (text: string) => Buffer.from(text, text.startsWith('\u00ff') ? 'latin1' : 'utf8');
