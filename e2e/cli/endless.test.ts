// A service that is broken or hostile, and answers without an end, does not fill the memory of the command line.
import { createServer, type IncomingMessage, type ServerResponse } from 'node:http';
import type { AddressInfo } from 'node:net';
import { pipeline, Readable } from 'node:stream';
import { expect, onTestFinished, test } from 'vitest';
import { commandLineForTest } from '../fixtures/cli.ts';

const RUN = '0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a01';
const MIB = Buffer.alloc(1024 * 1024, 'a');
/** More than a command may use by far: a test fails in place of filling the memory of this machine. */
const SENT_MIB = 1024;
/** Node with the program takes a fifth of it. */
const MAX_MEMORY_MIB = 450;

type Answerer = (response: ServerResponse, url: URL) => void;

/** A service with a function for each path, by the last part of the path. */
async function serve(answerers: Readonly<Record<string, Answerer>>): Promise<{ url: string; paths: string[] }> {
  const paths: string[] = [];
  const server = createServer((request: IncomingMessage, response) => {
    const url = new URL(request.url!, 'http://service');
    paths.push(url.pathname);
    const name = Object.keys(answerers).find((each) => url.pathname.endsWith(each));
    if (name) answerers[name]!(response, url);
    else response.writeHead(404).end('{}');
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  onTestFinished(() => {
    server.closeAllConnections();
    server.close();
  });
  return { url: `http://127.0.0.1:${(server.address() as AddressInfo).port}`, paths };
}

const json = (response: ServerResponse, data: unknown) =>
  response.setHeader('content-type', 'application/json').end(JSON.stringify({ result: { data } }));

function* endless(chunk: Buffer): Generator<Buffer> {
  for (let bytes = 0; bytes < SENT_MIB * MIB.length; bytes += chunk.length) yield chunk;
}

/** Sends these characters, and then the chunk again and again. */
const flood =
  (begin: string, { type = 'application/json', status = 200, chunk = MIB } = {}): Answerer =>
  (response) => {
    response.writeHead(status, { 'content-type': type }).write(begin);
    pipeline(Readable.from(endless(chunk)), response, () => undefined);
  };
const EVENTS = 'text/event-stream';
const CONNECTED = 'event: connected\ndata: {}\n\n';

// The most memory that the process has had, in KiB.
const report = `process.on('exit', () => process.stderr.write('peak ' + process.resourceUsage().maxRSS))`;

async function peakOf(url: string, args: readonly string[], onFirstOut?: (stdout: Readable) => void) {
  const errand = commandLineForTest({ url, apiKey: 'er_live_k' });
  const env = { NODE_OPTIONS: `--import=data:text/javascript,${encodeURIComponent(report)}` };
  let outBytes = 0;
  const onOut = (part: string, stdout: Readable) => {
    outBytes += part.length;
    onFirstOut?.(stdout);
    onFirstOut = undefined;
  };
  const { code, err } = await errand(args, { env, onOut });
  const peakMib = Number(/peak (\d+)$/.exec(err)?.[1]) / 1024;
  console.log(`errand ${args[0]}, ${err.slice(0, 70)}: ${peakMib.toFixed(0)} MiB`);
  return { code, err, outBytes, peakMib };
}

const run = {
  ...{ runId: RUN, intent: 'x', context: '', userId: 'ada', status: 'RUNNING', executionPlanId: RUN, waitingOn: [] },
  ...{ events: [], integrations: [], metadata: {}, approvalStrategy: 'NONE', usage: {} },
  ...{ createdAt: '2026-11-30T10:00:00.000Z', updatedAt: '2026-11-30T10:00:00.000Z' },
};
const getRun: Answerer = (response) => json(response, run);
const BEGIN = '{"result":{"data":{"runId":"';
const tooLarge = (part: 'answer' | 'event') =>
  new RegExp(
    `^error: The server sent an ${part} of more than 16 MiB. \\(answer_too_large\\)\nCheck that the URL leads to Errand`,
    'm',
  );

const floods: readonly [string, Readonly<Record<string, Answerer>>, readonly string[], RegExp][] = [
  ['an answer', { 'session.get': flood(BEGIN) }, ['whoami'], tooLarge('answer')],
  ['a refusal', { 'runs.list': flood(BEGIN, { status: 404 }) }, ['runs'], tooLarge('answer')],
  ['a stream in place of an answer', { 'runs.list': flood('', { type: EVENTS }) }, ['runs'], tooLarge('answer')],
  ['the answer of errand api', { 'audit.list': flood(BEGIN) }, ['api', 'audit.list'], tooLarge('answer')],
  [
    'a line of the events of a run',
    { 'runs.get': getRun, '/sse': flood('data: {"seq":1,"type":"', { type: EVENTS }) },
    ['watch', RUN],
    tooLarge('event'),
  ],
  [
    'a line of a stream of errand api',
    { 'runs.stream': flood(`${CONNECTED}data: {"data":"`, { type: EVENTS }) },
    ['api', 'runs.stream', `runId=${RUN}`],
    tooLarge('event'),
  ],
  [
    'an event of many lines',
    { 'runs.stream': flood(CONNECTED, { type: EVENTS, chunk: Buffer.from('data: [\n'.repeat(10_000)) }) },
    ['api', 'runs.stream', `runId=${RUN}`],
    tooLarge('event'),
  ],
];

test.each(floods)('%s without an end', async (_, answerers, args, message) => {
  const { url, paths } = await serve(answerers);
  const { code, outBytes, err, peakMib } = await peakOf(url, args);
  expect({ code, outBytes, err }).toEqual({ code: 1, outBytes: 0, err: expect.stringMatching(message) });
  expect(peakMib).toBeLessThan(MAX_MEMORY_MIB);
  expect(paths).toHaveLength(Object.keys(answerers).length);
});

/** A test fails in place of reading on. */
const MAX_PAGES = 2000;

/** Answers pages of this size, in MiB. */
const page = (size: number) => (response: ServerResponse, url: URL) => {
  const { cursor = '0' } = JSON.parse(url.searchParams.get('input') ?? '{}') as { cursor?: string };
  json(response, {
    users: size > 0 ? [{ userId: `u${cursor}`, connections: [], note: MIB.toString().repeat(size) }] : [],
    ...(Number(cursor) < MAX_PAGES && { nextCursor: `${Number(cursor) + 1}` }),
  });
};

test('a list of large pages without an end', async () => {
  const { url, paths } = await serve({ 'users.list': page(4) });
  const { code, outBytes, err, peakMib } = await peakOf(url, ['users', '--limit', '10000', '--json']);
  expect({ code, outBytes }).toEqual({ code: 1, outBytes: 0 });
  expect(err).toContain('error: The list is larger than 64 MiB after 15 items.\nRead it page by page with errand api');
  expect(peakMib).toBeLessThan(MAX_MEMORY_MIB);
  expect(paths).toHaveLength(16);
});

test('a list of empty pages without an end', async () => {
  const { url, paths } = await serve({ 'users.list': page(0) });
  const { code, err, peakMib } = await peakOf(url, ['users']);
  expect(code).toBe(1);
  expect(err).toContain(
    'error: The list has no end: 1000 pages in a row are empty. Check that the URL leads to Errand.',
  );
  expect(peakMib).toBeLessThan(MAX_MEMORY_MIB);
  expect(paths).toHaveLength(1001);
});

const EVENT_BYTES = 10_000;
const EVENTS_MIB = 128;
const STALL_MS = 1000;

/** The events of a run: many, and the end. `onRead` is called with each of them that the command reads. */
const manyEvents =
  (onRead: () => void): Answerer =>
  (response) => {
    function* all() {
      let seq = 0;
      const frame = (event: object) =>
        `id: ${++seq}\ndata: ${JSON.stringify({ seq, runStatus: 'RUNNING', ...event })}\n\n`;
      yield CONNECTED;
      while (seq * EVENT_BYTES < EVENTS_MIB * MIB.length) {
        onRead();
        yield frame({ type: 'of a later version', text: 'a'.repeat(EVENT_BYTES) });
      }
      yield frame({ type: 'end' });
    }
    response.writeHead(200, { 'content-type': EVENTS });
    pipeline(Readable.from(all()), response, () => undefined);
  };

test.each([
  ['errand api', 'runs.stream', ['api', 'runs.stream', `runId=${RUN}`]],
  ['errand watch', '/sse', ['watch', RUN, '--jsonl']],
] as const)('%s waits for a slow reader, and holds none of the events', async (_, path, args) => {
  let reader: Readable | undefined;
  const resume = () => reader?.resume();
  let stalled = setTimeout(resume, STALL_MS);
  const onRead = () => {
    clearTimeout(stalled);
    stalled = setTimeout(resume, STALL_MS);
  };
  const { url } = await serve({ 'runs.get': getRun, [path]: manyEvents(onRead) });
  // It reads on once the service cannot send more, or has sent everything.
  const { outBytes, peakMib } = await peakOf(url, args, (stdout) => {
    reader = stdout.pause();
  });
  expect(outBytes).toBeGreaterThan(EVENTS_MIB * MIB.length);
  expect(peakMib).toBeLessThan(2 * EVENTS_MIB);
});
