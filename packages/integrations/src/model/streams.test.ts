import { aPlanRequest, goodPlan } from '@errand/planner/testing';
import { describe, expect, test } from 'vitest';
import {
  atOnce,
  behindEgress,
  delta,
  planStream,
  providers,
  usage,
  wireOf,
  writing,
} from '../testing/fixtures/streams.ts';
import { eventsOf } from '../testing/model-streams.ts';
import { isStreamed } from '../testing/model-wires.ts';
import type { ModelOptions, ModelProvider } from './options.ts';

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
  /** Writes a piece and leaves the connection open. Resolves when the client has closed it. */
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
    // The lost answer counts.
    expect(late.draft.usage.outputTokens).toBeGreaterThan(0);
  });
});

test('an answer that pauses is asked for again, and the lost tokens are counted', async () => {
  const half = JSON.stringify(goodPlan).slice(0, 40);
  const { planner, model } = await behindEgress(
    [writing((outgoing) => void outgoing.write(delta(half))), { json: goodPlan }],
    { idleMs: 2000 },
  );
  const { kind, usage } = await planner.plan(aPlanRequest());
  expect(kind).toBe('plan');
  expect(model.requests).toHaveLength(2);
  // Ten tokens of the complete answer, and a quarter of the received characters.
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
])('an error %s is tried again, and quoted', async (_, raw) => {
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

test('an error of Anthropic in a stream is tried again', async () => {
  const event = { type: 'error', error: { type: 'overloaded_error', message: 'Overloaded' } };
  const { planner } = await behindEgress(
    [{ raw: `event: error\ndata: ${JSON.stringify(event)}\n\n`, contentType: 'text/event-stream' }, { json: goodPlan }],
    { provider: 'anthropic' },
  );
  expect((await planner.plan(aPlanRequest())).kind).toBe('plan');
});
