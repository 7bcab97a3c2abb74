import type { EvalAnswer, EvalRequest, EvalService } from '../eval-service.ts';
import { fault, object, ref, type Schema, text } from './schemas.ts';

export type Row = Record<string, unknown>;
export type Tables = Record<string, Row[]>;

/** A parameter of a read; one with `keeps` decides which rows are answered. */
export interface Filter {
  name: string;
  schema: Schema;
  required?: boolean;
  keeps?(row: Row, value: unknown): boolean;
}

export interface Call {
  tables: Tables;
  path: Record<string, string>;
  /** the query, or the body of a POST-only service */
  args: Row;
  body: Row;
}

export interface Operation {
  id: string;
  method: string;
  path: string;
  summary: string;
  description?: string;
  deprecated?: boolean;
  query?: Filter[];
  body?: Schema;
  status?: number;
  answer?: Schema;
  /** the states in which it is allowed; in others it is answered 409 */
  only?: string[];
  run(call: Call): unknown;
}

export class Refused extends Error {
  readonly status: number;
  constructor(status: number, message: string) {
    super(message);
    this.status = status;
  }
}

/** @returns the row of that id; without one the request is answered 404 */
export function find(rows: Row[] | undefined, id: unknown, key = 'id'): Row {
  const row = rows?.find((each) => each[key] === id);
  if (!row) throw new Refused(404, `There is no ${String(id)}`);
  return row;
}

const folded = (value: unknown) => String(value ?? '').toLowerCase();

export const same = (name: string, schema: Schema, field = name): Filter => ({
  name,
  schema,
  keeps: (row, value) => String(row[field]) === String(value),
});
export const contains = (name: string, schema: Schema, ...fields: string[]): Filter => ({
  name,
  schema,
  keeps: (row, value) => fields.some((field) => folded(row[field]).includes(folded(value))),
});
const compared = (left: unknown, right: unknown) =>
  typeof left === 'number'
    ? left - Number(right)
    : String(left) < String(right)
      ? -1
      : Number(String(left) > String(right));
export const atLeast = (name: string, schema: Schema, field: string): Filter => ({
  name,
  schema,
  keeps: (row, value) => row[field] !== null && compared(row[field], value) >= 0,
});
/** Up to and with the value; a date takes in its whole day. */
export const atMost = (name: string, schema: Schema, field: string): Filter => ({
  name,
  schema,
  keeps: (row, value) =>
    row[field] !== null &&
    (compared(row[field], value) <= 0 || (value !== '' && String(row[field]).startsWith(`${value}T`))),
});

export function kept(rows: Row[], filters: Filter[], args: Row): Row[] {
  return rows.filter((row) =>
    filters.every(({ name, keeps }) => args[name] === undefined || !keeps || keeps(row, args[name])),
  );
}

/** @returns the rows in the order of a field; a leading `-` turns it round */
export function sorted(rows: Row[], by: unknown): Row[] {
  if (typeof by !== 'string' || by === '') return rows;
  const field = by.replace('-', '');
  const sign = by.startsWith('-') ? -1 : 1;
  return rows.toSorted((a, b) => sign * compared(a[field], b[field]));
}

/** @returns the next id of a table, e.g. `own_031` after `own_030` */
export function nextId(rows: Row[], key = 'id'): string {
  const last = String(
    rows
      .map((row) => String(row[key]))
      .sort()
      .at(-1),
  );
  return last.replace(/\d+$/, (digits) => String(Number(digits) + 1).padStart(digits.length, '0'));
}

const parts = (path: string) => path.split('/').slice(1);

function answered(operation: Operation): Row {
  const status = operation.status ?? (operation.answer ? 200 : 204);
  const fails = (description: string) => ({ description, content: { 'application/json': { schema: ref('Error') } } });
  const asks = operation.body || operation.query?.length;
  return {
    [status]: operation.answer
      ? { description: 'Done', content: { 'application/json': { schema: operation.answer } } }
      : { description: 'Done, nothing to say' },
    ...(operation.path.includes('{') || operation.body ? { 404: fails('There is no such thing') } : {}),
    ...(operation.only ? { 409: fails('Its state does not allow this') } : {}),
    ...(asks ? { 422: fails('The request is not valid') } : {}),
  };
}

function described(operation: Operation, pathWords: Record<string, string>): Row {
  const names = [...operation.path.matchAll(/\{(\w+)\}/g)].map((match) => match[1]!);
  const parameters = [
    ...names.map((name) => ({ name, in: 'path', required: true, schema: text(pathWords[name]!) })),
    ...(operation.query ?? []).map(({ name, schema, required }) => ({
      name,
      in: 'query',
      ...(required ? { required } : {}),
      schema,
    })),
  ].map(({ schema: { description, ...schema }, ...parameter }) => ({ ...parameter, description, schema }));
  return {
    operationId: operation.id,
    summary: operation.summary,
    ...(operation.description ? { description: operation.description } : {}),
    ...(operation.deprecated ? { deprecated: true } : {}),
    ...(parameters.length ? { parameters } : {}),
    ...(operation.body
      ? {
          requestBody: {
            required: Boolean(operation.body.required),
            content: { 'application/json': { schema: operation.body } },
          },
        }
      : {}),
    responses: answered(operation),
  };
}

export interface Design {
  id: string;
  name: string;
  description: string;
  pathWords: Record<string, string>;
  schemas: Record<string, Schema>;
  operations: Operation[];
  seed(): Tables;
}

function checkedQuery(filters: Filter[], query: EvalRequest['query']): Row {
  const args: Row = {};
  for (const { name, schema, required } of filters) {
    const given = query[name];
    if (given === undefined && required) throw new Refused(422, `${name} is required`);
    if (given === undefined) continue;
    const raw = Array.isArray(given) ? given.at(-1)! : String(given);
    const value = schema.type === 'string' ? raw : schema.type === 'boolean' ? raw === 'true' : Number(raw);
    const wrong = fault(schema, value, name);
    if (wrong || Number.isNaN(value)) throw new Refused(422, wrong ?? `${name} must be a number`);
    args[name] = value;
  }
  return args;
}

function matched(template: string, path: string): Record<string, string> | undefined {
  const [wanted, got] = [parts(template), parts(path)];
  if (wanted.length !== got.length) return undefined;
  const found: Record<string, string> = {};
  for (const [index, part] of wanted.entries()) {
    if (part.startsWith('{')) found[part.slice(1, -1)] = decodeURIComponent(got[index]!);
    else if (part !== got[index]) return undefined;
  }
  return found;
}

function respond(operations: Operation[], tables: Tables, request: EvalRequest): EvalAnswer {
  const method = request.method.toLowerCase();
  const fits = operations
    .filter((operation) => operation.method === method)
    .map((operation) => ({ operation, path: matched(operation.path, request.path) }))
    .filter(({ path }) => path)
    .sort((a, b) => Object.keys(a.path!).length - Object.keys(b.path!).length)[0];
  if (!fits) return { status: 404, body: { error: `Nothing answers ${request.method} ${request.path}` } };
  const { operation } = fits;
  try {
    const body = (operation.body ? (request.body ?? {}) : {}) as Row;
    const wrong = operation.body && fault(operation.body, body);
    if (wrong) throw new Refused(422, wrong);
    const args = { ...checkedQuery(operation.query ?? [], request.query), ...body };
    const answer = operation.run({ tables, path: fits.path!, args, body });
    if (!operation.answer) return { status: operation.status ?? 204 };
    return { status: operation.status ?? 200, body: structuredClone(answer) };
  } catch (error) {
    if (!(error instanceof Refused)) throw error;
    return { status: error.status, body: { error: error.message } };
  }
}

/** @returns a service whose document and answers come from the same list of operations */
export function service({ id, name, description, pathWords, schemas, operations, seed }: Design): EvalService {
  const paths: Record<string, Row> = {};
  for (const operation of operations)
    paths[operation.path] = { ...paths[operation.path], [operation.method]: described(operation, pathWords) };
  return {
    id,
    name,
    document: {
      openapi: '3.1.0',
      info: { title: name, version: '1.0.0', description },
      servers: [{ url: `https://${id}.example.com` }],
      paths,
      components: { schemas: { ...schemas, Error: object({ 'error!': text('What went wrong') }) } },
    },
    open() {
      const tables = seed();
      return { respond: (request) => respond(operations, tables, request) };
    },
  };
}
