// A process between SIGTERM and its end: who it serves, what it no longer does, and when it ends.
import { once } from 'node:events';
import { Agent, type IncomingMessage, request as openRequest } from 'node:http';
import { connect } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import { expect, onTestFinished, test } from 'vitest';
import { aRun } from '../fixtures/builders.ts';
import { sampleOf, slowTest } from '../fixtures/combine.ts';
import { openStream } from '../fixtures/frames.ts';
import { type Server, startServer } from '../fixtures/server.ts';
import { json } from '../fixtures/stub.ts';
import { overRest } from '../fixtures/transports.ts';
import { chain } from '../trouble/checks.ts';
import { aSite, type SiteOptions } from '../trouble/site.ts';
import { processesOf } from './supervised-site.ts';

/** Longer than the tests: a process that ends earlier has skipped it. */
const LONG = { ERRAND_LAME_DUCK_SECONDS: '600' };
const SHORT = { ERRAND_LAME_DUCK_SECONDS: '2' };

/** A site with a tool whose calls wait until `release`. */
async function aSlowSite(options: Pick<SiteOptions, 'env' | 'http' | 'workers'>) {
  const gate = new EventTarget();
  const released = once(gate, 'release');
  const look = async (response: Parameters<typeof json>[0]) => {
    await released;
    json(response, { fine: true });
  };
  const site = await aSite({ operations: { look: { answer: look } }, ...options });
  const input = aRun({ selectedCustomerIntegrationIds: [site.id], plan: chain(site.id, ['look']) });
  return { ...site, input, release: () => gate.dispatchEvent(new Event('release')) };
}

const readiness = async ({ url }: Server) => (await fetch(`${url}/readyz`)).status;

function isAlive(pid: number): boolean {
  try {
    return process.kill(pid, 0);
  } catch {
    return false;
  }
}

/** SIGTERM, and the moment at which the process answers that it is not ready. */
async function beginStop(server: Server): Promise<void> {
  process.kill(server.pid, 'SIGTERM');
  await expect.poll(() => readiness(server)).toBe(503);
}

test('a lame duck is alive but not ready, serves callers on new and on kept connections, and closes each of these', async () => {
  const site = await aSlowSite({ http: 1, workers: 1, env: LONG });
  const [server] = site.http as [(typeof site.http)[0]];
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  const call = async (path: string) => {
    const sent = openRequest(`${server.url}${path}`, { agent, headers: { 'x-api-key': server.apiKey } }).end();
    const [answer] = (await once(sent, 'response')) as [IncomingMessage];
    answer.resume();
    await once(answer, 'end');
    return { status: answer.statusCode, connection: answer.headers.connection, reused: sent.reusedSocket };
  };
  expect(await call('/v1/runs')).toMatchObject({ status: 200, connection: 'keep-alive' });
  await beginStop(server);
  expect(await call('/v1/runs')).toEqual({ status: 200, connection: 'close', reused: true });
  expect(await call('/v1/runs')).toEqual({ status: 200, connection: 'close', reused: false });
  expect(await call('/healthz')).toMatchObject({ status: 200 });
  const { runId } = await site.api.runs.create(site.input);
  const stream = await openStream(server, runId);
  expect(await stream.next()).toMatchObject({ event: 'start' });
  site.release();
  expect((await stream.rest()).at(-1)).toMatchObject({ event: 'end' });
  await server.kill();
});

slowTest(
  'a process with both roles claims nothing as a lame duck, and another process carries out the runs that it accepts',
  async () => {
    const site = await aSlowSite({ env: LONG });
    const [server] = site.http as [(typeof site.http)[0]];
    await beginStop(server);
    const { runId } = await site.api.runs.create(site.input);
    const read = () => site.api.runs.get({ runId });
    await expect.poll(() => server.log()).toContain('requests are served for some time');
    site.release();
    await sleep(1000);
    expect(await read()).toMatchObject({ status: 'QUEUED' });
    const { dataDir, way } = server;
    const databaseUrl = way.through(site.admin.options.connectionString!);
    const second = await startServer({ databaseUrl, dataDir, env: { ERRAND_EGRESS_ALLOW: site.stub.origin } });
    onTestFinished(() => second.kill());
    await expect.poll(read).toMatchObject({ status: 'SUCCESS' });
    await server.kill();
  },
);

test('after the lame duck time the process ends with 0, and a stream that it ends says when and where to resume', async () => {
  const site = await aSlowSite({ http: 2, workers: 1, env: SHORT });
  const [server, other] = site.http as [(typeof site.http)[0], (typeof site.http)[0]];
  const { runId } = await overRest(other).runs.create(site.input);
  const stream = await openStream(server, runId);
  const first = await stream.next();
  expect(first).toMatchObject({ event: 'start' });
  const ended = server.end();
  const rest = await stream.rest();
  expect(rest.filter(({ event }) => event === 'end')).toEqual([]);
  expect(await ended).toBe(0);
  site.release();
  const seen = [first, ...rest].map((frame) => Number(frame?.id)).filter(Boolean);
  const resumed = await openStream(other, runId, { lastEventId: String(seen.at(-1)) });
  const ids = [...seen, ...(await resumed.rest()).map(({ id }) => Number(id)).filter(Boolean)];
  expect(ids).toEqual(ids.map((_, i) => i + 1));
});

test.each(
  sampleOf([
    ['a second SIGTERM', ['SIGTERM', 'SIGTERM'], 1],
    ['SIGINT, as of Ctrl-C', ['SIGINT'], 0],
  ] as const),
)('%s skips the lame duck time', async (_, signals, code) => {
  const site = await aSlowSite({ env: LONG });
  const [server] = site.http as [(typeof site.http)[0]];
  const [first, ...others] = signals;
  if (others.length > 0) await beginStop(server);
  else process.kill(server.pid, first);
  for (const signal of others) process.kill(server.pid, signal);
  await expect.poll(() => isAlive(server.pid)).toBe(false);
  expect(await server.end()).toBe(code);
});

slowTest('a worker alone ends at once', async () => {
  const site = await aSlowSite({ http: 1, workers: 1, env: LONG });
  expect(await site.workers[0]!.end()).toBe(0);
});

slowTest('health checks that cut their connections, and one that keeps its own, do not hold up the end', async () => {
  const site = await aSlowSite({ http: 1, workers: 1, env: SHORT });
  const [server] = site.http as [(typeof site.http)[0]];
  const port = Number(new URL(server.url).port);
  const agent = new Agent({ keepAlive: true, maxSockets: 1 });
  onTestFinished(() => agent.destroy());
  let gone = false;
  const cutting = async () => {
    while (!gone) {
      const socket = connect(port, '127.0.0.1').on('error', () => {});
      socket.write('GET /readyz HTTP/1.1\r\nhost: x\r\n\r\n');
      socket.setTimeout(400, () => socket.destroy());
      await sleep(250);
    }
  };
  const keeping = async () => {
    while (!gone) {
      const sent = openRequest(`${server.url}/readyz`, { agent }).end();
      await once(sent, 'response').then(
        ([answer]) => (answer as IncomingMessage).resume(),
        () => {},
      );
      await sleep(250);
    }
  };
  const pollers = [cutting(), keeping()];
  await sleep(1000);
  // Beyond its limit of 30 s it would end with 1.
  const code = await server.end();
  gone = true;
  await Promise.all(pollers);
  expect(code, server.log()).toBe(0);
});

slowTest(
  'a supervisor serves requests for the lame duck time of its processes, and systemd may signal all of them',
  async () => {
    const site = await aSlowSite({ env: { ...SHORT, ERRAND_PROCESSES: '2' } });
    const [server] = site.http as [(typeof site.http)[0]];
    const children = processesOf(server);
    const ended = server.end();
    for (const pid of children) process.kill(pid, 'SIGTERM');
    await expect.poll(() => readiness(server)).toBe(503);
    expect((await fetch(`${server.url}/v1/runs`, { headers: { 'x-api-key': server.apiKey } })).status).toBe(200);
    expect(await ended, server.log()).toBe(0);
    expect(server.log()).not.toContain('another one is started');
  },
);
