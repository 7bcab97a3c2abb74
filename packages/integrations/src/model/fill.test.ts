import type { FillRequest } from '@errand/contracts';
import { expect, test } from 'vitest';
import { aModelPlanner } from '../testing/fixtures/model-planner.ts';
import type { Conversation } from '../testing/scripted-model.ts';

async function fill(conversation: Conversation, more: Partial<FillRequest> = {}) {
  const { model, planner } = await aModelPlanner(conversation);
  const answer = planner.fill({
    intent: 'Book the nearest garage',
    context: '',
    now: '2031-05-01T08:00:00.000Z',
    prompt: 'The id of the garage that is nearest',
    outputs: { garages: '[{"id":"g-1","km":4}]' },
    signal: new AbortController().signal,
    ...more,
  });
  return { model, answer };
}

test('answers the value that the model gives, of any type', async () => {
  for (const value of ['g-1', 0, false, null, ['a'], { id: 'g-1' }]) {
    const { answer, model } = await fill([{ json: { value } }]);
    expect(await answer).toEqual({ value, usage: { inputTokens: 100, outputTokens: 10 } });
    expect(model.requests[0]?.user).toContain('[{"id":"g-1","km":4}]');
    expect(model.requests[0]?.user).toContain('The id of the garage that is nearest');
  }
});

test('a value that does not fit the schema is asked for once more, with the complaint', async () => {
  const schema = { $ref: '#/$defs/id', $defs: { id: { type: 'string', enum: ['g-1', 'g-2'] } } };
  const { answer, model } = await fill([{ json: { value: 'g-3' } }, { json: { value: 'g-2' } }], { schema });
  expect(await answer).toEqual({ value: 'g-2', usage: { inputTokens: 200, outputTokens: 20 } });
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

test('a value that the data does not tell throws the reason', async () => {
  const { answer } = await fill([{ json: { none: 'No garage is near.' } }]);
  await expect(answer).rejects.toThrow('The model cannot tell the value: No garage is near.');
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
