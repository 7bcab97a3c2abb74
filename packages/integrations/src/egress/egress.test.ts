import type { IncomingMessage, ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { createServer } from 'node:net';
import { gzipSync } from 'node:zlib';
import { afterAll, afterEach, beforeAll, describe, expect, it } from 'vitest';
import { type StubService, startStubService } from '../testing/stub-service.ts';
import { createEgress, type Egress } from './egress.ts';

let stub: StubService;
let otherStub: StubService;
let egress: Egress;
const bounds = { tenant: 'model', totalMs: 10_000, maxBytes: 100_000 };
const bomb = gzipSync(Buffer.alloc(64 * 1024 * 1024));

type Route = (response: ServerResponse, url: URL, request: IncomingMessage) => void;
const routes: Record<string, Route> = {
  '/redirect': (response, { searchParams }) =>
    response.writeHead(Number(searchParams.get('status')), { location: searchParams.get('to') ?? '' }).end(),
  '/interim': (response, { searchParams }) => {
    response.socket?.write('HTTP/1.1 103 Early Hints\r\n\r\n'.repeat(Number(searchParams.get('count'))));
    response.end('after all');
  },
  '/bomb': (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end(bomb),
  '/gzip': (response) =>
    response.writeHead(200, { 'content-encoding': 'gzip', 'content-type': 'text/plain' }).end(gzipSync('small')),
  '/broken': (response) => response.writeHead(200, { 'content-encoding': 'gzip' }).end('no gzip'),
  '/twice': (response) => response.writeHead(200, { 'content-encoding': 'gzip, gzip' }).end('x'),
  '/endless': (response) => {
    const more = () => {
      if (!response.destroyed) response.write('x'.repeat(65_536), () => setImmediate(more));
    };
    more();
  },
  // Never answers.
  '/hang': () => {},
  '/stall': (response) => response.write('a'),
  '/reset': (_response, _url, request) => request.socket.resetAndDestroy(),
};
const plain: Route = (response) =>
  response.writeHead(200, { 'set-cookie': 'a=b', 'x-secret': 'y', 'content-type': 'text/plain' }).end('ok');

beforeAll(async () => {
  otherStub = await startStubService((_request, response) => response.end('other'));
  stub = await startStubService((request, response) => {
    const url = new URL(request.url ?? '', 'http://stub');
    (routes[url.pathname] ?? plain)(response, url, request);
  });
  egress = createEgress({ allowOrigins: [stub.origin, otherStub.origin], limits: { totalMs: 600 } });
});
afterAll(async () => {
  await egress.close();
  await Promise.all([stub.close(), otherStub.close()]);
});
afterEach(() => {
  otherStub.hits.length = 0;
});

const get = (path: string, more: Partial<Parameters<Egress['request']>[0]> = {}) =>
  egress.request({ method: 'GET', url: stub.origin + path, credentials: false, ...more });
const redirect = (status: number, to: string) => `/redirect?status=${status}&to=${encodeURIComponent(to)}`;

describe('redirects', () => {
  it.each([301, 302, 303, 307, 308])('are not followed with credentials (%i)', async (status) => {
    const headers = { authorization: 'Bearer x', 'x-api-key': 'y' };
    for (const redirects of [0, 3] as const) {
      const call = get(redirect(status, otherStub.origin), { headers, credentials: true, redirects });
      await expect(call).rejects.toMatchObject({ code: 'upstream_redirect', status });
    }
    await expect(
      egress.fetchFor(bounds)(stub.origin + redirect(status, otherStub.origin), { headers }),
    ).rejects.toMatchObject({
      code: 'upstream_redirect',
    });
    expect(otherStub.hits).toHaveLength(0);
  });

  it('are followed without credentials, three times, headers kept at home', async () => {
    const answer = await get(redirect(302, `${otherStub.origin}/y`), { redirects: 3, headers: { 'x-mine': '1' } });
    expect(answer.body.toString()).toBe('other');
    expect(otherStub.hits[0]?.headers['x-mine']).toBeUndefined();

    const loop = redirect(302, `${stub.origin}/redirect?status=302&to=`);
    await expect(get(loop, { redirects: 3 })).rejects.toMatchObject({ code: 'upstream_redirect' });
  });

  it.each(['http://169.254.169.254/', 'https://localhost/', 'file:///etc/passwd', 'http://127.0.0.1:9/'])(
    'to %s are refused',
    async (to) => {
      await expect(get(redirect(302, to), { redirects: 3 })).rejects.toMatchObject({ code: 'url_not_allowed' });
    },
  );
});

describe('answers', () => {
  it('are decoded, and only a few headers are shown', async () => {
    expect((await get('/gzip')).body.toString()).toBe('small');
    expect((await get('/plain')).headers).toMatchObject({ 'content-type': 'text/plain' });
    expect((await get('/plain')).headers).not.toHaveProperty('set-cookie');
    expect((await get('/plain')).headers).not.toHaveProperty('x-secret');
  });

  it('are cut off once they decode to too much', async () => {
    const before = process.memoryUsage().rss;
    await expect(get('/bomb', { maxBytes: 100_000 })).rejects.toMatchObject({ code: 'upstream_too_large' });
    const cut = await get('/bomb', { maxBytes: 100_000, whenTooLarge: 'cut' });
    expect(cut).toMatchObject({ truncated: true });
    expect(cut.body).toHaveLength(100_000);
    expect(process.memoryUsage().rss - before).toBeLessThan(48 * 1024 * 1024);
  });

  it.each([
    [20, { ok: true }],
    [21, { ok: false, code: 'upstream_unreachable' }],
  ])('after %i interim answers: %j', async (count, expected) => {
    const url = `${stub.origin}/interim?count=${count}`;
    const ended = (work: Promise<unknown>) =>
      work.then(
        () => ({ ok: true }),
        ({ code }) => ({ ok: false, code }),
      );
    expect(await ended(egress.request({ method: 'GET', url, credentials: true }))).toEqual(expected);
    expect(await ended(egress.fetchFor(bounds)(url))).toEqual(expected);
  });

  it('without an end are cut off', async () => {
    await expect(get('/endless', { maxBytes: 100_000 })).rejects.toMatchObject({ code: 'upstream_too_large' });
  });

  it('in codings that are broken or doubled are refused', async () => {
    await expect(get('/broken')).rejects.toMatchObject({ code: 'upstream_unreachable', sent: true });
    await expect(get('/twice')).rejects.toMatchObject({ code: 'upstream_unreachable' });
  });

  it('of a fetch are counted too', async () => {
    const fetch = egress.fetchFor(bounds);
    const response = await fetch(`${stub.origin}/bomb`);
    await expect(response.arrayBuffer()).rejects.toMatchObject({ code: 'upstream_too_large' });
    expect(await (await fetch(`${stub.origin}/plain`, { method: 'POST', body: '{}' })).text()).toBe('ok');
  });
});

it('observers that fail change no outcome, and the first exception is reported', async () => {
  const faults: unknown[] = [];
  const broken = () => {
    throw new Error('The observer is broken.');
  };
  const observed = createEgress({ onRefused: broken, log: broken, onFault: (error) => faults.push(error) });
  const refusal = { code: 'url_not_allowed' };
  await expect(observed.checkUrl(stub.origin)).rejects.toMatchObject(refusal);
  await expect(observed.fetchFor(bounds)(stub.origin)).rejects.toMatchObject(refusal);
  const request = { method: 'GET', url: stub.origin, credentials: false };
  await expect(observed.request(request)).rejects.toMatchObject(refusal);
  expect(faults).toEqual([new Error('The observer is broken.')]);
  await observed.close();
});

describe('time and connections', () => {
  it.each(['/hang', '/stall'])('%s ends after the time of the call', async (path) => {
    // The service would never end the answer.
    await expect(get(path, { timeoutMs: 150 })).rejects.toMatchObject({ code: 'upstream_timeout', sent: true });
  });

  it('a cancelled call ends at once', async () => {
    const signal = AbortSignal.timeout(30);
    await expect(get('/hang', { signal })).rejects.toMatchObject({ code: 'canceled' });
    await expect(get('/', { signal: AbortSignal.abort() })).rejects.toMatchObject({ code: 'canceled', sent: false });
  });

  it('tells a lost answer from a service that was never reached', async () => {
    const gone = createServer();
    await new Promise<void>((resolve) => gone.listen(0, '127.0.0.1', resolve));
    const origin = `http://127.0.0.1:${(gone.address() as AddressInfo).port}`;
    await new Promise((resolve) => gone.close(resolve));
    const away = createEgress({ allowOrigins: [origin] });

    await expect(get('/reset')).rejects.toMatchObject({ code: 'upstream_unreachable', sent: true });
    await expect(away.request({ method: 'POST', url: origin, credentials: true })).rejects.toMatchObject({
      code: 'upstream_unreachable',
      sent: false,
    });
    await away.close();
  });

  it('drops headers that steer the connection and refuses those that break out of their line', async () => {
    await get('/', { headers: { host: 'evil', cookie: 'a=b', 'Proxy-Authorization': 'x', te: 'x', 'x-fine': '1' } });
    expect(stub.hits.at(-1)?.headers).toMatchObject({ 'x-fine': '1', host: new URL(stub.origin).host });
    expect(stub.hits.at(-1)?.headers).not.toHaveProperty('cookie');
    await expect(get('/', { headers: { 'x-a': 'b\r\nx-c: d' } })).rejects.toMatchObject({
      code: 'request_not_allowed',
    });
  });
});
