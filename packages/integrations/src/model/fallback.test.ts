import { Secret } from '@errand/contracts';
import { createModelPlanner } from '@errand/planner';
import { aPlanRequest, goodPlan } from '@errand/planner/testing';
import { afterEach, expect, test } from 'vitest';
import { type Conversation, type ScriptedModel, startScriptedModel } from '../testing/scripted-model.ts';
import { createModel, withFallback } from './model.ts';

const open: ScriptedModel[] = [];
afterEach(() => Promise.all(open.splice(0).map((model) => model.close())));

async function aPair(conversations: [Conversation, Conversation], timeoutMs = 20_000) {
  const endpoints = await Promise.all(conversations.map(startScriptedModel));
  open.push(...endpoints);
  const [first, second] = endpoints.map(({ url }, n) =>
    createModel({
      provider: 'openai-compatible',
      model: `m${n}`,
      baseUrl: url,
      apiKey: new Secret('k'),
      timeoutMs,
      fetchFor: () => globalThis.fetch,
    }),
  );
  const planner = createModelPlanner(withFallback(first!, second!));
  return { planner, asked: () => endpoints.map(({ requests }) => requests.length) };
}
const good = () => ({ json: goodPlan });

test.each([
  ['refuses', { status: 401 }, undefined],
  ['is overloaded', { status: 529, headers: { 'retry-after': '30' } }, undefined],
  ['is too slow', { broken: 'hang' as const }, 2000],
  ['breaks', { status: 500, headers: { 'retry-after-ms': '1' } }, undefined],
])(
  'another model is asked while the endpoint of the first %s, and the plan tells which one made it',
  async (_, answer, timeoutMs) => {
    const { planner, asked: requests } = await aPair([() => answer, good], timeoutMs);
    expect(await planner.plan(aPlanRequest())).toMatchObject({ kind: 'plan', madeBy: 'model:openai-compatible/m1' });
    const [before] = requests();
    expect((await planner.plan(aPlanRequest())).kind).toBe('plan');
    // The first endpoint is paused.
    expect(requests()).toEqual([before, 2]);
  },
);

test('the first is asked as long as it answers, whatever it says', async () => {
  const { planner, asked: requests } = await aPair([['no json', { json: goodPlan }], good]);
  expect(await planner.plan(aPlanRequest())).toMatchObject({ kind: 'plan', madeBy: 'model:openai-compatible/m0' });
  expect(requests()).toEqual([2, 0]);
});

test('when both fail the reason is that of the second, and nobody else is asked once the caller has stopped waiting', async () => {
  const caller = new AbortController();
  const hang = () => {
    caller.abort();
    return { broken: 'hang' as const };
  };
  const { planner, asked: requests } = await aPair(
    [hang, () => ({ status: 404, message: 'The model m1 does not exist.' })],
    2000,
  );
  const stopped = await planner.plan(aPlanRequest({ signal: caller.signal }));
  expect(stopped).toMatchObject({ kind: 'none', reason: 'Asking the model was aborted.' });
  expect(requests()).toEqual([1, 0]);
  expect(await planner.plan(aPlanRequest())).toMatchObject({
    kind: 'none',
    code: 'model_failed',
    reason: expect.stringContaining('knows no model "m1"'),
  });
});
