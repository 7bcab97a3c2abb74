import type { ServerResponse } from 'node:http';
import { gzipSync } from 'node:zlib';
import { aPlanRequest, goodPlan } from '@errand/planner/testing';
import { describe, expect, test } from 'vitest';
import { aModelPlanner } from '../testing/fixtures/model-planner.ts';
import { asEventStream, eventsOf } from '../testing/model-streams.ts';
import { isStreamed } from '../testing/model-wires.ts';
import type { Conversation, ScriptedAnswer } from '../testing/scripted-model.ts';
import type { ModelOptions, ModelProvider } from './options.ts';

/** A planner behind the service's own guard. */
const behindEgress = (conversation: Conversation, more: Partial<ModelOptions> = {}) =>
  aModelPlanner(conversation, { guard: {}, timeoutMs: 30_000, ...more });

const providers: ModelProvider[] = ['openai', 'openai-compatible', 'anthropic', 'google'];
const wireOf = {
  openai: 'responses',
  'openai-compatible': 'chat',
  anthropic: 'anthropic',
  google: 'google',
} as const;
const usage = { inputTokens: 100, outputTokens: 10 };
const planStream = asEventStream(
  eventsOf('chat', 'm', { text: JSON.stringify(goodPlan), finish: 'stop', usage }),
  'chat',
);
const eventStream = { 'content-type': 'text/event-stream' };
const writing = (write: (outgoing: ServerResponse) => void): ScriptedAnswer => ({
  write: (outgoing) => write(outgoing.writeHead(200, eventStream)),
});
const delta = (content: string) => `data: ${JSON.stringify({ choices: [{ index: 0, delta: { content } }] })}\n\n`;
const atOnce = { 'retry-after-ms': '1' };

describe.each(providers)('%s', (provider) => {
  test('is asked to stream', async () => {
    const { planner, model } = await behindEgress([{ json: goodPlan }], { provider });
    expect((await planner.plan(aPlanRequest())).kind).toBe('plan');
    expect(model.requests.map(({ path, body }) => isStreamed(path, body))).toEqual([true]);
  });

  test('may answer in one piece, which costs no further request', async () => {
    const { planner, model } = await behindEgress([{ json: goodPlan, plain: true }], { provider });
    expect(await planner.plan(aPlanRequest())).toMatchObject({ kind: 'plan', usage: { outputTokens: 10 } });
    expect(model.requests).toHaveLength(1);
  });

  test('may refuse to stream, and is asked without it from then on', async () => {
    const { planner, model } = await behindEgress(
      ({ path, body }) =>
        isStreamed(path, body) ? { status: 400, message: 'Streaming is not supported.' } : { json: goodPlan },
      { provider },
    );
    for (let n = 0; n < 2; n++) expect((await planner.plan(aPlanRequest())).kind).toBe('plan');
    expect(model.requests.map(({ path, body }) => isStreamed(path, body))).toEqual([true, false, false]);
  });

  test('says that an answer was cut off, and at how many tokens', async () => {
    const { planner } = await behindEgress(() => ({ text: '{"goal":', finish: 'length' }), { provider });
    expect(await planner.plan(aPlanRequest())).toMatchObject({
      kind: 'none',
      reason: "The model's answer was cut off at 16,000 tokens (ERRAND_MODEL_OUTPUT_TOKENS).",
    });
  });
});

test.each([
  ['as plain text', 'text/plain'],
  ['as JSON', 'application/json'],
])('a stream that an endpoint declares %s is read', async (_, contentType) => {
  const { planner, model } = await behindEgress([{ raw: planStream, contentType }]);
  expect((await planner.plan(aPlanRequest())).kind).toBe('plan');
  expect(model.requests).toHaveLength(1);
});

test('a stream that comes although none was asked for is read', async () => {
  const { planner, model } = await behindEgress([
    { status: 400, message: 'stream: not allowed' },
    { raw: planStream, contentType: 'text/event-stream' },
  ]);
  expect((await planner.plan(aPlanRequest())).kind).toBe('plan');
  expect(model.requests).toHaveLength(2);
});

test.each([
  ['CR LF', '\r\n'],
  ['CR', '\r'],
])('a stream whose lines end in %s is read', async (_, end) => {
  const text = planStream.replaceAll('\n', end);
  const { planner } = await behindEgress([{ raw: text, contentType: 'text/event-stream' }]);
  expect((await planner.plan(aPlanRequest())).kind).toBe('plan');
});

test('a stream in pieces of a byte, amid comments, is read', async () => {
  const { planner } = await behindEgress([
    writing(async (outgoing) => {
      for (const byte of Buffer.from(`: keep-alive\n\n${planStream}`))
        if (!outgoing.write(Buffer.from([byte]))) await new Promise((done) => outgoing.once('drain', done));
      outgoing.end();
    }),
  ]);
  expect((await planner.plan(aPlanRequest())).kind).toBe('plan');
});

describe('a hostile stream is broken off when', () => {
  const endless = (piece: string) =>
    writing((outgoing) => {
      const more = () => {
        if (!outgoing.destroyed) outgoing.write(piece.repeat(100), () => setImmediate(more));
      };
      more();
    });
  test.each([
    ['its text never ends', delta('x'.repeat(1000))],
    ['its reasoning never ends', `data: {"choices":[{"delta":{"reasoning_content":"${'x'.repeat(1000)}"}}]}\n\n`],
    ['its comments never end', ': x\n\n'],
    ['its line ends never end', '\r'],
    ['one event never ends', `data: ${'x'.repeat(1000)}\n`],
    ['one line never ends', 'data: xxxxxxxxxxxx'],
  ])(
    '%s',
    async (_, piece) => {
      const { planner, model } = await behindEgress(() => endless(piece), { maxOutputTokens: 300, timeoutMs: 120_000 });
      const before = process.cpuUsage();
      expect(await planner.plan(aPlanRequest())).toMatchObject({
        code: 'model_failed',
        reason: 'The answer of the model endpoint is too large.',
      });
      expect(model.requests).toHaveLength(1);
      // The endpoint of this test runs in the same process.
      expect(process.cpuUsage(before).user).toBeLessThan(20_000_000);
    },
    120_000,
  );

  test('it is a gzip bomb, streamed or not', async () => {
    for (const text of [`data: ${' '.repeat(64 * 1024 * 1024)}`, `{"choices": [${' '.repeat(64 * 1024 * 1024)}]}`]) {
      const bomb = gzipSync(text);
      const { planner } = await behindEgress(() => ({
        write: (outgoing) => void outgoing.writeHead(200, { ...eventStream, 'content-encoding': 'gzip' }).end(bomb),
      }));
      expect(await planner.plan(aPlanRequest())).toMatchObject({
        reason: 'The answer of the model endpoint is too large.',
      });
    }
  });
});

test.each([
  ['an event without its blank line', planStream.replace(/\n\ndata: \[DONE\]\n\n$/, '')],
  ['half an event', planStream.replace(/\ndata: \[DONE\]\n\n$/, '\ndata: {"choices": [{"delta": {}}')],
  ['no reason for the end', planStream.replace('"finish_reason":"stop"', '"finish_reason":null')],
])('a whole answer whose stream ends with %s is read', async (_, raw) => {
  const { planner, model } = await behindEgress([{ raw, contentType: 'text/event-stream' }]);
  expect((await planner.plan(aPlanRequest())).kind).toBe('plan');
  expect(model.requests).toHaveLength(1);
});

describe('the connection is closed', () => {
  /** Writes a piece and leaves the connection open. @returns when the client has closed it */
  async function closing(piece: string, provider: ModelProvider, more: Partial<ModelOptions> = {}) {
    const closed: Promise<unknown>[] = [];
    const { planner, model } = await behindEgress(
      () =>
        writing((outgoing) => {
          closed.push(new Promise((done) => outgoing.once('close', () => done(undefined))));
          outgoing.write(piece);
        }),
      { provider, timeoutMs: 6000, ...more },
    );
    const draft = await planner.plan(aPlanRequest());
    await Promise.all(closed);
    return { draft, requests: model.requests.length };
  }

  test('after the mark that ends a stream, though the endpoint leaves it open', async () => {
    const { draft, requests } = await closing(planStream, 'openai-compatible');
    expect([draft.kind, requests]).toEqual(['plan', 1]);
  });

  test('after an error in a stream that goes on', async () => {
    const { draft, requests } = await closing('data: {"error": {"message": "Down"}}\n\n', 'openai-compatible');
    expect([draft.kind === 'none' && draft.reason, requests]).toEqual(['The model endpoint failed (200): Down', 3]);
  });

  test.each(providers)('%s: after a pause, and when there is no more time', async (provider) => {
    const begin = eventsOf(wireOf[provider], 'm', { text: 'x'.repeat(80), finish: 'stop', usage });
    const half = begin.slice(0, -2).map((event) => `data: ${JSON.stringify(event)}\n\n`);
    const paused = await closing(half.join(''), provider, { idleMs: 200 });
    expect(paused.draft).toMatchObject({ reason: 'The model endpoint stopped in the middle of its answer.' });
    expect(paused.requests).toBe(3);
    const late = await closing(half.join(''), provider, { timeoutMs: 2000 });
    expect(late.draft).toMatchObject({ reason: 'The model did not answer within 2000 ms.' });
    // The answer that was lost is counted.
    expect(late.draft.usage.outputTokens).toBeGreaterThan(0);
  });
});

describe('an answer that is nested too deep to be written again is told as an error', () => {
  const deep = (depth: number) => `${'['.repeat(depth)}${']'.repeat(depth)}`;
  test.each([
    ['with status 200', 200, `{"error": {"x": ${deep(30_000)}}}`],
    ['with status 500', 500, `{"error": {"x": ${deep(30_000)}}}`],
    ['in a list of details', 422, `{"detail": ${deep(30_000)}}`],
    ['in a stream', 200, `data: {"error": {"x": ${deep(500_000)}}}\n\n`],
    ['in place of choices', 200, `data: {"choices": ${deep(500_000)}}\n\n`],
    ['in place of choices, not streamed', 200, `{"choices": ${deep(500_000)}}`],
  ])('%s', async (_, status, body) => {
    const { planner } = await behindEgress(() => ({
      write: (outgoing) => void outgoing.writeHead(status, { ...atOnce, 'content-type': 'application/json' }).end(body),
    }));
    expect(await planner.plan(aPlanRequest())).toMatchObject({
      code: 'model_failed',
      reason: expect.stringMatching(/^The model endpoint (failed|refused the request|answered in another format)/),
    });
  });
});

test('a header of the endpoint puts no words into a reason', async () => {
  const headers = { 'errand-answered': 'see evil.example' };
  const { planner } = await behindEgress(() => ({ status: 400, message: 'No', headers }));
  expect(await planner.plan(aPlanRequest())).toMatchObject({
    reason: 'The model endpoint refused the request (400): No',
  });
});

test('of an endless JSON answer a few mebibytes are read, and nothing is parsed', async () => {
  let written = 0;
  const { planner } = await behindEgress(() => ({
    write: (outgoing) => {
      outgoing.writeHead(200, { 'content-type': 'application/json' }).write('{"choices": [');
      const piece = '[],'.repeat(20_000);
      const more = () => {
        if (outgoing.destroyed) return;
        written += piece.length;
        outgoing.write(piece, () => setImmediate(more));
      };
      more();
    },
  }));
  expect(await planner.plan(aPlanRequest())).toMatchObject({
    reason: 'The answer of the model endpoint is too large.',
  });
  // 4 MiB, and what lies in the buffers of the connection.
  expect(written).toBeLessThan(14 * 1024 * 1024);
});

test('an answer that pauses is asked for again, and what the lost one cost is counted', async () => {
  const half = JSON.stringify(goodPlan).slice(0, 40);
  const { planner, model } = await behindEgress(
    [writing((outgoing) => void outgoing.write(delta(half))), { json: goodPlan }],
    { idleMs: 300 },
  );
  const { kind, usage } = await planner.plan(aPlanRequest());
  expect(kind).toBe('plan');
  expect(model.requests).toHaveLength(2);
  // Ten tokens of the whole answer, and a quarter of the characters that had come.
  expect(usage.outputTokens).toBe(20);
  expect(usage.inputTokens).toBeGreaterThan(200);
});

test('an answer that is cut by the end of the connection is asked for again, and counted', async () => {
  const { planner } = await behindEgress([
    writing((outgoing) => void outgoing.write(delta('1234'), () => outgoing.destroy())),
    { json: goodPlan },
  ]);
  expect(await planner.plan(aPlanRequest())).toMatchObject({ kind: 'plan', usage: { outputTokens: 11 } });
});

test.each([
  ['in a stream', `data: {"error": {"message": "Upstream is down", "code": 502}}\n\n`],
  ['as a text in a stream', 'data: {"error": "Upstream is down"}\n\n'],
  ['with status 200', '{"error": {"message": "Upstream is down"}}'],
  ['as a text with status 200', '{"error": "Upstream is down"}'],
])('an error %s is tried again, and told in its words', async (_, raw) => {
  const { planner, model } = await behindEgress(() => ({ raw, contentType: 'text/event-stream', headers: atOnce }));
  expect(await planner.plan(aPlanRequest())).toMatchObject({
    code: 'model_failed',
    retryable: true,
    reason: 'The model endpoint failed (200): Upstream is down',
  });
  expect(model.requests).toHaveLength(3);
});

test('an error with status 200 that names a status is one with that status', async () => {
  const { planner, model } = await behindEgress(() => ({ raw: '{"error": {"message": "No credits", "code": 402}}' }));
  expect(await planner.plan(aPlanRequest())).toMatchObject({
    retryable: false,
    reason: 'The model endpoint refused the request (200): No credits',
  });
  expect(model.requests).toHaveLength(1);
});

test('an error of Anthropic in a stream is told in its words', async () => {
  const event = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
  const { planner } = await behindEgress(
    [{ raw: `event: error\ndata: ${JSON.stringify(event)}\n\n`, contentType: 'text/event-stream' }, { json: goodPlan }],
    { provider: 'anthropic' },
  );
  expect((await planner.plan(aPlanRequest())).kind).toBe('plan');
});
