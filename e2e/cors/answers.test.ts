// Web pages of other origins: the answers to preflights and requests of browsers, for each kind of answer, without a browser.
import { beforeAll, describe, expect, test } from 'vitest';
import { type Stack, startStack } from '../fixtures/stack.ts';
import { workspaceForTest } from '../fixtures/workspace.ts';
import {
  type Answer,
  corsHeaders,
  expectReadable,
  type Headers,
  OTHER_PAGE,
  PAGE,
  SETTING,
  type Send,
  sender,
  vary,
} from './pages.ts';

let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ env: { ERRAND_CORS_ORIGINS: SETTING } });
  return () => stack.close();
});
const send = sender(() => stack.url);

const preflight = (path: string, origin: string | string[], more: Headers = {}): Promise<Answer> =>
  send(path, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST', ...more } });

describe('a preflight', () => {
  test.each(['/v1/runs', '/v1/runs/1/sse', '/v1/unheard-of', '/trpc/runs.create', '/v1/workspace/origins?a=b'])(
    'is answered for an allowed origin at %s',
    async (path) => {
      const answer = await preflight(path, PAGE, { 'access-control-request-headers': 'authorization,last-event-id' });
      expectReadable(answer);
      expect([answer.status, answer.text]).toEqual([204, '']);
      expect(answer.headers).toMatchObject({
        'access-control-allow-methods': 'GET, HEAD, POST, PUT, PATCH, DELETE',
        'access-control-allow-headers':
          'authorization, x-api-key, accept, content-type, prefer, idempotency-key, last-event-id, trpc-accept, x-request-id',
        'access-control-max-age': '600',
      });
    },
  );

  test.each([OTHER_PAGE, 'http://[::1]:3000', 'https://xn--bcher-kva.example'])(
    'is answered for %s',
    async (origin) => {
      expectReadable(await preflight('/v1/runs', origin), origin);
    },
  );

  test.each<[string, string | string[]]>([
    ['null', 'null'],
    ['a wildcard', '*'],
    ['nothing', ''],
    ['a trailing slash', `${PAGE}/`],
    ['a path', `${PAGE}/app`],
    ['upper case', 'https://APP.example.com'],
    ['an upper-case scheme', 'HTTPS://app.example.com'],
    ['plain http', 'http://app.example.com'],
    ['the port of its scheme', `${PAGE}:443`],
    ['another port', `${PAGE}:8443`],
    ['a subdomain', 'https://evil.app.example.com'],
    ['a parent domain', 'https://example.com'],
    ['an allowed origin as its prefix', 'https://app.example.com.evil.example'],
    ['an allowed origin as its suffix', 'https://evil-app.example.com'],
    ['a trailing dot', `${PAGE}.`],
    ['a user', 'https://app.example.com@evil.example'],
    ['two origins in one header', `${PAGE}, https://evil.example`],
    ['two headers', [PAGE, 'https://evil.example']],
    ['two equal headers', [PAGE, PAGE]],
    ['ten thousand letters', `https://${'a'.repeat(10_000)}.example`],
    ['IPv6 at another port', 'http://[::1]:3001'],
    ['another form of IPv6', 'http://[0:0:0:0:0:0:0:1]:3000'],
    ['another name of loopback', 'http://127.0.0.1:3000'],
    ['another punycode', 'https://xn--bcher-kvb.example'],
    ['Unicode instead of punycode', Buffer.from('https://bücher.example').toString('latin1')],
    ['the name of a member of objects', '__proto__'],
    ['the origin of the service', 'own'],
  ])('is refused for %s', async (_, origin) => {
    const answer = await preflight('/v1/runs', origin === 'own' ? stack.url : origin);
    expect(answer.status).toBe(405);
    expect(corsHeaders(answer)).toEqual([]);
    expect(vary(answer)).toContain('origin');
  });

  test.each([
    ...['/console', '/console/', '/console/trpc/runs.list', '/console/sign-in', '/mcp', '/', '/docs', '/openapi.json'],
    ...['/healthz', '/readyz', '/health', '/v1', '/trpc', '/problems/not_found', '/V1/runs', '//v1/runs'],
    ...['/v1/connect', '/v1/connect/done', '/v1/oauth/callback', '/v1/runs/approval', '/v1/runs/question'],
    ...['/v1/runs/input?token=1'],
  ])('is refused at %s', async (path) => {
    const answer = await preflight(path, PAGE);
    expect([404, 405]).toContain(answer.status);
    expect(corsHeaders(answer)).toEqual([]);
    expect(vary(answer)).not.toContain('origin');
  });

  test('lists the same methods and headers whatever is asked for', async () => {
    const asked = { 'access-control-request-method': 'PURGE', 'access-control-request-headers': 'x-evil, cookie' };
    const { status, headers } = await preflight('/v1/runs', PAGE, asked);
    expect(status).toBe(204);
    expect(`${headers['access-control-allow-methods']} ${headers['access-control-allow-headers']}`).not.toMatch(
      /PURGE|evil|cookie|\*/,
    );
  });

  test('needs the header that makes it one', async () => {
    const answer = await send('/v1/runs', { method: 'OPTIONS', headers: { origin: PAGE } });
    expect(answer.status).toBe(405);
    expectReadable(answer);
  });
});

describe('an answer that a page may read', () => {
  const page = { origin: PAGE };
  const json = { ...page, 'content-type': 'application/json' };

  test.each<[string, number, string, Parameters<Send>[1]]>([
    ['no credential', 401, '/v1/runs', { headers: page }],
    ['an unknown credential', 401, '/v1/session', { headers: { ...page, authorization: 'Bearer er_live_unknown' } }],
    ['an unknown path', 404, '/v1/unheard-of', { headers: page }],
    ['another method', 405, '/v1/session', { headers: page, method: 'PATCH' }],
    ['a body that is too large', 413, '/v1/feedback', { headers: json, method: 'POST', body: 'x'.repeat(2 ** 21) }],
    ['a long parameter', 414, `/v1/runs/${'a'.repeat(2000)}`, { headers: page }],
    ['a path that cannot be decoded', 400, '/v1/runs/%zz', { headers: page }],
    ['a compressed body', 415, '/v1/runs', { headers: { ...json, 'content-encoding': 'gzip' }, method: 'POST' }],
    ['a key in the address', 400, '/v1/runs?api_key=1', { headers: page }],
    ['no credential over tRPC', 401, '/trpc/runs.list', { headers: page }],
    ['a batch over tRPC', 401, '/trpc/session.get,runs.list?batch=1', { headers: page }],
    ['an unknown procedure', 404, '/trpc/unheard.of', { headers: page }],
    ['connection parameters over tRPC', 400, '/trpc/runs.stream?connectionParams=1', { headers: page }],
    ['HEAD', 401, '/v1/runs', { headers: page, method: 'HEAD' }],
    ['a stream', 401, '/v1/runs/0192f0c1-7a50-7d33-8e21-6b2f4c9a1e04/sse', { headers: page }],
  ])('is the one to %s', async (_, status, path, options) => {
    const answer = await send(path, options);
    expect(answer.status).toBe(status);
    expectReadable(answer);
  });

  test('is a refusal as a page, where the browser navigates', async () => {
    const answer = await send('/v1/runs', { headers: { ...page, accept: 'text/html' } });
    expect(answer.headers['content-type']).toBe('text/html; charset=utf-8');
    expect(vary(answer)).toEqual(['accept', 'accept-language', 'origin']);
  });

  test.each([
    ['no origin', {}],
    ['an origin that is not allowed', { origin: 'https://evil.example' }],
  ])('has no headers for %s, and varies by the origin', async (_, headers) => {
    for (const path of ['/v1/session', '/v1/unheard-of', '/trpc/session.get']) {
      const answer = await send(path, { headers });
      expect(corsHeaders(answer)).toEqual([]);
      expect(vary(answer)).toContain('origin');
    }
    const answer = await send('/trpc/session.get', { headers });
    expect(vary(answer)).toEqual(['trpc-accept', 'accept', 'origin']);
  });
});

describe('without the setting', () => {
  test('nothing answers CORS, and nothing varies by the origin', async () => {
    const { url } = await workspaceForTest();
    const send = sender(() => url);
    for (const answer of [
      await send('/v1/runs', { method: 'OPTIONS', headers: { origin: PAGE, 'access-control-request-method': 'GET' } }),
      await send('/v1/session', { headers: { origin: PAGE } }),
    ]) {
      expect([corsHeaders(answer), vary(answer)]).toEqual([[], ['accept', 'accept-language']]);
    }
  });
});
