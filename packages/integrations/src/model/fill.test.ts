import type { FillRequest, JsonSchema } from '@errand/contracts';
import { expect, test } from 'vitest';
import { aModelPlanner } from '../testing/fixtures/model-planner.ts';
import type { Conversation } from '../testing/scripted-model.ts';

const WANTED = 'The id of the garage that is nearest';

async function fill(
  conversation: Conversation,
  { schema, ...more }: Partial<FillRequest> & { schema?: JsonSchema } = {},
) {
  const { model, planner } = await aModelPlanner(conversation);
  const answer = planner.fill({
    intent: 'Book the nearest garage',
    context: '',
    now: '2031-05-01T08:00:00.000Z',
    values: [{ prompt: WANTED, ...(schema && { schema }) }],
    outputs: { garages: '[{"id":"g-1","km":4}]' },
    signal: new AbortController().signal,
    ...more,
  });
  return { model, answer };
}

test('answers the value that the model gives, of any type', async () => {
  for (const value of ['g-1', 0, false, null, ['a'], { id: 'g-1' }]) {
    const { answer, model } = await fill([{ json: { value } }]);
    expect(await answer).toMatchObject({ values: [{ value }], usage: { inputTokens: 100, outputTokens: 10 } });
    expect(model.requests[0]?.user).toContain('[{"id":"g-1","km":4}]');
    expect(model.requests[0]?.user).toContain('The id of the garage that is nearest');
  }
});

test('a value that does not fit the schema is asked for once more, with the complaint', async () => {
  const schema = { $ref: '#/$defs/id', $defs: { id: { type: 'string', enum: ['g-1', 'g-2'] } } };
  const { answer, model } = await fill([{ json: { value: 'g-3' } }, { json: { value: 'g-2' } }], { schema });
  expect(await answer).toMatchObject({ values: [{ value: 'g-2' }], usage: { inputTokens: 200, outputTokens: 20 } });
  expect(model.requests[1]?.user).toContain('must be one of ["g-1","g-2"]');
});

test('two unusable answers throw, with what they cost', async () => {
  const { answer } = await fill([{ json: { value: 1 } }, 'garage 1'], { schema: { type: 'string' } });
  await expect(answer).rejects.toMatchObject({
    name: 'ModelFailure',
    code: 'model_failed',
    retryable: false,
    usage: { inputTokens: 200, outputTokens: 20 },
    message: expect.stringContaining('no usable value in 2 tries'),
  });
});

test('for a value that the data does not tell it gives the reason', async () => {
  const { answer } = await fill([{ json: { none: 'No garage is near.' } }]);
  expect(await answer).toMatchObject({ values: [{ none: 'No garage is near.' }] });
});

const several = ['g-1', 'g-2', 'g-3'].map((text, index) => ({
  prompt: 'A greeting',
  schema: { type: 'string' },
  item: { index, text: `{"id":"${text}"}` },
}));

test('several values are asked for in one request, and what they have in common is written once', async () => {
  const values = { 1: 'Hello one', 2: 'Hello two' };
  const { answer, model } = await fill([{ json: { values, none: { 3: 'It is closed.' } } }], { values: several });
  expect(await answer).toMatchObject({
    values: [{ value: 'Hello one' }, { value: 'Hello two' }, { none: 'It is closed.' }],
    usage: { inputTokens: 100, outputTokens: 10 },
  });
  const { user } = model.requests[0]!;
  expect(user.match(/A greeting/g)).toHaveLength(1);
  for (const { item } of several) expect(user).toContain(item.text);
  expect(user).toContain('Number 3: what the block "wanted 1" says for the item in the block "item 3" (index 2)');
});

test('of several values those that fit are kept when one does not fit twice', async () => {
  const values = { 1: 'Hello', 2: 2, 3: 'Bye' };
  const { answer, model } = await fill([{ json: { values } }, { json: { values } }], { values: several });
  expect(await answer).toMatchObject({ values: [{ value: 'Hello' }, { none: expect.any(String) }, { value: 'Bye' }] });
  expect(model.requests[1]?.user).toContain('Number 2: The value must be of type string');
});

test('a failing endpoint and an abort throw, without the key', async () => {
  const failing = await fill([{ status: 400, message: 'bad key sk-canary-123456' }]);
  const error: Error = await failing.answer.then(
    () => new Error('none'),
    (thrown: Error) => thrown,
  );
  expect(error).toMatchObject({ name: 'ModelFailure', retryable: false });
  expect(`${error.message} ${error.stack} ${JSON.stringify(error)} ${String(error.cause)}`).not.toContain('sk-canary');

  const aborted = await fill(() => ({ broken: 'hang' }), { signal: AbortSignal.timeout(50) });
  await expect(aborted.answer).rejects.toThrow('aborted');
});
