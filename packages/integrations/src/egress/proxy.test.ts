import { afterAll, beforeAll, describe, expect, it } from 'vitest';
import { certificateFor } from '../testing/certificate.ts';
import { type SecureStub, type StubProxy, startSecureStub, startStubProxy } from '../testing/stub-proxy.ts';
import { type StubService, startStubService } from '../testing/stub-service.ts';
import { createEgress, type Egress, type EgressOptions } from './egress.ts';

const HOST = 'api.example.com';
const user = `Basic ${Buffer.from('errand:p@ss').toString('base64')}`;
const lookups: string[] = [];
let away: SecureStub;
let proxy: StubProxy;
let home: StubService;
let egress: Egress;
const bounds = { tenant: 'model', totalMs: 10_000, maxBytes: 100_000, idleMs: 10_000 };

const through = (more: Partial<EgressOptions> = {}) =>
  createEgress({
    proxyUrl: proxy.url.replace('//', '//errand:p%40ss@'),
    ca: away.cert,
    allowOrigins: [home.origin],
    resolver: async (name) => {
      lookups.push(name);
      if (name.startsWith('private.')) return [{ address: '10.0.0.1', family: 4 }];
      throw new Error('ENOTFOUND');
    },
    ...more,
  });

beforeAll(async () => {
  away = await startSecureStub(HOST, (url) =>
    url === '/away'
      ? { status: 302, headers: { location: 'https://private.example.com/' }, body: '' }
      : { body: 'far' },
  );
  home = await startStubService((_request, response) => response.end('near'));
  proxy = await startStubProxy({ [`${HOST}:443`]: away.port, 'private.example.com:443': away.port }, user);
  egress = through();
});
afterAll(async () => {
  await egress.close();
  await Promise.all([proxy.close(), away.close(), home.close()]);
});

const unanswered = async () => {
  throw Object.assign(new Error('getaddrinfo EAI_AGAIN'), { code: 'EAI_AGAIN' });
};

const get = (url: string, more: Partial<Parameters<Egress['request']>[0]> = {}) =>
  egress.request({ method: 'GET', url, credentials: true, ...more });

describe('with a proxy', () => {
  it('calls go through a tunnel that only the service opens: the proxy sees a name and no header of the call', async () => {
    const received = await get(`https://${HOST}/x?q=1`, { headers: { authorization: 'Bearer secret' }, tenant: 'a' });

    expect(received.body.toString()).toBe('far');
    expect(away.hits.at(-1)).toMatchObject({ url: '/x?q=1', headers: { authorization: 'Bearer secret', host: HOST } });
    expect(away.hits.at(-1)?.headers).not.toHaveProperty('proxy-authorization');
    expect(proxy.asked.at(-1)).toMatchObject({ target: `${HOST}:443`, answered: 200 });
    expect(JSON.stringify(proxy.asked)).not.toContain('secret');
    expect(await (await egress.fetchFor(bounds)(`https://${HOST}/f`)).text()).toBe('far');
  });

  it('origins that the operator trusts are called directly', async () => {
    const before = proxy.asked.length;
    expect((await get(`${home.origin}/`)).body.toString()).toBe('near');
    expect(proxy.asked).toHaveLength(before);
  });

  it.each([
    'http://api.example.com/',
    'https://api.example.com:8443/',
    'https://user@api.example.com/',
    'https://10.0.0.1/',
    'https://127.1/',
    'https://169.254.169.254/',
    'https://[::ffff:127.0.0.1]/',
    'https://localhost/',
    'https://db.internal/',
    'https://private.example.com/',
  ])('%s is refused before the proxy is asked', async (url) => {
    const [before, hits] = [proxy.asked.length, away.hits.length];
    await expect(get(url)).rejects.toMatchObject({ code: 'url_not_allowed', sent: false });
    await expect(egress.fetchFor(bounds)(url)).rejects.toMatchObject({ code: 'url_not_allowed' });
    await expect(egress.checkUrl(url)).rejects.toMatchObject({ code: 'url_not_allowed' });
    expect(proxy.asked).toHaveLength(before);
    expect(away.hits).toHaveLength(hits);
  });

  it('redirects are checked on the way, and refused with credentials', async () => {
    const before = proxy.asked.length;
    await expect(get(`https://${HOST}/away`)).rejects.toMatchObject({ code: 'upstream_redirect' });
    await expect(get(`https://${HOST}/away`, { credentials: false, redirects: 3 })).rejects.toMatchObject({
      code: 'url_not_allowed',
    });
    expect(proxy.asked.slice(before).map(({ target }) => target)).not.toContain('private.example.com:443');
  });

  it('what the proxy refuses cannot be reached, and nothing was sent', async () => {
    await expect(get('https://other.example.com/')).rejects.toMatchObject({
      code: 'upstream_unreachable',
      sent: false,
      isOurs: true,
    });
    expect(proxy.asked.at(-1)).toMatchObject({ target: 'other.example.com:443', answered: 403 });
    const stranger = through({ proxyUrl: proxy.url });
    const call = stranger.request({ method: 'GET', url: `https://${HOST}/`, credentials: true });
    await expect(call).rejects.toMatchObject({ code: 'upstream_unreachable', sent: false });
    expect(proxy.asked.at(-1)?.answered).toBe(407);
    await stranger.close();
  });

  it.each([
    ['a proxy that cannot be reached', true, { proxyUrl: 'http://127.0.0.1:1' }, HOST],
    ['a name service that does not answer', true, { proxyUrl: undefined, resolver: unanswered }, HOST],
    ['a service that the proxy cannot reach', false, {}, 'down.example.com'],
  ])('whether a failure is ours: %s', async (_case, isOurs, options, host) => {
    const stranger = through(options as Partial<EgressOptions>);
    const url = `https://${host}/`;
    const failure = { code: 'upstream_unreachable', isOurs };
    await expect(stranger.request({ method: 'GET', url, credentials: true })).rejects.toMatchObject(failure);
    await expect(stranger.fetchFor(bounds)(url)).rejects.toMatchObject(failure);
    await stranger.close();
  });

  it('who answers behind the proxy must prove its name', async () => {
    const hits = away.hits.length;
    const egressWithOtherCa = through({ ca: certificateFor(HOST).cert });
    const call = egressWithOtherCa.request({ method: 'POST', url: `https://${HOST}/`, credentials: true, body: 'x' });
    await expect(call).rejects.toMatchObject({ code: 'upstream_unreachable', sent: false });
    expect(away.hits).toHaveLength(hits);
    await egressWithOtherCa.close();
  });

  it('a name that cannot be looked up here is left to the proxy, without waiting for each', async () => {
    let lookupCount = 0;
    const slow = through({
      limits: { lookupMs: 20 },
      resolver: () => {
        lookupCount++;
        return new Promise(() => {});
      },
    });
    for (const path of ['/a', '/b', '/c']) {
      expect((await slow.request({ method: 'GET', url: `https://${HOST}${path}`, credentials: true })).status).toBe(
        200,
      );
    }
    expect(lookupCount).toBe(1);
    await slow.close();
    expect(lookups).toContain(HOST);
  });
});
