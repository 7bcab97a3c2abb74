import { Validator } from '@seriousme/openapi-schema-validator';
import { describe, expect, it } from 'vitest';
import { z } from 'zod';
import { mutation, operations, query } from '../contract.ts';
import { openApiDocument } from '../index.ts';
import { contract, errors } from '../testing/fixtures/notes.ts';

const info = { title: 'Notes', version: '1.0.0' };
const document = openApiDocument(contract, {
  info,
  errors,
  tags: [{ name: 'notes', description: 'Everything about notes' }],
  securitySchemes: {
    key: { type: 'apiKey', in: 'header', name: 'x-api-key' },
    bearer: { type: 'http', scheme: 'bearer' },
  },
  commonErrors: ['rate_limited'],
  responseHeaders: {
    'retry-after': { description: 'Seconds to wait', example: '1', errorCodes: ['rate_limited'] },
    'x-left': { description: 'Requests left', always: true },
  },
  examples: { 'notes.get': { id: 'n1', text: 'milk', pinned: false, owner: 'ann' } },
  paths: (problems) => ({ '/page': { get: { responses: { '200': { description: 'A page' }, ...problems('gone') } } } }),
  webhooks: { written: { post: { responses: { '204': { description: 'Taken' } } } } },
});
const paths = document.paths!;
type Answer = { description: string; headers: object; content: Record<string, object> };
/** An answer of an operation, also one that is shared. */
const answerOf = (path: string, method: 'get' | 'post' | 'patch', status: string): Answer => {
  const answer = paths[path]![method]!.responses![status] as { $ref: string } | Answer;
  return '$ref' in answer ? (at(answer.$ref) as Answer) : answer;
};
const refs = (value: unknown) => [...JSON.stringify(value).matchAll(/"\$ref":"([^"]+)"/g)].map(([, ref]) => ref!);
const at = (ref: string) =>
  ref
    .slice(2)
    .split('/')
    .reduce<unknown>((value, key) => (value as Record<string, unknown>)?.[key], document);

describe('the document', () => {
  it('is valid OpenAPI 3.1', async () => {
    expect(await new Validator().validate(JSON.parse(JSON.stringify(document)))).toMatchObject({ valid: true });
    expect(document.openapi).toMatch(/^3\.1\./);
  });

  it('has no reference to nothing, and no word of the adapter', () => {
    expect(refs(document).filter((ref) => at(ref) === undefined)).toEqual([]);
    expect(JSON.stringify(document)).not.toContain('errorCode');
  });

  it('lists the operations of REST and no others', () => {
    const listed = Object.entries(paths).flatMap(([path, item]) =>
      Object.keys(item).map((method) => `${method} ${path}`),
    );
    expect(listed).toEqual([
      'get /v1/notes',
      'post /v1/notes',
      'get /v1/notes/{id}',
      'patch /v1/notes/{id}',
      'delete /v1/notes/{id}',
      'get /v1/notes/{id}/visit',
      'post /v1/notes/{id}/touch',
      'get /v1/lists/{list}/sse',
      'get /v1/broken',
      'get /v1/page',
      'get /page',
    ]);
    expect(paths['/v1/notes']!.get).toMatchObject({ operationId: 'notesList', summary: 'List notes', tags: ['notes'] });
  });

  it('says where each field travels', () => {
    const where = (path: string, method: 'get' | 'post' | 'patch' | 'delete') =>
      paths[path]![method]!.parameters?.map((each) => ('in' in each ? `${each.in} ${each.name}` : each.$ref));
    expect(where('/v1/notes', 'post')).toEqual(['header Idempotency-Key']);
    expect(where('/v1/notes/{id}', 'patch')).toEqual(['path id', 'query notify']);
    expect(where('/v1/lists/{list}/sse', 'get')).toEqual([
      'path list',
      'query after',
      'query shared',
      'header Last-Event-ID',
    ]);
    expect(where('/v1/page', 'get')).toEqual(['query accept']);
    const body = paths['/v1/notes/{id}']!.patch!.requestBody as { content: Record<string, { schema: object }> };
    expect(body.content['application/json']!.schema).toMatchObject({
      properties: { text: { type: 'string' } },
      additionalProperties: false,
    });
    expect(JSON.stringify(body)).not.toContain('notify');
  });

  it('shows an example of each answer, and says which headers come with it', () => {
    const answer = (status: string) => answerOf('/v1/notes/{id}', 'get', status);
    expect(answer('200').content['application/json']).toMatchObject({
      examples: { answer: { value: { id: 'n1', text: 'milk', pinned: false, owner: 'ann' } } },
    });
    expect(Object.keys(answer('200').headers)).toEqual(['x-request-id', 'x-left']);
    expect(Object.keys(answer('401').headers)).toEqual(['x-request-id']);
    expect(Object.keys(answer('429').headers)).toEqual(['x-request-id', 'retry-after', 'x-left']);
    expect(answer('410').content['application/problem+json']).toMatchObject({
      examples: { gone: { $ref: '#/components/examples/gone' } },
    });
    expect(document.components!.examples).toMatchObject({
      gone: { value: { title: 'The note was erased', status: 410, code: 'gone', remedy: 'Write the note again.' } },
    });
  });

  it('gives the answers of problems to routes beside the contract', () => {
    expect(Object.keys(paths['/page']!.get!.responses!)).toEqual(['200', '410']);
  });

  it('writes objects in a query as deepObject', () => {
    expect(paths['/v1/notes']!.get!.parameters).toContainEqual(
      expect.objectContaining({ name: 'metadata', style: 'deepObject', explode: true }),
    );
  });

  it('declares the status of success, and a body only where there is one', () => {
    expect(paths['/v1/notes']!.post!.responses).toHaveProperty('201');
    const { '204': gone } = paths['/v1/notes/{id}']!.delete!.responses as Record<string, object>;
    expect(gone).not.toHaveProperty('content');
  });

  it('has both forms of an answer that has two', () => {
    const { content } = paths['/v1/notes']!.get!.responses!['200'] as { content: Record<string, { schema: object }> };
    expect(content['application/json']!.schema).toMatchObject({
      anyOf: [{ type: 'object' }, { type: 'array', items: { $ref: expect.stringContaining('Note') } }],
    });
  });

  it('describes streams by their items', () => {
    const { '200': open, '204': over } = paths['/v1/lists/{list}/sse']!.get!.responses as Record<string, object>;
    expect(open).toHaveProperty(['content', 'text/event-stream', 'schema'], { $ref: '#/components/schemas/NoteEvent' });
    expect(over).toBeDefined();
    expect(document.components!.schemas!.NoteEvent).toHaveProperty('discriminator.propertyName', 'type');
  });

  it('names the codes of each problem', () => {
    const notFound = answerOf('/v1/notes/{id}', 'get', '404');
    expect(notFound.description).toBe('`not_found`: There is no such note');
    expect(notFound).toHaveProperty(['content', 'application/problem+json', 'schema', '$ref']);
    expect(answerOf('/v1/notes/{id}', 'get', '410').description).toBe('`gone`: The note was erased');
    expect(answerOf('/v1/notes', 'get', '400').description).toContain('`invalid_cursor`');
  });

  it('writes a problem once that several operations answer alike', () => {
    const statuses = Object.fromEntries(
      Object.entries(paths['/v1/notes/{id}']!.get!.responses!).map(([status, answer]) => [
        status,
        '$ref' in answer ? answer.$ref : undefined,
      ]),
    );
    expect(statuses).toEqual({
      '200': undefined,
      '400': '#/components/responses/ValidationFailed',
      '401': '#/components/responses/Unauthenticated',
      '403': '#/components/responses/InsufficientScope',
      '404': '#/components/responses/NotFound',
      // No other operation answers it with these headers.
      '410': undefined,
      '429': '#/components/responses/RateLimited',
      '500': '#/components/responses/Internal',
    });
    expect(answerOf('/v1/broken', 'get', '500')).toMatchObject({ description: '`internal`: Internal error' });
    const inline = [...JSON.stringify(paths).matchAll(/"application\/problem\+json"/g)].length;
    expect(inline).toBeLessThan(Object.keys(document.components!.responses!).length);
  });

  it('documents the statuses of the errors that each operation declares', () => {
    for (const { name, op } of operations(contract)) {
      if (!op.http) continue;
      const { path, method } = op.http;
      const declared = op.errors.map((code) => String(errors[code as keyof typeof errors].status));
      expect(Object.keys(paths[path]![method.toLowerCase() as 'get']!.responses!), name).toEqual(
        expect.arrayContaining(declared),
      );
    }
  });

  it('asks for a credential unless the contract says none is needed', () => {
    expect(paths['/v1/notes']!.get).toMatchObject({
      security: [{ key: [] }, { bearer: [] }],
      'x-required-scope': 'notes:read',
    });
    expect(paths['/v1/broken']!.get).toMatchObject({ security: [] });
    expect(paths['/v1/broken']!.get).not.toHaveProperty('x-required-scope');
  });

  it('names the scope that is needed beside the first one', () => {
    const http = { route: 'PUT /things' } as const;
    const spec = { input: z.object({}), output: z.null(), http };
    const { paths } = openApiDocument(
      { set: mutation({ ...spec, scope: 'things:write', readScope: 'things:read' }) },
      { info },
    );
    expect(paths!['/things']!.put).toMatchObject({
      'x-required-scope': 'things:write',
      'x-required-read-scope': 'things:read',
    });
  });

  it('keeps examples', () => {
    expect(document.components!.schemas!.Note).toHaveProperty('examples.0.text', 'milk');
  });
});

describe('one schema as input and output', () => {
  const Thing = z.object({ name: z.string(), size: z.int().default(1) }).meta({ id: 'Thing' });
  const http = { route: 'POST /things' } as const;
  const both = openApiDocument(
    { things: { add: mutation({ input: Thing, output: Thing, scope: null, http }) } },
    { info },
  );

  it('becomes two components when it looks different', () => {
    expect(both.components!.schemas!.Thing).toMatchObject({ required: ['name'] });
    expect(both.components!.schemas!.ThingOutput).toMatchObject({ required: ['name', 'size'] });
  });

  it('stays one when it does not', () => {
    expect(document.components!.schemas).not.toHaveProperty('NoteIdOutput');
  });
});

describe('mistakes of a contract', () => {
  const op = (path: `/${string}`, more: object = {}) =>
    query({
      input: z.object({ id: z.string() }),
      output: z.null(),
      scope: null,
      http: { route: `GET ${path}` },
      ...more,
    });
  it.each([
    ['two operations at one path', { a: op('/x'), b: op('/x') }, 'GET /x is taken already'],
    ['a path with a field that is not there', { a: op('/x/{other}') }, 'names the field other'],
    [
      'an error that is not in the table',
      { a: op('/x', { errors: ['nonsense'] }) },
      'nonsense is not in the error table',
    ],
    [
      'two schemas with one id',
      {
        a: op('/x', { output: z.object({ a: z.int() }).meta({ id: 'S' }) }),
        b: op('/y', { output: z.object({ b: z.int() }).meta({ id: 'S' }) }),
      },
      'S',
    ],
  ])('are refused: %s', (_, wrong, message) => {
    expect(() => openApiDocument(wrong, { info })).toThrow(message);
  });
});
