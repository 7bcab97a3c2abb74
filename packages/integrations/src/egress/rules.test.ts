import { afterAll, beforeAll, beforeEach, describe, expect, it } from 'vitest';
import { type StubService, startStubService } from '../testing/stub-service.ts';
import { Agents } from './agents.ts';
import { createEgress, type Egress } from './egress.ts';

let stub: StubService;
let egress: Egress;
const bounds = { tenant: 'model', totalMs: 10_000, maxBytes: 100_000 };

beforeAll(async () => {
  stub = await startStubService((request, response) => {
    if (request.url === '/long-header') response.writeHead(200, { 'x-long': 'a'.repeat(17 * 1024) }).end('ok');
    else if (request.url === '/slow-header') return;
    else if (request.url === '/slow-body') response.write('a');
    else response.end('ok');
  });
  egress = createEgress({ allowOrigins: [stub.origin] });
});
beforeEach(() => {
  stub.hits.length = 0;
});
afterAll(async () => {
  await egress.close();
  await stub.close();
});

const get = (path: string, more: Partial<Parameters<Egress['request']>[0]> = {}) =>
  egress.request({ method: 'GET', url: stub.origin + path, credentials: true, ...more });

describe('headers of a call', () => {
  it.each([
    ['Host', 'evil.example.com'],
    ['Connection', 'upgrade'],
    ['Keep-Alive', 'timeout=999'],
    ['Content-Length', '7777'],
    ['Transfer-Encoding', 'chunked'],
    ['TE', 'trailers'],
    ['Trailer', 'x-end'],
    ['Upgrade', 'websocket'],
    ['Expect', '100-continue'],
    ['Cookie', 'session=1'],
    ['Accept-Encoding', 'zstd'],
    ['Proxy-Authorization', 'Basic eA=='],
    ['pRoXy-Anything', 'x'],
  ])('%s is not the caller’s to set', async (name, value) => {
    await get('/', { headers: { [name]: value, 'x-fine': '1' } });
    await egress.fetchFor(bounds)(`${stub.origin}/`, { headers: { [name]: value, 'x-fine': '2' } });

    expect(stub.hits).toHaveLength(2);
    for (const { headers } of stub.hits) {
      expect(headers['x-fine']).toMatch(/[12]/);
      expect(headers.host).toBe(new URL(stub.origin).host);
      expect(String(headers[name.toLowerCase()] ?? '')).not.toContain(value);
    }
  });

  it.each([
    ['a line end in a value', { 'x-a': 'b\r\nx-c: d' }],
    ['a bare line feed', { 'x-a': 'b\nc' }],
    ['a bare carriage return', { 'x-a': 'b\rc' }],
    ['NUL in a value', { 'x-a': 'b\0' }],
    ['a character above a byte', { 'x-a': 'ĊSet-Cookie' }],
    ['a line end in a name', { 'x-a\r\nx-b': 'c' }],
    ['a colon in a name', { 'x:a': 'c' }],
    ['a blank in a name', { 'x a': 'c' }],
    ['no name', { '': 'c' }],
  ])('with %s are refused before anything is sent', async (_, headers) => {
    await expect(get('/', { headers })).rejects.toMatchObject({ code: 'request_not_allowed', sent: false });
    expect(stub.hits).toEqual([]);
  });
});

describe('answers', () => {
  it('with headers beyond 16 KiB are aborted', async () => {
    await expect(get('/long-header')).rejects.toMatchObject({ code: 'upstream_unreachable' });
  });

  it.each(['/slow-header', '/slow-body'])('%s: an answer that stalls is aborted', async (path) => {
    const tight = createEgress({ allowOrigins: [stub.origin], limits: { headersMs: 100, bodyMs: 100 } });
    const call = tight.request({ method: 'GET', url: stub.origin + path, credentials: true });
    await expect(call).rejects.toMatchObject({ code: 'upstream_timeout', sent: true });
    await tight.close();
  });
});

describe('connections', () => {
  // Trusted origins share one pool, so the test inspects the agents of tenants.
  it('of two tenants are never the same, those of one are kept, those of nobody are closed', async () => {
    const agents = new Agents(() => {}, { headersMs: 1, bodyMs: 1, connectMs: 1 }, undefined);
    const a = agents.pick(false, 'a');
    const nobody = agents.pick(false, undefined);
    expect(agents.pick(false, 'a').dispatcher).toBe(a.dispatcher);
    expect(agents.pick(false, 'b').dispatcher).not.toBe(a.dispatcher);
    expect(nobody.dispatcher).not.toBe(a.dispatcher);
    expect([a.reuse, nobody.reuse]).toEqual([true, false]);
    for (let i = 0; i < 200; i++) agents.pick(false, `t${i}`);
    expect(agents.pick(false, 'a').dispatcher).not.toBe(a.dispatcher);
    await agents.close();
  });
});
