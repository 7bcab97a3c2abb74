// How path, query, headers and body become an input over REST.
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startService } from '../testing/fixtures/service.ts';

let service: Awaited<ReturnType<typeof startService>>;
beforeAll(async () => {
  service = await startService();
});
afterAll(() => service.app.close());

describe('a query', () => {
  it.each([
    ['pinned=true', { pinned: true }],
    ['pinned=false', { pinned: false }],
    ['limit=7', { limit: 7 }],
    ['shown=all', { shown: 'all' }],
    ['shown=false', { shown: false }],
    ['shown=2', { shown: 2 }],
    ['tags=home', { tags: ['home'] }],
    ['tags=home&tags=work', { tags: ['home', 'work'] }],
    ['sizes=1&sizes=-2', { sizes: [1, -2] }],
    ['metadata[a]=1&metadata[b%20c]=true', { metadata: { a: '1', 'b c': 'true' } }],
    ['metadata%5Ba%5D=x', { metadata: { a: 'x' } }],
  ])('takes %s', async (search, expectedInput) => {
    const { json } = await service.call('GET', `/v1/notes?${search}`);
    expect(json.asked).toEqual({ limit: 10, ...expectedInput });
  });

  it.each([
    ['pinned=1', '/pinned'],
    ['pinned=TRUE', '/pinned'],
    ['pinned=', '/pinned'],
    ['pinned=true&pinned=true', '/pinned'],
    ['shown=ALL', '/shown'],
    ['limit=0', '/limit'],
    ['limit=-1', '/limit'],
    ['limit=1e1', '/limit'],
    ['limit=0x10', '/limit'],
    ['limit=07', '/limit'],
    ['limit=%207', '/limit'],
    ['limit=1000000000', '/limit'],
    ["tags=home'%20OR%201=1", '/tags/0'],
    ['sizes=1&sizes=b', '/sizes/1'],
    ['metadata=a', '/metadata'],
    ['metadata[a]=1&metadata[a]=2', '/metadata/a'],
    ['other[a]=1', '/other[a]'],
    ['sort=id', '/sort'],
  ])('refuses %s', async (search, pointer) => {
    const { status, json } = await service.call('GET', `/v1/notes?${search}`);
    expect(status).toBe(400);
    expect(json).toMatchObject({ code: 'validation_failed', errors: [{ pointer }] });
  });

  it.each(['__proto__=1', 'metadata[__proto__]=1'])('refuses %s', async (search) => {
    const { status, json } = await service.call('GET', `/v1/notes?${search}`);
    expect([status, json.code]).toEqual([400, 'invalid_json']);
  });

  it('cannot stand in for the path', async () => {
    const { status, json } = await service.call('GET', '/v1/notes/n1?id=n2');
    expect([status, json.errors[0].pointer]).toEqual([400, '/id']);
  });

  it('cannot stand in for the body', async () => {
    const { status, json } = await service.call('POST', '/v1/notes?pinned=true', { text: 'a' });
    expect([status, json.errors[0].pointer]).toEqual([400, '/pinned']);
  });

  it('carries the fields of a body method that are declared for it', async () => {
    const { json } = await service.call('PATCH', '/v1/notes/n3?notify=true', { text: 'b' });
    expect(json).toMatchObject({ id: 'n3', text: 'b', pinned: true });
  });
});

describe('a path', () => {
  it('is decoded', async () => {
    expect((await service.call('GET', '/v1/notes/%6E5')).json.id).toBe('n5');
  });

  it.each([
    ['/v1/notes/%00', 400, 'invalid_string'],
    ['/v1/notes/%zz', 400, 'invalid_string'],
    ['/v1/notes/5', 400, 'validation_failed'],
    [`/v1/notes/n${'1'.repeat(2000)}`, 414, 'uri_too_long'],
  ])('refuses %.20s', async (path, status, code) => {
    const answer = await service.call('GET', path);
    expect([answer.status, answer.json.code]).toEqual([status, code]);
    expect(answer.headers.get('content-type')).toBe('application/problem+json; charset=utf-8');
    expect(answer.headers.get('x-request-id')).toBeTruthy();
  });
});

describe('a header', () => {
  it('becomes the field that it is mapped to', async () => {
    const { status, headers } = await service.call('POST', '/v1/notes', { text: 'a' }, { 'idempotency-key': 'k1' });
    expect([status, headers.get('x-key'), headers.get('idempotent-replayed')]).toEqual([201, 'k1', 'true']);
  });

  it('is checked like any field', async () => {
    const { json } = await service.call('POST', '/v1/notes', { text: 'a' }, { 'idempotency-key': 'k'.repeat(21) });
    expect(json.errors).toMatchObject([{ pointer: '/idempotencyKey' }]);
  });

  it('chooses the form of an answer', async () => {
    const page = await service.call('GET', '/v1/page', undefined, { accept: 'text/html' });
    expect([page.headers.get('content-type'), page.text]).toEqual(['text/html; charset=utf-8', '<p>hello</p>']);
    expect((await service.call('GET', '/v1/page', undefined, { accept: '*/*' })).json).toEqual({ text: 'hello' });
  });
});

describe('a body', () => {
  const post = (body: string, type?: string, more: Record<string, string> = {}) =>
    service.call('POST', '/v1/notes', body, { 'content-type': type ?? 'application/json', ...more });

  it('may name UTF-8 and begin with a byte order mark', async () => {
    expect((await post('\ufeff{"text":"ä"}', 'application/json; charset=UTF-8')).json.text).toBe('ä');
  });

  it.each([
    ['nothing', '', 'invalid_json'],
    ['a byte order mark alone', '\ufeff', 'invalid_json'],
    ['broken JSON', '{"text":', 'invalid_json'],
    ['two values', '{} {}', 'invalid_json'],
    ['an array', '[]', 'validation_failed'],
    ['null', 'null', 'validation_failed'],
    ['text that is no number', '{"text":"a","count":"5"}', 'validation_failed'],
    ['text that is no boolean', '{"text":"a","pinned":"false"}', 'validation_failed'],
    ['a number out of range', '{"text":"a","count":1e400}', 'validation_failed'],
    ['a header field', '{"text":"a","idempotencyKey":"k"}', 'validation_failed'],
  ])('of %s is refused', async (_, body, code) => {
    const answer = await post(body);
    expect([answer.status, answer.json.code]).toEqual([400, code]);
  });

  it('that is not UTF-8 is refused', async () => {
    const bytes = Buffer.concat([Buffer.from('{"text":"'), Buffer.from([0xff]), Buffer.from('"}')]);
    const answer = await fetch(`${service.url}/v1/notes`, {
      method: 'POST',
      headers: { 'x-api-key': 'ann', 'content-type': 'application/json' },
      body: bytes,
    });
    expect([answer.status, ((await answer.json()) as { code: string }).code]).toEqual([400, 'invalid_json']);
  });

  it('cannot hold a field of the path, even with the same value', async () => {
    const answer = await service.call('PATCH', '/v1/notes/n3', { id: 'n3' });
    expect(answer.json).toMatchObject({ code: 'validation_failed', errors: [{ pointer: '/id' }] });
  });

  it.each(['application/json', 'application/json; charset=utf-16', 'text/plain', 'no type', ''])(
    'that is empty is absent, whatever its content type says: %j',
    async (type) => {
      const touched = await service.call('POST', '/v1/notes/n3/touch', '', { 'content-type': type });
      expect([touched.status, touched.json]).toEqual([200, { id: 'n3' }]);
      const { status, json } = await service.call('POST', '/v1/notes', '', { 'content-type': type });
      expect([status, json.code]).toEqual([400, 'invalid_json']);
    },
  );

  it('may be absent when nothing in it is required', async () => {
    expect((await service.call('POST', '/v1/notes/n3/touch')).json).toEqual({ id: 'n3' });
    expect((await service.call('POST', '/v1/notes')).json).toMatchObject({ status: 400, code: 'invalid_json' });
  });

  it('is not taken by a method that has none', async () => {
    expect((await service.call('DELETE', '/v1/notes/n3', { force: true })).json.code).toBe('validation_failed');
    expect((await service.call('DELETE', '/v1/notes/n3?force=true')).status).toBe(204);
  });

  it.each([
    ['text/plain', {}],
    ['application/xml', {}],
    ['application/x-www-form-urlencoded', {}],
    ['multipart/form-data; boundary=x', {}],
    ['application/json; charset=latin1', {}],
    ['application/json', { 'content-encoding': 'gzip' }],
    ['nonsense', {}],
  ])('of type %s %j is refused', async (type, more) => {
    const answer = await post('{"text":"a"}', type, more);
    expect([answer.status, answer.json.code]).toEqual([415, 'unsupported_media_type']);
  });

  it('without a type is refused', async () => {
    const answer = await service.raw(
      'POST /v1/notes HTTP/1.1\r\nhost: x\r\nx-api-key: ann\r\nconnection: close\r\ncontent-length: 2\r\n\r\n{}',
    );
    expect(answer).toContain('HTTP/1.1 415');
    expect(answer).toContain('unsupported_media_type');
  });

  it('beyond the limit is refused', async () => {
    const answer = await post(JSON.stringify({ text: 'x'.repeat(1024 * 1024) }));
    expect([answer.status, answer.json.code]).toEqual([413, 'body_too_large']);
  });

  it('leaves the schemas of the contract as they were', async () => {
    await service.call('GET', '/v1/notes?pinned=true&limit=3');
    const strict = await service.call('POST', '/trpc/notes.create', { text: 'a', pinned: 'true' });
    expect(strict.json.error.data.problem.errors).toMatchObject([{ pointer: '/pinned' }]);
  });
});
