// The answers to requests that reach no operation, and to bytes that are no request.
import { Socket } from 'node:net';
import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { startService } from './testing/fixtures/service.ts';

let service: Awaited<ReturnType<typeof startService>>;
beforeAll(async () => {
  service = await startService({ requestTimeout: 300, headersTimeout: 200, connectionsCheckingInterval: 50 });
});
afterAll(() => service.app.close());

/** The problem in a raw answer, after looking at its head. */
const problemOf = (answer: string) => {
  const [head, body] = answer.split('\r\n\r\n', 2) as [string, string];
  expect(head.toLowerCase()).toContain('content-type: application/problem+json');
  expect(head.toLowerCase()).toContain('x-request-id: ');
  return JSON.parse(body);
};

describe('every answer', () => {
  it('carries a request id, the caller’s own when it is a short token', async () => {
    const id = async (sentId?: string) =>
      (await service.call('GET', '/v1/notes/n1', undefined, sentId ? { 'x-request-id': sentId } : {})).headers.get(
        'x-request-id',
      );
    expect(await id('abc-1.2:3')).toBe('abc-1.2:3');
    for (const bad of [undefined, 'a b', 'x'.repeat(65), '<script>']) expect(await id(bad)).toMatch(/^[\da-f-]{36}$/);
  });

  it('names the request in a problem', async () => {
    const { json } = await service.call('GET', '/nowhere', undefined, { 'x-request-id': 'abc' });
    expect(json.instance).toBe('urn:request:abc');
  });

  it('names a challenge when it is 401', async () => {
    const { status, headers } = await fetch(`${service.url}/v1/notes/n1`);
    expect([status, headers.get('www-authenticate')]).toEqual([401, 'Bearer']);
  });
});

it('sends the body of the reply over REST, and the result over tRPC', async () => {
  expect((await service.call('GET', '/v1/notes?shown=77')).json).toMatchObject([{ id: 'n1' }]);
  const { json } = await service.call('GET', `/trpc/notes.list?input=${encodeURIComponent('{"shown":77}')}`);
  expect(json.result.data).toMatchObject({ notes: [{ id: 'n1' }] });
});

describe('an unknown path or method', () => {
  it('is 404 for a path that nothing serves', async () => {
    for (const method of ['GET', 'POST', 'DELETE']) {
      expect((await service.call(method, '/v2/notes')).json).toMatchObject({ status: 404, code: 'not_found' });
    }
  });

  it.each([
    ['PUT', '/v1/notes', 'GET, HEAD, POST'],
    ['TRACE', '/v1/notes', 'GET, HEAD, POST'],
    ['OPTIONS', '/v1/notes', 'GET, HEAD, POST'],
    ['PROPFIND', '/v1/notes', 'GET, HEAD, POST'],
    ['POST', '/v1/notes/n1', 'DELETE, GET, HEAD, PATCH'],
    ['DELETE', '/v1/lists/a/sse', 'GET, HEAD'],
    ['DELETE', '/trpc/notes.get', 'GET, POST'],
  ])('is 405 for %s %s', async (method, path, allow) => {
    const { status, headers, text } = await service.send(method, path);
    expect([status, headers.allow, JSON.parse(text).code]).toEqual([405, allow, 'method_not_allowed']);
  });
});

describe('HEAD', () => {
  it('answers like GET without a body', async () => {
    const { status, headers, text } = await service.send('HEAD', '/v1/notes/n1');
    expect([status, headers['content-type'], text]).toEqual([200, 'application/json; charset=utf-8', '']);
  });

  it('neither changes nor streams anything, and still asks who calls', async () => {
    const before = { ...service.seen };
    expect((await service.send('HEAD', '/v1/notes/n1/visit')).status).toBe(200);
    const stream = await service.send('HEAD', '/v1/lists/live/sse');
    expect([stream.status, stream.headers['content-type']]).toEqual([200, 'text/event-stream; charset=utf-8']);
    expect((await service.send('HEAD', '/v1/lists/a/sse?after=x')).status).toBe(400);
    expect((await service.send('HEAD', '/v1/lists/a/sse', { 'x-api-key': 'writer' })).status).toBe(200);
    expect(service.seen).toEqual(before);
  });
});

describe('a key in the query', () => {
  it.each(['x-api-key=k', 'api_key=k', 'apiKey=k', 'API_KEY=k', 'key=k'])('is refused: %s', async (search) => {
    for (const path of ['/v1/notes', '/trpc/notes.list', '/nowhere']) {
      const { status, text } = await service.call('GET', `${path}?${search}`);
      expect(status).toBe(400);
      expect(text).toContain('key_in_query');
    }
  });

  it('is refused in the connection parameters of tRPC', async () => {
    const { status, json } = await service.call('GET', '/trpc/notes.list?connectionParams=%7B%22k%22%3A1%7D');
    expect([status, json.error.data.problem.code]).toEqual([400, 'key_in_query']);
  });
});

describe('bytes that are no acceptable request', () => {
  it.each([
    ['nonsense', 'HELLO\r\n\r\n', 400, 'bad_request'],
    ['no Host', 'GET /v1/notes HTTP/1.1\r\n\r\n', 400, 'bad_request'],
    [
      'two lengths',
      'POST /v1/notes HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ncontent-length: 3\r\n\r\n{}',
      400,
      'bad_request',
    ],
    [
      'a length and chunks',
      'POST /v1/notes HTTP/1.1\r\nhost: x\r\ncontent-length: 2\r\ntransfer-encoding: chunked\r\n\r\n0\r\n\r\n',
      400,
      'bad_request',
    ],
    [
      '32 KiB of headers',
      `GET /v1/notes HTTP/1.1\r\nhost: x\r\na: ${'x'.repeat(32768)}\r\n\r\n`,
      431,
      'headers_too_large',
    ],
    ['32 KiB of URL', `GET /v1/${'x'.repeat(32768)} HTTP/1.1\r\nhost: x\r\n\r\n`, 414, 'uri_too_long'],
  ])('%s: answered and closed', async (_, bytes, status, code) => {
    const answer = await service.raw(bytes);
    expect(answer).toMatch(new RegExp(`^HTTP/1.1 ${status} `));
    expect(problemOf(answer)).toMatchObject({ status, code });
  });

  it('that drip in are given up: headers', async () => {
    const answer = await service.raw(
      'GET /v1/notes HTTP/1.1\r\nhost: x\r\nx-a: aaaaaaaaaaaaaaaaaaaaaaaaaaaa'.split(''),
      20,
    );
    expect(problemOf(answer)).toMatchObject({ status: 408, code: 'request_timeout' });
  });

  it('that drip in are given up: body', async () => {
    const head =
      'POST /v1/notes HTTP/1.1\r\nhost: x\r\nx-api-key: ann\r\ncontent-type: application/json\r\ncontent-length: 90\r\n\r\n';
    const answer = await service.raw([head, ...'{"text":"'.padEnd(60, 'a')], 20);
    expect(problemOf(answer)).toMatchObject({ status: 408, code: 'request_timeout' });
  });
});

it('shuts down though a connection was opened and never used', async () => {
  const secondService = await startService();
  const socket = new Socket().connect(Number(new URL(secondService.url).port), '127.0.0.1');
  await new Promise((resolve) => socket.once('connect', resolve));
  await secondService.call('GET', '/v1/notes/n1');
  // The client never closes it.
  await secondService.app.close();
  socket.destroy();
});
