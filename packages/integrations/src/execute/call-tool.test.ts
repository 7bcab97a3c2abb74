import { type DescribedTool, Secret } from '@errand/contracts';
import type { Span, Work, WorkEnd } from '@errand/ports/observer';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { createEgress, type Egress } from '../egress/egress.ts';
import { importOpenApi } from '../openapi/import-openapi.ts';
import { importedTools } from '../testing/fixtures/imported-tools.ts';
import { type StubService, startStubService } from '../testing/stub-service.ts';
import { type CallOptions, callTool } from './call-tool.ts';

const TOKEN = 'tok/ABC+def-4711';
let stub: StubService;
let egress: Egress;
let tools: Map<string, DescribedTool>;
let reply: { status?: number; headers?: Record<string, string>; body?: string | Buffer; cut?: boolean } = {};

const text = { type: 'string' };
const content = (type: string, schema: object) => ({
  requestBody: { required: true, content: { [type]: { schema } } },
});
const properties = {
  name: text,
  tags: { type: 'array', items: text },
  meta: { type: 'object' },
  file: { type: 'string', format: 'binary' },
};
const operation = (operationId: string, more: object = {}) => ({ operationId, responses: {}, ...more });

beforeAll(async () => {
  stub = await startStubService((request, response) => {
    if (reply.cut) return void request.socket.resetAndDestroy();
    response
      .writeHead(reply.status ?? 200, { 'content-type': 'application/json', ...reply.headers })
      .end(reply.body ?? '{}');
  });
  egress = createEgress({ allowOrigins: [stub.origin] });
  const imported = await importOpenApi({
    egress,
    customerIntegrationId: 'stub_12345678',
    document: {
      openapi: '3.0.3',
      info: { title: 'Stub', version: '1' },
      servers: [{ url: `${stub.origin}/v1` }],
      components: { securitySchemes: { b: { type: 'http', scheme: 'bearer' } } },
      paths: {
        '/read': { get: operation('read') },
        '/json': { post: operation('json', content('application/json', { type: 'object' })) },
        '/form': {
          post: operation('form', content('application/x-www-form-urlencoded', { type: 'object', properties })),
        },
        '/multi': { post: operation('multi', content('multipart/form-data', { type: 'object', properties })) },
        '/text': { post: operation('text', content('text/plain', text)) },
      },
    },
  });
  tools = importedTools(imported, 'stub_12345678');
});
afterAll(async () => {
  await egress.close();
  await stub.close();
});

const call = (operation: string, args = {}, answer: typeof reply = {}, more: Partial<CallOptions> = {}) => {
  reply = answer;
  const auth = {
    type: 'API_TOKEN',
    in: 'header',
    name: 'Authorization',
    prefix: 'Bearer',
    token: new Secret(TOKEN),
  } as const;
  const options = { baseUrl: `${stub.origin}/v1`, auth, credentialOrigin: stub.origin, egress };
  return callTool(tools.get(operation) as DescribedTool, args, { ...options, ...more });
};

describe('requests', () => {
  it('carry the credential, and the idempotency key when they write', async () => {
    await call('read', {}, {}, { idempotencyKey: 'k1' });
    expect(stub.hits.at(-1)?.headers.authorization).toBe(`Bearer ${TOKEN}`);
    expect(stub.hits.at(-1)?.headers).not.toHaveProperty('idempotency-key');
    await call('json', { body: { a: 1 } }, {}, { idempotencyKey: 'k1' });
    expect(stub.hits.at(-1)).toMatchObject({ method: 'POST', url: '/v1/json', body: '{"a":1}' });
    expect(stub.hits.at(-1)?.headers['idempotency-key']).toBe('k1');
  });

  it('carry the trace of their run only where it is wanted', async () => {
    const untraced = '00-4bf92f3577b34da6a3ce929d0e0e4736-00f067aa0ba902b7-00';
    const works: Work[] = [];
    const ends: WorkEnd[] = [];
    const span: Span = {
      traceparent: '00-4bf92f3577b34da6a3ce929d0e0e4736-1111111111111111-01',
      end: (end) => void ends.push(end),
      begin(work) {
        works.push(work);
        return span;
      },
    };
    const sent = async (more: Partial<CallOptions>, status = 200) => {
      await call('read', {}, { status }, more);
      return stub.hits.at(-1)?.headers.traceparent;
    };
    expect(await sent({ span })).toBeUndefined();
    expect(await sent({ traceparent: untraced })).toBe(untraced);
    expect(await sent({ traceparent: untraced, span }, 404)).toBe(span.traceparent);
    expect(await sent({ traceparent: untraced, credentialOrigin: 'https://elsewhere.example' })).toBeUndefined();
    const request = { kind: 'request', method: 'GET', origin: stub.origin, template: '/read' };
    expect(works).toEqual([request, request]);
    expect(ends).toEqual([{ status: 200 }, { status: 404, error: '404' }]);
  });

  it('are not sent when the caller withdraws them at the last moment', async () => {
    const before = stub.hits.length;
    const outcome = await call('json', { body: { a: 1 } }, {}, { maySend: () => false });
    expect(outcome).toMatchObject({ ok: false, code: 'canceled', effectKnown: 'no' });
    expect(stub.hits).toHaveLength(before);
    expect(await call('json', { body: { a: 1 } }, {}, { maySend: () => true })).toMatchObject({ ok: true });
  });

  it('carry basic credentials encoded, and keys in the query', async () => {
    const secret = new Secret('user:p w');
    await call(
      'read',
      {},
      {},
      { auth: { type: 'API_TOKEN', in: 'header', name: 'Authorization', prefix: 'Basic ', token: secret } },
    );
    expect(stub.hits.at(-1)?.headers.authorization).toBe(`Basic ${Buffer.from('user:p w').toString('base64')}`);
    await call('read', {}, {}, { auth: { type: 'API_TOKEN', in: 'query', name: 'key', token: new Secret('a&b') } });
    expect(stub.hits.at(-1)?.url).toBe('/v1/read?key=a%26b');
  });

  it('write forms, files and texts', async () => {
    await call('form', { body: { name: 'a b&c', tags: ['x', 'y'], meta: { z: 1 } } });
    expect(stub.hits.at(-1)?.body).toBe('name=a%20b%26c&tags=x&tags=y&meta=%7B%22z%22%3A1%7D');
    await call('multi', { body: { name: 'n', file: { text: 'hello', filename: 'a".txt' } } });
    const { headers, body } = stub.hits.at(-1) as StubService['hits'][0];
    const form = await new Response(body, {
      headers: { 'content-type': headers['content-type'] as string },
    }).formData();
    expect(form.get('name')).toBe('n');
    expect(await (form.get('file') as File).text()).toBe('hello');
    expect(await call('multi', { body: { file: 'not base64!' } })).toMatchObject({
      code: 'tool_args_invalid',
      effectKnown: 'no',
    });
    await call('text', { body: 'plain' });
    expect(stub.hits.at(-1)).toMatchObject({ body: 'plain', headers: { 'content-type': 'text/plain' } });
  });
});

describe('outcomes', () => {
  it.each([
    [400, false, 'no'],
    [404, false, 'no'],
    [409, false, 'no'],
    [408, true, 'no'],
    [429, true, 'no'],
    [500, true, 'unknown'],
    [503, true, 'unknown'],
  ])('a write answered with %i', async (status, retryable, effectKnown) => {
    const outcome = await call('json', { body: {} }, { status, body: '{"why":"x"}', headers: { 'retry-after': '2' } });
    expect(outcome).toMatchObject({
      ok: false,
      code: 'upstream_error',
      status,
      retryable,
      effectKnown,
      output: { why: 'x' },
      retryAfterMs: 2_000,
    });
  });

  it.each([
    ['<https://x.example/v1/read?page=2&per=50>; rel="next", </v1/read?page=9>; rel="last"', { page: '2', per: '50' }],
    ['</v1/read?page=1>; rel=prev, <?cursor=a%2Cb>; title="x"; rel="start next"', { cursor: 'a,b' }],
    [`<https://x.example/?token=${encodeURIComponent(TOKEN)}&page=2>; rel=next`, { token: '[secret]', page: '2' }],
    ['</v1/read?page=9>; rel="last"', undefined],
    ['<http://[>; rel="next"', undefined],
    [`</?page=${'x'.repeat(5000)}>; rel="next"`, undefined],
  ])('a link to the next page in a header gives its parameters: %s', async (link, parameters) => {
    expect(await call('read', {}, { headers: { link } })).toEqual({
      ok: true,
      status: 200,
      output: {},
      outputText: '{}',
      ...(parameters && { link: parameters }),
    });
  });

  it.each([
    [302, 'unknown'],
    [303, 'unknown'],
    [307, 'no'],
  ])('a write answered with the redirect %i', async (status, effectKnown) => {
    const outcome = await call('json', { body: {} }, { status, headers: { location: 'https://evil.example.com/' } });
    expect(outcome).toMatchObject({ ok: false, code: 'upstream_redirect', effectKnown });
  });

  it('a lost reply leaves a write unknown, and a read harmless', async () => {
    expect(await call('json', { body: {} }, { cut: true })).toMatchObject({
      code: 'upstream_unreachable',
      retryable: true,
      effectKnown: 'unknown',
    });
    expect(await call('read', {}, { cut: true })).toMatchObject({ code: 'upstream_unreachable', effectKnown: 'no' });
  });

  it('a 401 without a token tells that one is missing', async () => {
    const auth = { type: 'API_TOKEN', in: 'header', name: 'Authorization', prefix: 'Bearer ' } as const;
    expect(await call('read', {}, { status: 401 }, { auth })).toMatchObject({ code: 'credential_missing' });
    const refused = { code: 'credential_rejected', status: 401, effectKnown: 'no', retryable: false };
    expect(await call('json', { body: {} }, { status: 401 })).toMatchObject(refused);
    expect(await call('read', {}, { status: 403 })).toMatchObject({ code: 'upstream_error', status: 403 });
  });

  it('too much JSON fails a read; a write that succeeded stays a success', async () => {
    const body = JSON.stringify('x'.repeat(3_000));
    expect(await call('read', {}, { body }, { maxBytes: 1_000 })).toMatchObject({
      ok: false,
      code: 'upstream_too_large',
      effectKnown: 'no',
    });
    expect(await call('json', { body: {} }, { body }, { maxBytes: 1_000 })).toMatchObject({
      ok: true,
      output: { contentType: 'application/json' },
    });
  });

  it('text is cut with a mark, bytes are only described', async () => {
    const outcome = await call(
      'read',
      {},
      { body: 'x'.repeat(3_000), headers: { 'content-type': 'text/plain' } },
      { maxBytes: 1_000 },
    );
    expect(outcome).toMatchObject({ ok: true, output: expect.stringMatching(/^x+\n\[cut\]$/) });
    const image = await call('read', {}, { body: Buffer.from([1, 2, 3]), headers: { 'content-type': 'image/png' } });
    expect(image).toMatchObject({ ok: true, output: { contentType: 'image/png', bytes: 3 } });
  });

  it('what cannot be kept is taken out of an answer', async () => {
    const body = '{"a":"x\\u0000\\u202e\\udb40\\udc41y\\ud800","__proto__":{"b":1}}';
    expect(await call('read', {}, { body })).toMatchObject({ ok: true, output: { a: 'xy\ufffd' } });
    const deep = '['.repeat(5_000) + ']'.repeat(5_000);
    expect(await call('read', {}, { body: deep })).toMatchObject({ ok: false, code: 'upstream_too_large' });
  });

  it('an answer that needs no cleaning keeps its text', async () => {
    const value = { id: 7, price: 12.5, tags: ['a b', 'ü', '💡'], none: null, nested: { ok: true } };
    const body = JSON.stringify(value);
    expect(await call('read', {}, { body })).toEqual({ ok: true, status: 200, output: value, outputText: body });
  });

  it.each([
    ['an escape', String.raw`{"a":"x\ny"}`, { a: 'x\ny' }],
    ['a secret written with escapes', `{"a":"${TOKEN.replace('/', String.raw`\/`)}"}`, { a: '[secret]' }],
    ['a secret', `{"a":"${TOKEN}"}`, { a: '[secret]' }],
    ['a hidden character', '{"a":"x\u202ey"}', { a: 'xy' }],
    ['line breaks between its members', '{"a":1,\n"b":2}', { a: 1, b: 2 }],
    ['a member that JavaScript reserves', '{"__proto__":{"b":1},"a":1}', { a: 1 }],
    ['a number of more digits than a double has', '{"a":12345678901234567}', { a: 12345678901234568 }],
    ['a long number with a decimal point', '[1234567890.123456]', [1234567890.123456]],
    ['an infinite number in a list', '[1, 1e999]', [1, Number.POSITIVE_INFINITY]],
    ['an infinite number alone', '1e999', Number.POSITIVE_INFINITY],
    ['an infinite number in an object', '{"a":1e999}', { a: Number.POSITIVE_INFINITY }],
  ])('an answer with %s is cleaned and gets a new text', async (_, body, output) => {
    expect(await call('read', {}, { body })).toEqual({ ok: true, status: 200, output });
  });

  it.each([200, 500])('no form of the token comes back with a %i', async (status) => {
    const forms = [
      TOKEN,
      encodeURIComponent(TOKEN),
      Buffer.from(TOKEN).toString('base64'),
      Buffer.from(TOKEN).toString('base64url'),
      Buffer.from(`Bearer ${TOKEN}`).toString('base64'),
      Buffer.from(`u:${TOKEN}`).toString('base64'),
    ];
    for (const type of ['application/json', 'text/plain']) {
      const headers = { 'content-type': type };
      const outcome = JSON.stringify(
        await call('read', {}, { status, headers, body: JSON.stringify({ forms, [TOKEN]: 1 }) }),
      );
      expect(outcome).toContain('[secret]');
      const shifted = forms.slice(4).map((form) => form.slice(-20, -4));
      for (const form of [...forms.slice(0, 4), ...shifted]) {
        expect(outcome).not.toContain(form);
      }
    }
  });
});

describe('importing', () => {
  it('refuses documents that are too large, and servers that may not be called', async () => {
    const base = { egress, customerIntegrationId: 'x_12345678' };
    await expect(importOpenApi({ ...base, document: 'x'.repeat(10 * 1024 * 1024) })).rejects.toMatchObject({
      code: 'openapi_too_large',
    });
    const document = {
      openapi: '3.0.0',
      info: {},
      servers: [{ url: 'https://169.254.169.254' }],
      paths: { '/a': { get: {} } },
    };
    await expect(importOpenApi({ ...base, document })).rejects.toMatchObject({ code: 'url_not_allowed' });
    await expect(importOpenApi({ ...base, url: 'http://127.0.0.1:1/openapi.json' })).rejects.toMatchObject({
      code: 'url_not_allowed',
    });
    await expect(importOpenApi({ ...base, document: { swagger: '1.2' } })).rejects.toMatchObject({
      code: 'openapi_invalid',
      options: { errors: [{ pointer: '/openapi' }] },
    });
  });

  it('loads a document by its URL, without a credential, and reads relative servers from there', async () => {
    reply = {
      body: JSON.stringify({
        openapi: '3.1.0',
        info: { title: 'R', version: '1' },
        servers: [{ url: 'v9' }],
        paths: { '/a': { get: {} } },
      }),
    };
    const imported = await importOpenApi({
      egress,
      customerIntegrationId: 'x_12345678',
      url: `${stub.origin}/docs/openapi.json`,
    });
    expect(imported.baseUrl).toBe(`${stub.origin}/docs/v9`);
    expect(stub.hits.at(-1)?.headers).not.toHaveProperty('authorization');
  });
});
