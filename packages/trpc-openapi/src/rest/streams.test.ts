// Server-sent events over REST: frames, errors, keepalives, slow readers, shutdown.
import { connect, Socket } from 'node:net';
import { afterEach, describe, expect, it, vi } from 'vitest';
import { type ServiceOptions, startService } from '../testing/fixtures/service.ts';

/** Soon by the order of things, however busy the machine is. */
const SOON = { timeout: 15_000 };

let service: Awaited<ReturnType<typeof startService>>;
const start = async (options: ServiceOptions = {}) => {
  service = await startService(options);
};
afterEach(() => service.app.close());

/** Opens a stream on a bare socket; `text()` is what has come so far. */
const open = async (path: string) => {
  const socket: Socket = connect(Number(new URL(service.url).port), '127.0.0.1');
  let text = '';
  socket.on('data', (chunk) => {
    text += chunk;
  });
  socket.on('error', () => {});
  socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\nx-api-key: ann\r\n\r\n`);
  return { socket, text: () => text };
};

const closed = (socket: Socket) => new Promise((resolve) => socket.once('close', resolve));

describe('a stream', () => {
  it('is made of id, event and data', async () => {
    await start();
    const { status, headers, text } = await service.call('GET', '/v1/lists/a/sse?after=1&shared=true');
    expect(status).toBe(200);
    expect(headers.get('content-type')).toBe('text/event-stream; charset=utf-8');
    expect(headers.get('cache-control')).toBe('no-cache, no-transform');
    expect(headers.get('x-accel-buffering')).toBe('no');
    expect(headers.get('x-request-id')).toBeTruthy();
    const [first, second, rest] = text.split('\n\n');
    const [id, event, data, ...more] = first!.split('\n');
    expect([id, event, more]).toEqual(['id: 2', 'event: written', []]);
    expect(JSON.parse(data!.slice('data: '.length))).toMatchObject({ type: 'written', seq: 2, note: { id: 'n2' } });
    expect(second).toBe('id: 3\nevent: end\ndata: {"type":"end","seq":3}');
    expect(rest).toBe('');
  });

  it('hands what is there at once to the kernel by one write, its head and its end included', async () => {
    await start();
    const port = Number(new URL(service.url).port);
    const writes = [vi.spyOn(Socket.prototype, '_write'), vi.spyOn(Socket.prototype, '_writev')];
    const { text } = await service.call('GET', '/v1/lists/a/sse?after=1&shared=true');
    const ours = writes.flatMap(({ mock }) => mock.contexts as Socket[]).filter(({ localPort }) => localPort === port);
    vi.restoreAllMocks();
    expect(text.split('\n\n')).toHaveLength(3);
    expect(ours).toHaveLength(1);
  });

  it('prefers Last-Event-ID to the query', async () => {
    await start();
    const { text } = await service.call('GET', '/v1/lists/a/sse?after=0', undefined, { 'last-event-id': '2' });
    expect(text).toMatch(/^id: 3\n/);
  });

  it.each(['-1', 'abc', '1.5', '1e3'])('refuses the last id %s', async (id) => {
    await start();
    const byHeader = await service.call('GET', '/v1/lists/a/sse', undefined, { 'last-event-id': id });
    expect([byHeader.status, byHeader.json.code]).toEqual([400, 'invalid_event_id']);
    const byQuery = await service.call('GET', `/v1/lists/a/sse?after=${id}`);
    expect([byQuery.status, byQuery.json.code]).toEqual([400, 'invalid_event_id']);
  });

  it('answers 204 when nothing is left to send', async () => {
    await start();
    const { status, text } = await service.call('GET', '/v1/lists/done/sse?after=3');
    expect([status, text]).toEqual([204, '']);
  });

  it('answers errors before its first item as problems', async () => {
    await start();
    const missing = await service.call('GET', '/v1/lists/none/sse');
    expect([missing.status, missing.json.code]).toEqual([404, 'not_found']);
    expect((await fetch(`${service.url}/v1/lists/a/sse`)).status).toBe(401);
    const crash = await service.call('GET', '/v1/lists/crash/sse');
    expect([crash.status, crash.text.includes('hunter2')]).toEqual([500, false]);
    expect(service.faults).toMatchObject([{ message: 'password=hunter2' }]);
  });

  it('is cut, not ended, by a later error, which onError receives', async () => {
    await start();
    const { socket, text } = await open('/v1/lists/late/sse');
    await closed(socket);
    expect(text()).toContain('id: 2\n');
    expect(text().endsWith('0\r\n\r\n')).toBe(false);
    expect(text()).not.toContain('hunter2');
    expect(service.faults).toMatchObject([{ message: 'password=hunter2' }]);
  });

  it('ends with a comment when an expected error comes later, which is no news for onError', async () => {
    await start();
    const { socket, text } = await open('/v1/lists/over/sse');
    await vi.waitFor(() => expect(text().endsWith('0\r\n\r\n')).toBe(true), SOON);
    expect(text()).toContain('id: 2\n');
    expect(text()).toContain(': gone\n\n');
    expect(text()).not.toContain('erased');
    expect(service.faults).toEqual([]);
    socket.destroy();
  });

  it('opens though nothing comes, and is kept alive', async () => {
    await start({ keepaliveMs: 30, openAfterMs: 20 });
    const { socket, text } = await open('/v1/lists/live/sse?after=2');
    await vi.waitFor(() => expect(text().split('event: keepalive\ndata: null\n\n').length).toBeGreaterThan(3), SOON);
    expect(text()).toContain('HTTP/1.1 200');
    socket.destroy();
  });

  it('tells the handler that the reader has left, also before the first item', async () => {
    await start({ openAfterMs: 60_000 });
    const { socket } = await open('/v1/lists/live/sse?after=2');
    await new Promise((resolve) => setTimeout(resolve, 50));
    socket.destroy();
    await vi.waitFor(() => expect(service.seen).toMatchObject({ left: 1, aborted: 1 }), SOON);
  });

  it('of a reader that takes nothing is cut soon when more than the limit waits', async () => {
    await start({ keepaliveMs: 50, stallMs: 15_000 });
    const { socket } = await open('/v1/lists/huge/sse');
    socket.pause();
    // After a tenth of the time that other readers have.
    await vi.waitFor(() => expect(service.seen).toMatchObject({ left: 1, aborted: 1 }), { timeout: 14_000 });
    socket.destroy();
  });

  it('of a reader that takes nothing is cut later when less waits', async () => {
    await start({ keepaliveMs: 50, maxBuffered: Number.POSITIVE_INFINITY, stallMs: 600 });
    const { socket } = await open('/v1/lists/huge/sse');
    socket.pause();
    const started = performance.now();
    await vi.waitFor(() => expect(service.seen.left).toBe(1), SOON);
    expect(performance.now() - started).toBeGreaterThan(500);
    socket.destroy();
  });

  it('of a slow reader is not cut, and reaches him whole', async () => {
    await start({ keepaliveMs: 50, stallMs: 20_000 });
    const { socket, text } = await open('/v1/lists/huge/sse');
    const slow = setInterval(() => (socket.isPaused() ? socket.resume() : socket.pause()), 1);
    await vi.waitFor(() => expect(text().endsWith('0\r\n\r\n')).toBe(true), { timeout: 50_000, interval: 200 });
    clearInterval(slow);
    expect(text().match(/x/g)!.length).toBeGreaterThanOrEqual(8 * 1024 * 1024);
    expect(text()).toContain('"type":"end"');
    socket.destroy();
  }, 60_000);

  it('ends with the server, which says when to reconnect', async () => {
    await start();
    const { socket, text } = await open('/v1/lists/live/sse');
    await vi.waitFor(() => expect(text()).toContain('id: 2\n'), SOON);
    // The list goes on without an end, so only the server can end the stream.
    await Promise.all([service.app.close(), closed(socket)]);
    expect(text()).toMatch(/\n\n\r\n[\da-f]+\r\nretry: [1-9]\d{2,3}\n\n\r\n0\r\n\r\n$/);
    expect(service.seen).toMatchObject({ left: 1, aborted: 1 });
  });
});
