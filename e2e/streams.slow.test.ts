// Streams during faults: every client sees the stored sequence, each event once, whatever is killed or cut.
import { connect, type Socket } from 'node:net';
import type { Json, RunEvent } from '@errand/contracts';
import { beforeAll, type TestContext, test } from 'vitest';
import { aRun, carryOut, eventsOf } from './fixtures/builders.ts';
import { type Frame, openStream } from './fixtures/frames.ts';
import { type Server, startServer } from './fixtures/server.ts';
import { type Stack, startStack } from './fixtures/stack.ts';
import { json, type Stub, startStub } from './fixtures/stub.ts';
import { dump } from './fixtures/tables.ts';
import { type Api, overRest, overTrpc } from './fixtures/transports.ts';

let stack: Stack;
let worker: Server;
/** A run in which nothing happens. */
let calm: Server;
let stub: Stub;
let api: Api;
let tool: string;
/** A run with 15 MB of events. */
let loaded: string;
/** Calls of `wait` are answered once they are released. */
let letThrough = 0;
const opened = new EventTarget();
const open = (steps: number) => {
  letThrough = steps;
  opened.dispatchEvent(new Event('open'));
};

const startAs = (role: 'http' | 'worker') =>
  startServer({
    databaseUrl: stack.databaseUrl,
    dataDir: stack.dataDir,
    env: { ERRAND_ROLE: role, ERRAND_EGRESS_ALLOW: stub.origin },
  });

beforeAll(async () => {
  const named = { parameters: [{ name: 'n', in: 'query', schema: { type: 'integer' } }] };
  stub = await startStub({
    wait: {
      more: named,
      answer: async (response, { url }) => {
        const n = Number(url.split('n=')[1]);
        while (letThrough < n) await new Promise((resolve) => opened.addEventListener('open', resolve, { once: true }));
        json(response, { n });
      },
    },
    load: { more: named, answer: (response, { url }) => json(response, { url, text: 'x'.repeat(250_000) }) },
  });
  stack = await startStack({ allow: [stub.origin], seed: false, env: { ERRAND_ROLE: 'http' } });
  [calm, worker] = await Promise.all([startAs('http'), startAs('worker')]);
  api = overRest(stack);
  const auth = { type: 'API_TOKEN', token: 'token-of-the-stub' } as const;
  const integration = await api.integrations.create({ name: 'Stub', kind: 'openapi', document: stub.document, auth });
  tool = integration.customerIntegrationId;
  loaded = (await carryOut(api, aRunOf('load', 60))).run.runId;
  return async () => {
    open(Number.POSITIVE_INFINITY);
    await Promise.all([worker.kill(), calm.kill()]);
    await Promise.all([stack.close(), stub.close()]);
  };
});

/** A run with many sequential calls of one operation. */
const aRunOf = (operation: string, calls: number, result: Json = 'done') =>
  aRun({
    selectedCustomerIntegrationIds: [tool],
    plan: {
      goal: 'g',
      steps: Array.from({ length: calls }, (_, i) => ({
        id: `s${i + 1}`,
        tool: `${tool}.${operation}`,
        args: { query: { n: i + 1 } },
        dependsOn: i === 0 ? [] : [`s${i}`],
      })),
      result,
    },
  });

/** Reads everything, and counts. */
function collect(events: AsyncIterable<RunEvent>) {
  const frames: RunEvent[] = [];
  const all = (async () => {
    for await (const event of events) frames.push(event);
    return frames;
  })();
  all.catch(() => {});
  return { received: frames, all };
}

/** A plain reader that reconnects with its last id, and is cut after every third event. */
async function* cutAgainAndAgain(runId: string): AsyncGenerator<RunEvent> {
  let last = '';
  for (;;) {
    const stream = await openStream(stack, runId, { lastEventId: last }).catch(() => undefined);
    if (stream?.status === 204) return;
    try {
      for (let i = 0; stream?.status === 200 && i < 3; i++) {
        const frame: Frame | undefined = await stream.next();
        if (!frame) break;
        if (frame.event === 'keepalive') continue;
        last = frame.id!;
        yield JSON.parse(frame.data!);
      }
    } catch {
      // the server was killed
    }
    stream?.cut();
    await new Promise((resolve) => setTimeout(resolve, 20));
  }
}

test.concurrent('API and workers are killed again and again, and every client sees each event once, in order', async ({
  expect,
}) => {
  // Two kills of each.
  const calls = 4;
  const { runId } = await api.runs.create(aRunOf('wait', calls));
  const readers = [
    collect(api.runs.stream({ runId })),
    collect(overTrpc(stack).runs.stream({ runId })),
    collect(cutAgainAndAgain(runId)),
  ];
  // the last id of the input is only for the first connection
  const later = collect(overTrpc(stack).runs.stream({ runId, lastEventId: '1' }));
  const reached = (events: number) =>
    expect
      .poll(() => readers.map(({ received }) => received.length >= events), {
        timeout: 30_000,
      })
      .toEqual(readers.map(() => true));
  await reached(1);

  for (let n = 1; n < calls; n += 2) {
    open(n);
    await reached(1 + n);
    await stack.restart();
    open(n + 1);
    await reached(2 + n);
    await worker.kill();
    worker = await startAs('worker');
  }
  open(calls);

  const [rest, trpc, cut] = await Promise.all(readers.map(({ all }) => all));
  const { events } = await api.runs.events({ runId, limit: 1000 });
  expect(events.map(({ seq }) => seq)).toEqual(events.map((_, i) => i + 1));
  expect(events.at(-1)).toMatchObject({ type: 'end', runStatus: 'SUCCESS', result: 'done' });
  expect(events.length).toBeGreaterThan(calls);
  expect([rest, trpc, cut]).toEqual([events, events, events]);
  expect(await later.all).toEqual(events.slice(1));
}, 150_000);

test.concurrent('a reader that never reads is cut, and continues where it stopped after a reconnect', async (context) => {
  const { expect } = context;
  const api = overRest(calm);
  const all = await eventsOf(api, loaded, true);
  // The slots of a key show when its stream was cut: they are free a few seconds later.
  const { key, apiKeyId } = await api.apiKeys.create({ name: 'slow reader', scopes: ['runs:read'] });
  const heldConnections = async () =>
    (await dump(stack.databaseUrl))['public.stream_lease']!.filter((row) => row.includes(apiKeyId));
  const slow = rawStream(`/v1/runs/${loaded}/sse?includeToolCalls=true`, key, context);
  await slow.paused;
  await expect.poll(heldConnections, { timeout: 15_000 }).toHaveLength(1);
  await expect.poll(heldConnections, { timeout: 50_000 }).toEqual([]);
  slow.socket.resume();
  await slow.closed;
  const text = slow.text();
  const whole = text.slice(0, text.lastIndexOf('\n\n') + 2);
  const got = [...whole.matchAll(/^id: (\d+)$/gm)].map((match) => Number(match[1]));
  expect(got.length).toBeLessThan(all.length);

  const query = '?includeToolCalls=true';
  const rest = await (await openStream(calm, loaded, { lastEventId: String(got.at(-1)), query })).rest();
  const frames = rest.filter(({ event }) => event !== 'keepalive');
  expect([...got, ...frames.map(({ id }) => Number(id))]).toEqual(all.map(({ seq }) => seq));
  expect(frames.map(({ data }) => JSON.parse(data!))).toEqual(all.slice(got.length));
  expect(JSON.stringify(all).length).toBeGreaterThan(10_000_000);
}, 90_000);

/** A stream on a bare socket that stops reading in the middle of the second event. */
function rawStream(path: string, key: string, { onTestFinished }: TestContext) {
  const pauseAt = 'id: 2\n';
  const { hostname, port } = new URL(calm.url);
  const socket: Socket = connect(Number(port), hostname);
  onTestFinished(() => void socket.destroy());
  const parts: string[] = [];
  const paused = new Promise<void>((resolve) => {
    socket.setEncoding('utf8').on('data', (part) => {
      const end = (parts.at(-1) ?? '').slice(-pauseAt.length) + part;
      parts.push(String(part));
      if (!end.includes(pauseAt)) return;
      socket.pause();
      resolve();
    });
  });
  socket.on('error', () => {});
  socket.write(`GET ${path} HTTP/1.1\r\nhost: x\r\nx-api-key: ${key}\r\n\r\n`);
  return {
    socket,
    text: () => parts.join(''),
    paused,
    closed: new Promise((resolve) => socket.once('close', resolve)),
  };
}
