import { Secret } from '@errand/contracts';
import { createModelPlanner } from '@errand/planner';
import { aPlanRequest, goodPlan } from '@errand/planner/testing';
import { describe, expect, test } from 'vitest';
import { aModelPlanner } from '../testing/fixtures/model-planner.ts';
import type { Conversation } from '../testing/scripted-model.ts';
import { createModel } from './model.ts';
import type { ModelProvider } from './options.ts';

const start = (provider: ModelProvider, conversation: Conversation) =>
  aModelPlanner(conversation, { provider, maxRepairs: 1 });

const wires: [ModelProvider, string, string][] = [
  ['openai', 'responses', 'authorization'],
  ['openai-compatible', 'chat', 'authorization'],
  ['anthropic', 'anthropic', 'x-api-key'],
  ['google', 'google', 'x-goog-api-key'],
];

describe.each(wires)('%s', (provider, wire, header) => {
  test('plans, mends and counts', async () => {
    const { planner, model } = await start(provider, [
      { text: 'no json', usage: { inputTokens: 11, outputTokens: 2 } },
      { json: goodPlan, usage: { inputTokens: 30, outputTokens: 5 } },
    ]);
    const draft = await planner.plan(aPlanRequest());
    expect(draft).toMatchObject({ kind: 'plan', usage: { inputTokens: 41, outputTokens: 7 } });
    expect(model.requests.map((request) => request.wire)).toEqual([wire, wire]);
    expect(model.requests[0]?.model).toBe('some-model');
    expect(model.requests[0]?.system).toContain('You are the planner');
    expect(model.requests[0]?.headers[header]).toContain('sk-canary-123456');
    expect(model.requests[1]?.messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user']);
  });

  test('counts what the endpoint had in its cache, and what that costs', async () => {
    const answer = { json: goodPlan, usage: { inputTokens: 10_000, outputTokens: 200, cachedTokens: 8000 } };
    const price = { input: 3, cachedInput: 0.3, output: 15, currency: 'EUR' };
    const { planner } = await aModelPlanner([answer], { provider, price });
    const { usage } = await planner.plan(aPlanRequest());
    expect(usage).toMatchObject({ inputTokens: 10_000, cachedInputTokens: 8000, outputTokens: 200 });
    expect(usage.cost?.amount).toBeCloseTo((2000 * 3 + 8000 * 0.3 + 200 * 15) / 1e6, 9);
    expect(usage.cost?.currency).toBe('EUR');
    const { planner: unpriced } = await aModelPlanner([answer], { provider });
    expect((await unpriced.plan(aPlanRequest())).usage.cost).toBeNull();
  });

  test.each([
    { inputTokens: 1e300, outputTokens: 1e300, cachedTokens: 1e300 },
    { inputTokens: 2 ** 40, outputTokens: 5, cachedTokens: -(2 ** 40) },
    { inputTokens: -700, outputTokens: -5, cachedTokens: -700 },
    { inputTokens: 0.5, outputTokens: 0.5, cachedTokens: 0.25 },
  ])('counts %j as tokens that can be stored and paid', async (hostile) => {
    const price = { input: 3, cachedInput: 0.3, output: 15, currency: 'EUR' };
    const { planner } = await aModelPlanner([{ json: goodPlan, usage: hostile }], { provider, price });
    const { usage } = await planner.plan(aPlanRequest());
    const { inputTokens, outputTokens, cachedInputTokens = 0, cost } = usage;
    for (const count of [inputTokens, outputTokens, cachedInputTokens]) {
      expect(Number.isInteger(count)).toBe(true);
      expect(count).toBeGreaterThanOrEqual(0);
      expect(count).toBeLessThanOrEqual(20_000_000);
    }
    expect(cachedInputTokens).toBeLessThanOrEqual(inputTokens);
    expect(cost?.amount).toBeGreaterThan(0);
    expect(cost?.amount).toBeLessThan(1000);
  });

  test('is asked for what is most likely', async () => {
    const { planner, model } = await start(provider, [{ json: goodPlan }]);
    await planner.plan(aPlanRequest());
    const { body } = model.requests[0]!;
    expect((body.generationConfig as object | undefined) ?? body).toMatchObject({ temperature: 0 });
  });

  test('fills a value', async () => {
    const { planner } = await start(provider, [{ json: { value: 5 } }]);
    const values = [{ prompt: 'five' }];
    const request = { intent: 'i', context: '', now: '2031-05-01T08:00:00.000Z', values, outputs: {} };
    const answer = await planner.fill({ ...request, signal: new AbortController().signal });
    expect(answer.values).toEqual([{ value: 5 }]);
  });

  test('tells a refusal, a cut answer and errors apart', async () => {
    const { planner } = await start(provider, [
      { text: 'I will not.', finish: 'refusal' },
      { text: '{"goal":', finish: 'length' },
      { json: goodPlan },
      { status: 500, message: 'sk-canary-123456 broke', headers: { 'retry-after-ms': '1' } },
      { status: 500, headers: { 'retry-after-ms': '1' } },
      { status: 401, message: 'sk-canary-123456 is wrong' },
      { broken: 'drop' },
      { json: goodPlan },
    ]);
    expect(await planner.plan(aPlanRequest())).toMatchObject({ kind: 'none', code: 'no_plan' });
    expect(await planner.plan(aPlanRequest())).toMatchObject({ kind: 'plan', usage: { outputTokens: 20 } });
    const refused = await planner.plan(aPlanRequest());
    expect(refused).toMatchObject({ kind: 'none', code: 'model_failed', retryable: false });
    expect(JSON.stringify(refused)).not.toContain('sk-canary');
    expect((await planner.plan(aPlanRequest())).kind).toBe('plan');
  });
});

const DATA_KEY = 'f00dfacef00dfacef00dface';

test('Anthropic is told up to where other runs begin alike, and where this one goes on', async () => {
  const { planner, model } = await start('anthropic', ['no json', { json: goodPlan }]);
  await planner.plan(aPlanRequest({ dataKey: DATA_KEY }));
  type Part = { text: string; cache_control?: object };
  const parts = model.requests.map(({ body }) =>
    (body.messages as { content: Part[] }[]).map(({ content }) => content),
  );
  const marked = parts.map((messages) =>
    messages.map((content) => content.map((part) => (part.cache_control as { type?: string } | undefined)?.type)),
  );
  expect(marked).toEqual([[['ephemeral', 'ephemeral']], [['ephemeral', undefined], [undefined], ['ephemeral']]]);
  const [[[stable, rest]]] = parts as [[[Part, Part]]];
  expect(stable.text).toContain('bookService');
  expect(stable.text).not.toContain('B-XY 12');
  expect(rest.text).toContain('B-XY 12');
});

test('OpenAI is told which runs begin alike, and nothing that tells the key of their data', async () => {
  const { planner, model } = await start('openai', () => ({ json: goodPlan }));
  await planner.plan(aPlanRequest({ dataKey: DATA_KEY }));
  await planner.plan(aPlanRequest({ dataKey: DATA_KEY, intent: 'Book another one' }));
  await planner.plan(aPlanRequest({ dataKey: 'another0another0another0' }));
  await planner.plan(aPlanRequest());
  const keys = model.requests.map(({ body }) => body.prompt_cache_key as string | undefined);
  expect(keys[0]).toMatch(/^[0-9a-f]{32}$/);
  expect(keys[0]).not.toContain(DATA_KEY);
  expect([keys[1] === keys[0], keys[2] === keys[0], keys[3]]).toEqual([true, false, undefined]);
});

test('a compatible endpoint is given the shape of the answer, which forbids nothing that a plan may say', async () => {
  const { planner, model } = await start('openai-compatible', [{ json: goodPlan }]);
  await planner.plan(aPlanRequest());
  expect(model.requests[0]?.body.response_format).toMatchObject({
    type: 'json_schema',
    json_schema: {
      strict: false,
      schema: { type: 'object', additionalProperties: true, properties: { steps: { type: 'array' } } },
    },
  });
});

test('OpenAI is asked to store nothing, and JSON mode is used where there is one', async () => {
  const { planner: openai, model } = await start('openai', [{ json: goodPlan }]);
  await openai.plan(aPlanRequest());
  expect(model.requests[0]?.body).toMatchObject({ store: false, text: { format: { type: 'json_object' } } });
  const { planner: google, model: googleModel } = await start('google', [{ json: goodPlan }]);
  await google.plan(aPlanRequest());
  expect(googleModel.requests[0]?.body).toMatchObject({ generationConfig: { responseMimeType: 'application/json' } });
});

test.each([
  [{ provider: 'openai-compatible' }, 'base URL'],
  [{ provider: 'openai' }, 'needs an API key'],
  [{ provider: 'google', apiKey: new Secret('') }, 'needs an API key'],
  [{ provider: 'openai', apiKey: new Secret('k'), baseUrl: 'file:///etc' }, 'http or https'],
  [{ provider: 'openai', apiKey: new Secret('k'), model: ' ' }, 'name of a model'],
  [{ provider: 'openai', apiKey: new Secret('k'), maxRepairs: -1 }, 'maxRepairs'],
  [{ provider: 'mystery' as 'openai' }, 'must be openai, anthropic'],
] as const)('options %j are refused with what to do', (options, message) => {
  expect(() => createModel({ model: 'm', fetchFor: () => globalThis.fetch, ...options })).toThrow(message);
});

test('nothing is taken from the environment', async () => {
  process.env.OPENAI_BASE_URL = 'http://127.0.0.1:9/v1';
  try {
    let path = '';
    const planner = createModelPlanner(
      createModel({
        provider: 'openai',
        model: 'm',
        apiKey: new Secret('k'),
        fetchFor: () => async (url) => {
          path = String(url);
          return new Response('{}', { status: 401 });
        },
      }),
    );
    await planner.plan(aPlanRequest());
    expect(path).toBe('https://api.openai.com/v1/responses');
  } finally {
    delete process.env.OPENAI_BASE_URL;
  }
});
