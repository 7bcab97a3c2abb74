// A server that is broken or hostile cannot make a client hold more than MAX_ANSWER_BYTES.
import { pipeline, Readable } from 'node:stream';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';
import { createBrowserClient } from '../browser/browser-client.ts';
import { createClient, problemOf, streamEvents, waitForRun } from '../index.ts';
import { createRestClient } from '../rest/index.ts';
import {
  countedTokens,
  eventFrame,
  startScriptedServer,
  stream,
  type Turn,
} from '../testing/fixtures/scripted-server.ts';
import { MAX_ANSWER_BYTES } from './limit-answer.ts';

const RUN = '0192f0c1-7a3e-7c11-9d52-3f6b2f0c8a01';
const MIB = Buffer.alloc(1024 * 1024, 'a');
/** Beyond the limit by far: a test fails in place of filling the memory of this machine. */
const SENT_MIB = 64;

/** Sends these characters, and then more than any answer of Errand has. */
const flood =
  (type: string, begin: string, { status = 200, chunk = MIB } = {}): Turn =>
  (response) => {
    response.writeHead(status, { 'content-type': type }).write(begin);
    pipeline(Readable.from(Array<Buffer>(SENT_MIB).fill(chunk)), response, () => undefined);
  };
const body = (status = 200) => flood('application/json', '{"result":{"data":{"runId":"', { status });
const line = flood('text/event-stream', 'id: 1\ndata: {"seq":1,"type":"');
const lines = flood('text/event-stream', 'id: 1\n', { chunk: Buffer.from('data: a\r\n'.repeat(100_000)) });
/** 64 MiB of spaces, in 64 KiB. */
const bomb: Turn = (response) => {
  const packed = gzipSync(Buffer.alloc(SENT_MIB * MIB.length, ' '));
  const headers = { 'content-type': 'application/json', 'content-encoding': 'gzip', 'content-length': packed.length };
  response.writeHead(200, headers).end(packed);
};

type Options = { url: string; apiKey: string };
const subscribe = (options: Options) =>
  new Promise((resolve, reject) => {
    createClient(options).runs.stream.subscribe({ runId: RUN }, { onError: reject, onComplete: () => resolve(0) });
  });
const query = (options: Options) => createClient(options).runs.get.query({ runId: RUN });
const inBrowser = ({ url }: Options) => createBrowserClient({ url, ...countedTokens() }).run(RUN);

const answers: readonly [string, Turn, (options: Options) => Promise<unknown>][] = [
  ['a query over tRPC', body(), query],
  ['a refusal over tRPC', body(404), query],
  ['a temporary refusal over tRPC', body(503), query],
  ['a query that answers a stream', flood('text/event-stream', ''), query],
  ['a query that answers a compressed text', bomb, query],
  ['a query that is sent once', body(), (options) => query({ ...options, retry: false } as Options)],
  ['a change over tRPC', body(), (options) => createClient(options).apiKeys.create.mutate({ name: 'k', scopes: [] })],
  ['a refused subscription', body(404), subscribe],
  ['a query over REST', body(), (options) => createRestClient(options).GET('/v1/session')],
  ['a wait', body(), (options) => waitForRun(options, RUN)],
  ['a page', body(), inBrowser],
  ['a compressed text in a page', bomb, inBrowser],
];

test.each(answers)('%s: an answer without an end is refused, and not asked for again', async (_, turn, call) => {
  const { url, requests } = await startScriptedServer(turn);
  const problem = problemOf(await call({ url, apiKey: 'k' }).catch((error: unknown) => error));
  expect(problem).toMatchObject({
    code: 'answer_too_large',
    detail: 'The server sent an answer of more than 16 MiB.',
    remedy: expect.stringContaining('Check that the URL leads to Errand'),
  });
  expect(requests).toHaveLength(1);
});

const streams: readonly [string, (options: Options) => Promise<unknown>][] = [
  ['streamEvents', (options) => streamEvents({ ...options, runId: RUN }).next()],
  ['a subscription', subscribe],
];

test.each(
  streams.flatMap(([name, call]) => [[name, 'line', line, call] as const, [name, 'event', lines, call] as const]),
)('%s: a %s without an end is refused, and not asked for again', async (_name, _part, turn, call) => {
  const { url, requests } = await startScriptedServer(turn);
  const problem = problemOf(await call({ url, apiKey: 'k' }).catch((error: unknown) => error));
  expect(problem).toMatchObject({
    code: 'answer_too_large',
    detail: 'The server sent an event of more than 16 MiB.',
  });
  expect(requests).toHaveLength(1);
});

test('a stream may be longer than its events', async () => {
  const text = 'a'.repeat(1024 * 1024);
  const frames = Array.from({ length: 20 }, (_, i) => `${eventFrame(i + 1, text)}: keepalive\r\n\r\n`);
  const { url } = await startScriptedServer(stream(frames.join('') + eventFrame(21, 'end')));
  let count = 0;
  for await (const _ of streamEvents({ url, apiKey: 'k', runId: RUN })) count++;
  expect(count).toBe(21);
});

test('an answer at the limit is read', async () => {
  const text = JSON.stringify({ result: { data: '' } });
  const data = 'a'.repeat(MAX_ANSWER_BYTES - text.length);
  for (const headers of [{}, { 'transfer-encoding': 'chunked' }]) {
    const { url } = await startScriptedServer((response) =>
      response
        .writeHead(200, { 'content-type': 'application/json', ...headers })
        .end(JSON.stringify({ result: { data } })),
    );
    expect(await query({ url, apiKey: 'k' })).toHaveLength(data.length);
  }
});
