import { once } from 'node:events';
import { expect, test } from 'vitest';
import {
  countedTokens,
  cutStream,
  eventFrame,
  openStream,
  page,
  problemOf,
  refuse,
  startScriptedServer,
  stream,
  type Turn,
} from '../testing/fixtures/scripted-server.ts';
import { type BrowserClientOptions, createBrowserClient } from './browser-client.ts';
import type { WatchOptions } from './watch.ts';

async function start(turns: Turn[], options: Partial<BrowserClientOptions> = {}) {
  const server = await startScriptedServer(...turns);
  const client = createBrowserClient({ url: server.url, getToken: countedTokens().getToken, ...options });
  const seqs: number[] = [];
  const watch = async (more: WatchOptions = {}) => {
    for await (const { seq } of client.watch('r', more)) seqs.push(seq);
    return seqs;
  };
  return { ...server, client, watch, seqs };
}

test('a broken connection is resumed after the last event, and each event comes once', async () => {
  const { watch, requests } = await start([
    cutStream(`${eventFrame(1)}event: keepalive\ndata: null\n\n${eventFrame(2)}id: 3\nevent: step\ndata: {"se`),
    (response) => response.destroy(),
    stream(eventFrame(2) + eventFrame(3) + eventFrame(4, 'end')),
  ]);
  expect(await watch()).toEqual([1, 2, 3, 4]);
  expect(requests.map(({ lastEventId }) => lastEventId)).toEqual([undefined, '2', '2']);
  expect(requests[0]).toMatchObject({ line: 'GET /v1/runs/r/sse?progress=false', token: 't1' });
});

test('answers that may pass are waited for: limits, restarts and pages of proxies', async () => {
  const { watch, requests } = await start([
    stream(eventFrame(1)),
    refuse(429, 'too_many_streams', { 'retry-after': '0' }),
    refuse(503, 'unavailable', { 'retry-after': '0' }),
    page(502),
    page(200),
    stream(eventFrame(2, 'end')),
  ]);
  expect(await watch()).toEqual([1, 2]);
  expect(requests).toHaveLength(6);
});

test('204 ends it: all events were read', async () => {
  const { watch, requests } = await start([(response) => response.writeHead(204).end()]);
  expect(await watch({ after: 7 })).toEqual([]);
  expect(requests.map(({ lastEventId }) => lastEventId)).toEqual(['7']);
});

test.each([400, 403, 404, 410])('%i is thrown with its problem document, and not tried again', async (status) => {
  const { watch, requests } = await start([refuse(status, 'no')]);
  await expect(watch()).rejects.toMatchObject({ name: 'RequestFailed', problem: problemOf(status, 'no') });
  expect(requests).toHaveLength(1);
});

test('a silent connection is given up, and the state says so', async () => {
  let silent = 2;
  const { watch } = await start(
    [
      (response, request) => {
        if (request.headers['last-event-id'] === undefined) openStream(eventFrame(1))(response, request);
        else if (--silent < 0) stream(eventFrame(2, 'end'))(response, request);
      },
    ],
    { idleMs: 300 },
  );
  const states: string[] = [];
  expect(await watch({ onState: (state) => states.push(state) })).toEqual([1, 2]);
  expect(states.join(' ')).toMatch(/^open( reconnecting open)+$/);
});

test('a refusal that never ends is a lost connection', async () => {
  const endless: Turn = (response) => void response.writeHead(404).write('{');
  const { watch } = await start([endless, stream(eventFrame(1, 'end'))], { idleMs: 300 });
  expect(await watch()).toEqual([1]);
});

test('a frame that never ends is given up', async () => {
  const mebibyte = 'x'.repeat(1024 * 1024);
  const { watch, requests } = await start([
    async (response) => {
      response.writeHead(200, { 'content-type': 'text/event-stream' }).write('retry: 1\n\ndata: ');
      while (response.writable && !response.destroyed) {
        const isDrained = response.write(mebibyte);
        if (!isDrained) await once(response, 'drain').catch(() => {});
      }
    },
  ]);
  await expect(watch()).rejects.toMatchObject({ problem: { code: 'unreadable_stream' } });
  expect(requests).toHaveLength(3);
});

test('a signal ends it at once, and the connection is released', async () => {
  const { client, open, requests } = await start([openStream(eventFrame(1))]);
  const stop = new AbortController();
  const events = client.watch('r', { signal: stop.signal });
  expect((await events.next()).value).toMatchObject({ seq: 1 });
  const next = events.next();
  stop.abort();
  await expect(next).rejects.toBe(stop.signal.reason);
  await expect.poll(() => open.size).toBe(0);
  expect(requests).toHaveLength(1);
});

test('a signal also ends the wait between connections, and a hanging getToken', async () => {
  const busy = await start([refuse(503, 'unavailable', { 'retry-after': '60' })]);
  await expect(busy.watch({ signal: signalAfter(50) })).rejects.toBe('stop');
  const hanging = await start([refuse(500, 'internal')], { getToken: () => new Promise(() => {}) });
  await expect(hanging.watch({ signal: signalAfter(50) })).rejects.toBe('stop');
  expect(hanging.requests).toEqual([]);
});

test('leaving the loop closes the connection', async () => {
  const { client, open } = await start([openStream(eventFrame(1) + eventFrame(2))]);
  for await (const { seq } of client.watch('r')) if (seq === 1) break;
  await expect.poll(() => open.size).toBe(0);
});

function signalAfter(ms: number): AbortSignal {
  const controller = new AbortController();
  setTimeout(() => controller.abort('stop'), ms);
  return controller.signal;
}
