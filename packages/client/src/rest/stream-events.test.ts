import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import type { RunEvent } from '@errand/contracts';
import { afterEach, expect, test } from 'vitest';
import { streamEvents } from './stream-events.ts';

type Turn = (req: IncomingMessage, res: ServerResponse) => void;

const servers: { close(): void; closeAllConnections(): void }[] = [];
afterEach(() => {
  for (const server of servers.splice(0)) {
    server.closeAllConnections();
    server.close();
  }
});

/** A server that answers each connection by the next turn; the last turn serves the rest. */
async function serve(...turns: Turn[]) {
  const requests: { url: string; last: string | undefined; key: unknown }[] = [];
  const server = createServer((req, res) => {
    requests.push({ url: req.url!, last: req.headers['last-event-id'] as string, key: req.headers['x-api-key'] });
    (turns.length > 1 ? turns.shift()! : turns[0]!)(req, res);
  });
  servers.push(server);
  await new Promise<void>((done) => server.listen(0, '127.0.0.1', done));
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, seen: requests };
}

const frame = (seq: number, type = 'step') => `id: ${seq}\nevent: ${type}\ndata: ${JSON.stringify({ seq, type })}\n\n`;
const send =
  (text: string, end = true): Turn =>
  (_, res) => {
    res.writeHead(200, { 'content-type': 'text/event-stream' });
    res.write(text);
    if (end) res.end();
  };

async function collect(url: string, more: object = {}) {
  const events: RunEvent[] = [];
  for await (const event of streamEvents({ url, apiKey: 'k', runId: 'r', ...more })) events.push(event);
  return events.map(({ seq }) => seq);
}

test('a broken connection is resumed after the last event, and nothing comes twice', async () => {
  const { url, seen } = await serve(
    send(`retry: 1\n\n${frame(1)}event: keepalive\ndata: null\n\n${frame(2)}id: 3\nevent: step\nda`),
    (_, res) => res.destroy(),
    send(frame(2) + frame(3) + frame(4, 'end')),
  );
  expect(await collect(url, { includeToolCalls: true })).toEqual([1, 2, 3, 4]);
  expect(seen.map(({ last }) => last)).toEqual([undefined, '2', '2']);
  expect(seen[0]).toMatchObject({ url: '/v1/runs/r/sse?includeToolCalls=true&progress=false', key: 'k' });
});

test('204 ends it: all was read', async () => {
  const { url, seen } = await serve((_, res) => res.writeHead(204).end());
  expect(await collect(url, { after: 7 })).toEqual([]);
  expect(seen.map(({ last }) => last)).toEqual(['7']);
});

test('a refusal is thrown with its problem document and not tried again', async () => {
  const problem = {
    type: '/problems/not_found',
    title: 'Not found',
    status: 404,
    code: 'not_found',
    detail: 'No such run.',
  };
  const { url, seen } = await serve((_, res) => res.writeHead(404).end(JSON.stringify(problem)));
  await expect(collect(url)).rejects.toMatchObject({ name: 'RequestFailed', message: 'No such run.', problem });
  expect(seen).toHaveLength(1);
});

test('a server that is busy or broken is asked again', async () => {
  const { url, seen } = await serve(
    send('retry: 1\n\n'),
    (_, res) => res.writeHead(503).end(),
    (_, res) => res.writeHead(429, { 'retry-after': '0' }).end(),
    send(frame(1, 'end')),
  );
  expect(await collect(url)).toEqual([1]);
  expect(seen).toHaveLength(4);
});

test('a connection that has fallen silent counts as lost', async () => {
  const { url } = await serve(send(`retry: 1\n\n${frame(1)}`, false), send(frame(2, 'end')));
  expect(await collect(url, { idleMs: 50 })).toEqual([1, 2]);
});

test('a signal ends it at once, also while it waits to try again', async () => {
  const { url } = await serve((_, res) => res.writeHead(503, { 'retry-after': '60' }).end());
  const begun = Date.now();
  await expect(collect(url, { signal: AbortSignal.timeout(50) })).rejects.toMatchObject({ name: 'TimeoutError' });
  expect(Date.now() - begun).toBeLessThan(5000);
});
