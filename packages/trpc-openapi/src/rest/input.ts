// Collects the input of a REST operation from path, query, headers and body. No source silently overrides another.
import { isUtf8 } from 'node:buffer';
import type { FastifyRequest } from 'fastify';
import { checkText } from '../check-text.ts';
import { ProblemError } from '../contract.ts';
import { pointer } from '../input-errors/pointer.ts';
import { type Field, fieldsOf } from '../schema.ts';
import { createDecoder, createQueryDecoder } from './decode.ts';
import type { Route } from './route.ts';

type Values = Record<string, unknown>;

/** The part of the request that has each field of an input. */
export type FieldLocations = {
  readonly path: Field[];
  readonly query: Field[];
  readonly body: Field[];
  readonly headers: { readonly header: string; readonly field: Field }[];
  readonly strict: boolean;
};

const PATH_PARAMETER = /\{([^{}]+)\}/g;

export const hasBody = (method: string): boolean => method === 'POST' || method === 'PUT' || method === 'PATCH';

/** @throws Error if the description names a field that the input does not have: a mistake of the contract */
export function locateFields({ name, http, input }: Pick<Route, 'name' | 'http' | 'input'>): FieldLocations {
  const { fields, strict } = fieldsOf(input);
  const field = (key: string, where: string): Field => {
    const inputField = fields.get(key);
    if (!inputField) throw new Error(`${name}: ${where} names the field ${key}, which its input does not have.`);
    return inputField;
  };
  const path = [...http.path.matchAll(PATH_PARAMETER)].map(([, key]) => field(key!, 'the path'));
  const headers = Object.entries(http.headers ?? {}).map(([header, key]) => ({
    header,
    field: field(key, `the header ${header}`),
  }));
  const inPath = new Set(path);
  const rest = [...fields.values()].filter((field) => !inPath.has(field));
  if (!hasBody(http.method)) return { path, headers, query: rest, body: [], strict };
  const query = (http.query ?? []).map((key) => field(key, 'query'));
  const elsewhere = new Set([...query, ...headers.map((header) => header.field)]);
  return { path, headers, query, body: rest.filter((field) => !elsewhere.has(field)), strict };
}

/** Compiles the reader of a route's input. It runs after authorisation, so 401 and 403 precede its errors. */
export function createInputReader(route: Route): (req: FastifyRequest) => Values {
  const locations = locateFields(route);
  const params = locations.path.map(({ name, schemas }) => ({ name, decode: createDecoder(schemas) }));
  const headers = locations.headers.map(({ header, field }) => ({
    header: header.toLowerCase(),
    name: field.name,
    decode: createDecoder(field.schemas),
  }));
  const withBody = hasBody(route.http.method);
  const readBodyFields = withBody ? createBodyReader(locations) : withoutBody(route.http.method);
  const readQuery = createQueryReader(locations, withBody);
  return (req) => {
    const input = readBodyFields(req);
    // Without this test, requests without a query would parse one.
    if (req.raw.url!.includes('?')) readQuery(req.query as Values, input);
    for (const { header, name, decode } of headers) {
      const value = req.headers[header];
      if (value !== undefined) input[name] = decode(value);
    }
    const values = req.params as Values;
    for (const { name, decode } of params) input[name] = decode(values[name]);
    return input;
  };
}

/** Reads a body, which must not contain fields of the path, the query or headers. */
function createBodyReader({ path, query, headers, body }: FieldLocations): (req: FastifyRequest) => Values {
  const elsewhere = [
    ...path.map(({ name }) => ({ name, where: 'the path' })),
    ...query.map(({ name }) => ({ name, where: 'the query' })),
    ...headers.map(({ header, field }) => ({ name: field.name, where: `the header ${header}` })),
  ];
  const required = body.some((field) => field.required);
  return (req) => {
    const input = readBody(req, required);
    for (const { name, where } of elsewhere) {
      if (Object.hasOwn(input, name)) throw fieldProblem([name], `This field travels in ${where}`);
    }
    return input;
  };
}

const withoutBody =
  (method: string) =>
  (req: FastifyRequest): Values => {
    if (req.body === undefined || (req.body as Buffer).length === 0) return {};
    throw new ProblemError('validation_failed', `${method} takes no body here.`, { remedy: 'Use the query.' });
  };

/** For a method with a body, the query may contain only named fields; others would override the body. */
function createQueryReader(
  { path, query, strict }: FieldLocations,
  withBody: boolean,
): (source: Values, into: Values) => void {
  const decode = createQueryDecoder(query);
  const names = new Set(query.map(({ name }) => name));
  return (source, into) => {
    for (const { name } of path) {
      if (Object.hasOwn(source, name)) throw fieldProblem([name], 'This field travels in the path');
    }
    if (!withBody) return decode(source, into);
    const unknown = strict && Object.keys(source).find((key) => !names.has(fieldNameOf(key)));
    if (unknown) throw fieldProblem([unknown], 'Unknown query parameter');
    decode(Object.fromEntries(Object.entries(source).filter(([key]) => names.has(fieldNameOf(key)))), into);
  };
}

/** `metadata[team]` → `metadata`. */
const fieldNameOf = (key: string): string => key.split('[', 1)[0]!;

const fieldProblem = (path: string[], message: string): ProblemError =>
  new ProblemError('validation_failed', `${pointer(path)}: ${message}.`, {
    errors: [{ pointer: pointer(path), message }],
  });

function readBody(req: FastifyRequest, required: boolean): Values {
  const bytes = req.body as Buffer | undefined;
  if (bytes === undefined || bytes.length === 0) {
    if (!required) return {};
    throw new ProblemError('invalid_json', 'The body is missing.');
  }
  const body = parseJson(bytes);
  if (typeof body !== 'object' || body === null || Array.isArray(body)) {
    throw new ProblemError('validation_failed', 'The body must be a JSON object.', {
      errors: [{ pointer: '', message: 'Expected an object' }],
    });
  }
  return body as Values;
}

/** @throws ProblemError `invalid_json` for bytes that are not UTF-8 (RFC 8259 §8.1) or not JSON, and as `checkText` */
function parseJson(bytes: Buffer): unknown {
  if (!isUtf8(bytes)) throw new ProblemError('invalid_json', 'The body is not UTF-8.');
  checkText(bytes);
  try {
    const text = bytes.toString();
    return JSON.parse(text.charCodeAt(0) === 0xfeff ? text.slice(1) : text);
  } catch {
    throw new ProblemError('invalid_json', 'The body is not JSON.');
  }
}
