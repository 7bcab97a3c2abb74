// Web pages of other origins: the answers to preflights and requests of browsers, for each kind of answer, without a browser.
import http, { type IncomingHttpHeaders } from 'node:http';
import { text } from 'node:stream/consumers';
import { createTestDatabase } from '@errand/db/testing';
import { beforeAll, describe, expect, inject, onTestFinished, test } from 'vitest';
import { aPlan, aRun } from './fixtures/builders.ts';
import { freePort } from './fixtures/free-port.ts';
import { startServer } from './fixtures/server.ts';
import { type Stack, startStack } from './fixtures/stack.ts';
import { overRest } from './fixtures/transports.ts';
import { anotherWorkspace, workspaceForTest } from './fixtures/workspace.ts';

const PAGE = 'https://app.example.com';
const OTHER_PAGE = 'http://localhost:3000';
const setting = [PAGE, OTHER_PAGE, 'http://[::1]:3000', 'https://xn--bcher-kva.example'].join(', ');
let stack: Stack;
beforeAll(async () => {
  stack = await startStack({ env: { ERRAND_CORS_ORIGINS: setting } });
  return () => stack.close();
});

/** A list is sent as several headers. */
type Headers = Readonly<Record<string, string | readonly string[]>>;
type Options = { method?: string; headers?: Headers; body?: string; url?: string };
type Answer = { status: number; headers: IncomingHttpHeaders; text: string };

/** A request with exactly these headers. */
async function send(
  path: string,
  { method = 'GET', headers = {}, body, url = stack.url }: Options = {},
): Promise<Answer> {
  const request = http.request(`${url}${path}`, { method, headers: headers as http.OutgoingHttpHeaders, agent: false });
  request.end(body);
  const response = await new Promise<http.IncomingMessage>((resolve, reject) => {
    request.once('response', resolve).once('error', reject);
  });
  return { status: response.statusCode!, headers: response.headers, text: await text(response) };
}

const preflight = (path: string, origin: string | string[], more: Headers = {}) =>
  send(path, { method: 'OPTIONS', headers: { origin, 'access-control-request-method': 'POST', ...more } });

const corsHeaders = (headers: IncomingHttpHeaders) =>
  Object.keys(headers).filter((name) => /^access-control-/.test(name));
const vary = ({ headers }: Answer) => headers.vary?.split(/, */) ?? [];
const withKey = (more: Headers = {}) => ({ 'x-api-key': stack.apiKey, ...more });

function expectReadable(answer: Answer, origin = PAGE): void {
  expect(answer.headers['access-control-allow-origin']).toBe(origin);
  expect(answer.headers['access-control-expose-headers']).toBe(
    'retry-after, x-request-id, ratelimit, ratelimit-policy, idempotent-replayed, preference-applied, www-authenticate',
  );
  expect(answer.headers['access-control-allow-credentials']).toBeUndefined();
  expect(vary(answer).filter((name) => name === 'origin')).toHaveLength(1);
}

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
    expect(corsHeaders(answer.headers)).toEqual([]);
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
    expect(corsHeaders(answer.headers)).toEqual([]);
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

  test.each<[string, number, string, Options]>([
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
    expect(vary(answer)).toEqual(['accept', 'origin']);
  });

  test.each([
    ['no origin', {}],
    ['an origin that is not allowed', { origin: 'https://evil.example' }],
  ])('has no headers for %s, and varies by the origin', async (_, headers) => {
    for (const path of ['/v1/session', '/v1/unheard-of', '/trpc/session.get']) {
      const answer = await send(path, { headers });
      expect(corsHeaders(answer.headers)).toEqual([]);
      expect(vary(answer)).toContain('origin');
    }
    const answer = await send('/trpc/session.get', { headers });
    expect(vary(answer)).toEqual(['trpc-accept', 'accept', 'origin']);
  });
});

describe('an API key', () => {
  const inBrowser = { status: 403, code: 'key_in_browser' };

  test.each([
    ['an allowed origin', PAGE],
    ['another origin', 'https://evil.example'],
    ['null', 'null'],
    ['two origins', [stack?.url ?? 'http://a', PAGE]],
    ['another port of this machine', 'http://127.0.0.1:1'],
  ])('is refused from %s, over REST and tRPC', async (_, origin) => {
    const headers: Headers = { origin };
    for (const credential of [{ 'x-api-key': stack.apiKey }, { authorization: `Bearer ${stack.apiKey}` }]) {
      const rest = await send('/v1/session', { headers: { ...headers, ...credential } });
      expect({ status: rest.status, code: JSON.parse(rest.text).code }).toEqual(inBrowser);
      const { error } = JSON.parse((await send('/trpc/session.get', { headers: { ...headers, ...credential } })).text);
      expect(error.data.problem).toMatchObject(inBrowser);
    }
  });

  test('is refused in words that a page of an allowed origin can read', async () => {
    const answer = await send('/v1/session', { headers: withKey({ origin: PAGE }) });
    expectReadable(answer);
    expect(JSON.parse(answer.text)).toMatchObject({
      detail: `Keys belong on a server, and this one was sent by a page of ${PAGE}.`,
      remedy: 'Call Errand from your server, or mint a user token there for the page: POST /v1/user-tokens.',
    });
    const strange = await send('/v1/session', { headers: withKey({ origin: '<script>' }) });
    expect(JSON.parse(strange.text).detail).toBe(
      'Keys belong on a server, and this one was sent by a page of another site.',
    );
  });

  test('starts nothing: no run, no stream, no upload, no decision', async () => {
    const headers = withKey({ origin: PAGE, 'content-type': 'application/json' });
    const { integrations } = await overRest(stack).integrations.list({});
    const run = aRun({ plan: aPlan(`${integrations[0]!.customerIntegrationId}.listUsers`) });
    const before = (await overRest(stack).runs.list({})).runs.length;
    const answers = [
      await send('/v1/runs', { method: 'POST', headers, body: JSON.stringify(run) }),
      await send('/v1/runs/0192f0c1-7a50-7d33-8e21-6b2f4c9a1e04/sse', { headers }),
      await send('/v1/integrations/inspect/upload?fileName=a.json', { method: 'POST', headers, body: '{}' }),
      await send('/v1/runs/approval?approvalId=0192f0c1-7a50-7d33-8e21-6b2f4c9a1e04', { headers }),
    ];
    expect(answers.map(({ status }) => status)).toEqual([403, 403, 403, expect.any(Number)]);
    expect((await overRest(stack).runs.list({})).runs).toHaveLength(before);
  });

  test('works from pages of the service itself, and from programs', async () => {
    const { port } = new URL(stack.url);
    for (const origin of [stack.url, `http://localhost:${port}`, `http://[::1]:${port}`]) {
      const answer = await send('/v1/session', { headers: withKey({ origin }) });
      expect(answer.status).toBe(200);
      expect(corsHeaders(answer.headers)).toEqual([]);
    }
    expect((await send('/v1/session', { headers: withKey() })).status).toBe(200);
  });

  test('at /mcp is subject to the rule of /mcp', async () => {
    const call = { jsonrpc: '2.0', id: 1, method: 'tools/call', params: { name: 'list_integrations', arguments: {} } };
    const headers = withKey({
      ...{ 'x-user-id': 'ada', 'content-type': 'application/json', accept: 'application/json, text/event-stream' },
      'mcp-protocol-version': '2025-06-18',
    });
    const body = JSON.stringify(call);
    const foreign = await send('/mcp', { method: 'POST', headers: { ...headers, origin: PAGE }, body });
    expect([foreign.status, JSON.parse(foreign.text).code]).toEqual([403, 'origin_not_allowed']);
    expect(corsHeaders(foreign.headers)).toEqual([]);
    const own = await send('/mcp', { method: 'POST', headers: { ...headers, origin: stack.url }, body });
    expect([own.status, own.text]).toEqual([200, expect.not.stringContaining('key_in_browser')]);
  });
});

test('PUBLIC_URL is the only origin from which keys work, if it is set', async () => {
  const database = await createTestDatabase(inject('postgres'));
  onTestFinished(() => database.drop());
  const port = await freePort();
  const env = { PUBLIC_URL: 'https://errand.example.com', ERRAND_PORT: String(port) };
  const server = await startServer({ databaseUrl: database.url, env });
  onTestFinished(async () => void (await server.stop()));
  const url = `http://127.0.0.1:${port}`;
  const statusFrom = async (origin: string) =>
    (await send('/v1/session', { url, headers: { 'x-api-key': server.apiKey, origin } })).status;
  expect(await statusFrom('https://errand.example.com')).toBe(200);
  for (const origin of [url, 'https://errand.example.com:8443', 'http://errand.example.com'])
    expect(await statusFrom(origin)).toBe(403);
});

describe('without the setting', () => {
  test('nothing answers CORS, and nothing varies by the origin', async () => {
    const { url } = await workspaceForTest();
    for (const answer of [
      await send('/v1/runs', {
        url,
        method: 'OPTIONS',
        headers: { origin: PAGE, 'access-control-request-method': 'GET' },
      }),
      await send('/v1/session', { url, headers: { origin: PAGE } }),
    ]) {
      expect([corsHeaders(answer.headers), vary(answer)]).toEqual([[], ['accept']]);
    }
  });
});

describe('a workspace', () => {
  test('lists origins of the setting, and only an administrator does', async () => {
    const { workspaceId, ...caller } = await anotherWorkspace(stack);
    const api = overRest(caller);
    expect(await api.workspace.browserOrigins({})).toEqual({ origins: [] });
    const both = [OTHER_PAGE, PAGE];
    expect(await api.workspace.setBrowserOrigins({ origins: [PAGE, OTHER_PAGE, PAGE] })).toEqual({ origins: both });
    await api.workspace.setBrowserOrigins({ origins: both });
    expect(await api.workspace.browserOrigins({})).toEqual({ origins: both });
    expect(await api.workspace.setBrowserOrigins({ origins: [] })).toEqual({ origins: [] });
    const { entries } = await api.audit.list({ action: 'workspace.browser_origins_set' });
    expect(entries.map(({ target, details }) => [target, details])).toEqual([
      [workspaceId, { origins: [] }],
      [workspaceId, { origins: both }],
    ]);
    const { key } = await api.apiKeys.create({ name: 'no admin', scopes: ['runs:write', 'webhooks:write'] });
    const weak = overRest({ ...caller, apiKey: key });
    const refusal = { status: 403, problem: { code: 'insufficient_scope' } };
    await expect(weak.workspace.browserOrigins({})).rejects.toMatchObject(refusal);
    await expect(weak.workspace.setBrowserOrigins({ origins: [] })).rejects.toMatchObject(refusal);
  });

  test('cannot list an origin that the setting does not have', async () => {
    const origins = [PAGE, 'https://evil.example'];
    const message = `ERRAND_CORS_ORIGINS does not allow https://evil.example. It allows ${setting}.`;
    await expect(overRest(stack).workspace.setBrowserOrigins({ origins })).rejects.toMatchObject({
      status: 400,
      problem: { code: 'validation_failed', detail: message, errors: [{ pointer: '/origins/1', message }] },
    });
    const { apiKey, url } = await workspaceForTest();
    await expect(overRest({ apiKey, url }).workspace.setBrowserOrigins({ origins: [PAGE] })).rejects.toMatchObject({
      problem: { detail: 'ERRAND_CORS_ORIGINS is not set: no page of another origin may call this service.' },
    });
  });

  test.each([
    '*',
    'null',
    'https://*.example.com',
    `${PAGE}/`,
    'https://APP.example.com',
    'https://app.example.com:443',
    'https://user:password@app.example.com',
    'http://app.example.com',
    'https://bücher.example',
    'https://app.example.com.',
    `https://${'a'.repeat(400)}.example`,
    'file:///index.html',
  ])('cannot list %.40s', async (origin) => {
    await expect(overRest(stack).workspace.setBrowserOrigins({ origins: [origin] })).rejects.toMatchObject({
      status: 400,
      problem: { code: 'validation_failed', errors: [{ pointer: '/origins/0' }] },
    });
  });

  test('lists at most 50 origins', async () => {
    const origins = Array.from({ length: 51 }, (_, n) => `https://a${n}.example`);
    await expect(overRest(stack).workspace.setBrowserOrigins({ origins })).rejects.toMatchObject({
      problem: { code: 'validation_failed', errors: [{ pointer: '/origins' }] },
    });
  });
});
