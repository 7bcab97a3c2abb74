import { aPlanRequest, goodPlan } from '@errand/planner/testing';
import { describe, expect, test } from 'vitest';
import { aModelPlanner } from '../testing/fixtures/model-planner.ts';
import type { ScriptedRequest } from '../testing/scripted-model.ts';
import type { ModelProvider } from './options.ts';

const refusing = (message: string, status = 400) => ({ status, message });
type Refuses = (request: ScriptedRequest) => { status: number; message: string } | undefined;

/** Plans twice at an endpoint that refuses something. @returns `partOf` each request */
async function planTwice(provider: ModelProvider, refuses: Refuses, partOf: (request: ScriptedRequest) => unknown) {
  const { planner, model } = await aModelPlanner((request) => refuses(request) ?? { json: goodPlan }, { provider });
  for (let n = 0; n < 2; n++) expect(await planner.plan(aPlanRequest())).toMatchObject({ kind: 'plan' });
  return model.requests.map(partOf);
}

describe('a part that an endpoint refuses costs one request, once:', () => {
  test('max_tokens where it is called max_completion_tokens', async () => {
    const message =
      "Unsupported parameter: 'max_tokens' is not supported with this model. Use 'max_completion_tokens' instead.";
    const sent = await planTwice(
      'openai-compatible',
      ({ body }) => ('max_tokens' in body ? refusing(message) : undefined),
      ({ body }) => [body.max_tokens, body.max_completion_tokens],
    );
    expect(sent).toEqual([
      [16_000, undefined],
      [undefined, 16_000],
      [undefined, 16_000],
    ]);
  });

  test.each<[ModelProvider, string]>([
    ['openai-compatible', 'max_tokens'],
    ['openai', 'max_output_tokens'],
  ])('%s: a ceiling of the answer at all', async (provider, field) => {
    const sent = await planTwice(
      provider,
      ({ body }) => (field in body ? refusing(`Extra inputs are not permitted: ${field}`, 422) : undefined),
      ({ body }) => body[field],
    );
    expect(sent).toEqual([16_000, undefined, undefined]);
  });

  test.each<[ModelProvider, string]>([
    ['openai-compatible', 'max_tokens is too large: 16000. This model supports at most 4096 completion tokens.'],
    ['anthropic', 'max_tokens: 16000 > 4096, which is the maximum allowed number of output tokens'],
    ['google', 'maxOutputTokens value of 16000 but the supported range is from 1 to 4097 (exclusive)'],
    ['openai', "Invalid 'max_output_tokens': integer above maximum value."],
  ])('%s: too high a ceiling', async (provider, message) => {
    const ceilingOf = ({ body }: ScriptedRequest) => {
      const { maxOutputTokens } = (body.generationConfig ?? {}) as { maxOutputTokens?: number };
      return Number(body.max_tokens ?? body.max_output_tokens ?? maxOutputTokens);
    };
    const sent = await planTwice(
      provider,
      (request) => (ceilingOf(request) > 4096 ? refusing(message) : undefined),
      ceilingOf,
    );
    expect(sent).toEqual([16_000, 8000, 4000, 4000]);
  });

  test.each<[ModelProvider, string]>([
    ['openai-compatible', 'System role not supported'],
    ['google', 'Developer instruction is not enabled for models/gemma-3'],
    ['anthropic', 'system: messages with the role system are not supported'],
  ])('%s: a system role', async (provider, message) => {
    const sent = await planTwice(
      provider,
      ({ system }) => (system ? refusing(message) : undefined),
      ({ messages }) => messages.map(({ role, text }) => [role, text.includes('You are the planner')]),
    );
    expect(sent).toEqual([
      [
        ['system', true],
        ['user', false],
      ],
      [['user', true]],
      [['user', true]],
    ]);
  });

  test('the usage of a stream', async () => {
    const sent = await planTwice(
      'openai-compatible',
      ({ body }) => ('stream_options' in body ? refusing('Unrecognized request argument: stream_options') : undefined),
      ({ body }) => [body.stream, body.stream_options],
    );
    expect(sent).toEqual([
      [true, { include_usage: true }],
      [true, undefined],
      [true, undefined],
    ]);
  });

  test('responses, at an OpenAI base URL that has only chat completions', async () => {
    const sent = await planTwice(
      'openai',
      ({ path }) => (path.endsWith('/responses') ? refusing('Not Found', 404) : undefined),
      ({ path }) => path,
    );
    expect(sent).toEqual(['/v1/responses', '/v1/chat/completions', '/v1/chat/completions']);
  });
});

test('a ceiling that is too high for one long prompt is not kept', async () => {
  let isLong = true;
  const message = "max_tokens is too large. This model's maximum context length is 20000 tokens.";
  const { planner, model } = await aModelPlanner(({ body }) => {
    if (isLong && Number(body.max_tokens) > 8000) return refusing(message);
    isLong = false;
    return { json: goodPlan };
  });
  for (let n = 0; n < 2; n++) expect((await planner.plan(aPlanRequest())).kind).toBe('plan');
  expect(model.requests.map(({ body }) => body.max_tokens)).toEqual([16_000, 8000, 16_000]);
});

test('a request that is refused whatever is left out ends after a few tries, and leaves nothing out later', async () => {
  const everything = 'temperature, max_tokens too large, response_format, system role, stream_options, stream';
  let refuses = true;
  const { planner, model } = await aModelPlanner(() => (refuses ? refusing(everything) : { json: goodPlan }));
  expect(await planner.plan(aPlanRequest())).toMatchObject({
    code: 'model_failed',
    reason: expect.stringMatching(/refused the request \(400\): temperature, .* ERRAND_MODEL_OUTPUT_TOKENS sets/),
  });
  expect(model.requests).toHaveLength(9);
  refuses = false;
  await planner.plan(aPlanRequest());
  expect(model.requests[9]?.body).toMatchObject({ temperature: 0, max_tokens: 16_000, stream: true });
});

test.each([
  ['The model `m` does not exist', 'knows no model "some-model"'],
  ['Not Found', 'has no API for its provider setting at the base URL (404)'],
  ['Cannot POST /v1/models/x:generate', 'has no API for its provider setting at the base URL (404)'],
])('404 with "%s" %s', async (message, reason) => {
  const { planner } = await aModelPlanner(() => ({ status: 404, message }));
  expect(await planner.plan(aPlanRequest())).toMatchObject({ reason: expect.stringContaining(reason) });
});

test('the words of an error are quoted without markup, links and keys', async () => {
  const message = '<b>Bad</b> key sk-canary-123456, see [here](http://evil.example/?k=1) `now`\u202e';
  const { planner } = await aModelPlanner(() => ({ status: 400, message }));
  expect(await planner.plan(aPlanRequest())).toMatchObject({
    reason: 'The model endpoint refused the request (400): Bad key [secret], see here now',
  });
});

describe('an answer in an odd place:', () => {
  const reply = (message: object, finish_reason = 'stop') => ({
    raw: JSON.stringify({ choices: [{ index: 0, message, finish_reason }] }),
  });
  const call = (name: string, args: unknown) => ({
    content: null,
    tool_calls: [{ id: 'c', type: 'function', function: { name, arguments: JSON.stringify(args) } }],
  });

  test.each([
    ['the reasoning', reply({ content: null, reasoning_content: JSON.stringify(goodPlan) })],
    ['the arguments of a tool call', reply(call('plan', goodPlan), 'tool_calls')],
    ['JSON with comments', { text: JSON.stringify(goodPlan, null, 1).replace('{', '{ // "the plan" {\n /* [ */') }],
    ['JSON within JSON', { json: { answer: JSON.stringify(goodPlan) } }],
    ['a member', { json: { response: goodPlan } }],
  ])('%s', async (_, answer) => {
    const { planner, model } = await aModelPlanner(() => answer);
    expect(await planner.plan(aPlanRequest())).toMatchObject({ kind: 'plan' });
    expect(model.requests).toHaveLength(1);
  });

  test('a call of a tool, which is no plan, is asked for in text', async () => {
    const odd = reply(call('garage_11112222.findCar', { query: { steps: 1 } }), 'tool_calls');
    const { planner, model } = await aModelPlanner([reply(call('findCar', {}), 'tool_calls'), { json: goodPlan }]);
    expect((await planner.plan(aPlanRequest())).kind).toBe('plan');
    expect(model.requests[1]?.user).toContain('Answer in text');
    const { planner: stubborn } = await aModelPlanner(() => odd);
    expect((await stubborn.plan(aPlanRequest())).kind).toBe('none');
    const { planner: silent } = await aModelPlanner(() => reply(call('findCar', {}), 'tool_calls'));
    expect(await silent.plan(aPlanRequest())).toMatchObject({
      reason: 'The model called a function instead of answering in text.',
    });
  });
});
