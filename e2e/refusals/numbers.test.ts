// Numbers and times at and beyond the limits of Postgres and JavaScript, in every such field of every operation: they are refused or
// carried out, and cause no internal error.
import { beforeAll, expect, test } from 'vitest';
import { type Answer, request } from '../fixtures/request.ts';
import { type Stack, startStack } from '../fixtures/stack.ts';

type Schema = {
  $ref?: string;
  type?: string;
  pattern?: string;
  format?: string;
  examples?: unknown[];
  properties?: Record<string, Schema>;
  required?: string[];
  anyOf?: Schema[];
  oneOf?: Schema[];
  allOf?: Schema[];
  const?: unknown;
  enum?: unknown[];
};
type Parameter = { name: string; in: 'path' | 'query' | 'header'; required?: boolean; schema: Schema };
type Operation = {
  parameters?: Parameter[];
  requestBody?: { content: Record<string, { schema: Schema } | undefined> };
};
type Document = {
  paths: Record<string, Record<string, Operation>>;
  components: { schemas: Record<string, Schema> };
};

let document: Document;
const resolve = (schema: Schema): Schema =>
  schema.$ref ? { ...resolve(document.components.schemas[schema.$ref.split('/').at(-1)!]!), ...schema } : schema;

/** A value that the schema accepts. */
function sample(unresolved: Schema): unknown {
  const schema = resolve(unresolved);
  if (schema.examples) return schema.examples[0];
  if (schema.const !== undefined) return schema.const;
  if (schema.enum) return schema.enum[0];
  const alternatives = schema.anyOf ?? schema.oneOf ?? schema.allOf;
  if (alternatives) return sample(alternatives[0]!);
  if (schema.type === 'object')
    return Object.fromEntries((schema.required ?? []).map((name) => [name, sample(schema.properties![name]!)]));
  if (schema.type === 'number' || schema.type === 'integer') return 1;
  return schema.type === 'array' ? [] : '';
}

const isNumber = (schema: Schema): boolean =>
  schema.type === 'integer' ||
  schema.type === 'number' ||
  (schema.type === 'string' && schema.pattern !== undefined && /^\d+$/.test(String(schema.examples?.[0])));
const isTime = (schema: Schema): boolean => schema.format === 'date-time';

type Spot = { path: string; schema: Schema; make: (value: unknown) => unknown };

/** Each field for a number or a time in a value of the schema, with a function that makes the whole value with a replacement for it. */
function spotsIn(unresolved: Schema, path = ''): Spot[] {
  const schema = resolve(unresolved);
  if (isNumber(schema) || isTime(schema)) return [{ path, schema, make: (value) => value }];
  const branches = [...(schema.anyOf ?? []), ...(schema.oneOf ?? []), ...(schema.allOf ?? [])];
  const inner = Object.entries(schema.properties ?? {}).flatMap(([key, each]) =>
    spotsIn(each, `${path}/${key}`).map((spot) => ({
      ...spot,
      make: (value: unknown) => ({
        ...(sample({ ...schema, examples: undefined }) as object),
        [key]: spot.make(value),
      }),
    })),
  );
  return [...inner, ...branches.flatMap((each) => spotsIn(each, path))];
}

// As text, because JSON has no bounds of its own.
const numbers = ['2147483647', '2147483648', '9007199254740991', '9007199254740992', '-1', '1e400', '0.5', '1e3'];
const times = ['0000-01-01T00:00:00Z', '0001-01-01T00:00:00.000Z', '9999-12-31T23:59:59.999Z', '2147483648'];

type Case = { name: string; values: string[]; send: (value?: string) => Promise<Answer> };

/** Each field for a number or a time of one operation. The rest of the request is the example of the document. */
function casesOf(path: string, method: string, { parameters = [], requestBody }: Operation): Case[] {
  const url = (override: { name?: string; value?: string } = {}) => {
    const value = ({ name, schema }: Parameter) =>
      encodeURIComponent(name === override.name ? override.value! : String(sample(schema)));
    const filled = path.replaceAll(/\{(\w+)\}/g, (_, name) =>
      value(parameters.find((parameter) => parameter.name === name)!),
    );
    const query = parameters.filter(
      (parameter) => parameter.in === 'query' && (parameter.required || parameter.name === override.name),
    );
    return `${filled}?${query.map((parameter) => `${parameter.name}=${value(parameter)}`).join('&')}`;
  };
  // A live list has no end: its first bytes show that it is accepted.
  const lives = path.endsWith('/sse') && !path.includes('{');
  const call = (at: string, body?: string, headers?: Record<string, string>) =>
    (lives ? firstOf : request)(stack, at, {
      method: method.toUpperCase(),
      ...(body !== undefined && { body }),
      ...(headers && { headers }),
    });
  const bodySchema = requestBody?.content['application/json']?.schema;
  const plainBody = bodySchema && JSON.stringify(sample(bodySchema));
  const inParameters = parameters.flatMap(({ name, in: where, schema }): Case[] => {
    const resolved = resolve(schema);
    if (!isNumber(resolved) && !isTime(resolved)) return [];
    const send = (value = String(sample(resolved))) =>
      where === 'header' ? call(url(), plainBody, { [name]: value }) : call(url({ name, value }), plainBody);
    return [{ name: `${method} ${path} ${where} ${name}`, values: isTime(resolved) ? times : numbers, send }];
  });
  const inBody = (bodySchema ? spotsIn(bodySchema) : []).map(({ path: at, schema, make }): Case => {
    const mark = 'the number stands here';
    const text = JSON.stringify(make(mark));
    const written = (value: string) => (schema.type === 'string' ? JSON.stringify(value) : value);
    const send = (value = String(sample(schema))) =>
      call(
        url(),
        text.replace(JSON.stringify(mark), () => written(value)),
      );
    return { name: `${method} ${path} ${at}`, values: isTime(schema) ? times : numbers, send };
  });
  return [...inParameters, ...inBody];
}

/** The status of an endless answer; a refusal is read whole. */
const firstOf: typeof request = async (caller, path, options) => {
  const { status, body } = await fetch(caller.url + path, { headers: { 'x-api-key': caller.apiKey } });
  await body?.cancel();
  if (status >= 400) return request(caller, path, options);
  return { status, headers: new Headers(), text: '', problem: {} };
};

let stack: Stack;
let cases: Case[];
beforeAll(async () => {
  stack = await startStack({ seed: false, env: { ERRAND_RATE_LIMIT: '0' } });
  document = JSON.parse((await request(stack, '/openapi.json')).text);
  // Keys of a workspace are refused there before their input is read.
  const forKeys = Object.entries(document.paths).filter(
    ([path]) => !/^\/v1\/(workspaces|settings|system)\b/.test(path),
  );
  cases = forKeys.flatMap(([path, methods]) =>
    Object.entries(methods).flatMap(([method, operation]) => casesOf(path, method, operation)),
  );
  return () => stack.close();
});

test('fields of every kind are found, and their documented examples are accepted', async () => {
  expect(cases.map(({ name }) => name)).toEqual(
    expect.arrayContaining([
      'get /v1/runs/{runId}/events query after',
      'get /v1/runs/{runId}/sse query after',
      'get /v1/runs/{runId}/sse header Last-Event-ID',
      'get /v1/runs query pageSize',
      'get /v1/audit query from',
      'post /v1/runs /budget/maxTokens',
      'post /v1/runs /priority',
    ]),
  );
  for (const { name, send } of cases) {
    const { status, problem } = await send();
    // Some inputs need another field as well; that is checked after all fields are valid.
    const isIncomplete =
      /^(Send either the OpenAPI document|Required without catalog|Settings of runs need the ability|.*: a filter decides uncertain effects alone)/.test(
        problem.detail ?? '',
      );
    const fine = status < 400 || status === 404 || isIncomplete;
    expect([name, fine, status, problem.detail]).toEqual([name, true, status, problem.detail]);
  }
});

test('numbers and times beyond the limits are refused or carried out, without an internal error', async () => {
  const broken: string[] = [];
  for (const { name, values, send } of cases) {
    for (const value of values) {
      const { status, problem } = await send(value);
      if (status >= 500) broken.push(`${name} = ${value}: ${status} ${problem.code}`);
    }
  }
  expect(broken).toEqual([]);
});
