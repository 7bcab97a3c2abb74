import { Secret } from '@errand/contracts';
import { createModelPlanner } from '@errand/planner';
import { aPlanRequest, goodPlan } from '@errand/planner/testing';
import { afterEach, expect, test } from 'vitest';
import { createEgress, type Egress, type EgressOptions } from '../egress/egress.ts';
import { type Conversation, type ScriptedModel, startScriptedModel } from '../testing/scripted-model.ts';
import { createModel } from './model.ts';

let model: ScriptedModel;
let egress: Egress;
afterEach(() => Promise.all([model.close(), egress.close()]));

async function plan(conversation: Conversation, options: (origin: string) => EgressOptions, signal?: AbortSignal) {
  model = await startScriptedModel(conversation);
  egress = createEgress(options(new URL(model.url).origin));
  const planner = createModelPlanner(
    createModel({
      provider: 'openai-compatible',
      model: 'm',
      apiKey: new Secret('sk-canary-123456'),
      baseUrl: model.url,
      fetchFor: egress.fetchFor,
    }),
  );
  return planner.plan(aPlanRequest(signal && { signal }));
}

const trusting = (origin: string): EgressOptions => ({ allowOrigins: [origin] });

test('a model at an origin that the operator allows is asked through the guard', async () => {
  expect((await plan([{ json: goodPlan }], trusting)).kind).toBe('plan');
});

test('a model at any other private address is not, and the reason says who can change that', async () => {
  expect(await plan([{ json: goodPlan }], () => ({}))).toMatchObject({
    kind: 'none',
    code: 'model_failed',
    retryable: false,
    reason: expect.stringContaining('an operator must allow its origin'),
  });
  expect(model.requests).toHaveLength(0);
});

test('a redirect is not followed, so the key goes nowhere else', async () => {
  const away = { status: 307, headers: { location: 'http://127.0.0.1:9/v1/chat/completions' } };
  expect(await plan([away], trusting)).toMatchObject({
    retryable: false,
    reason: expect.stringContaining('redirects'),
  });
  expect(model.requests).toHaveLength(1);
});

test('an answer beyond the limit is broken off', async () => {
  expect(await plan(['x'.repeat(1_000_001)], trusting)).toMatchObject({
    kind: 'none',
    code: 'model_failed',
    reason: 'The answer of the model endpoint is too large.',
  });
});

test('a connection that breaks is tried again', async () => {
  expect((await plan([{ broken: 'drop' }, { json: goodPlan }], trusting)).kind).toBe('plan');
  expect(model.requests).toHaveLength(2);
});

test('the signal ends the wait', async () => {
  const draft = await plan(() => ({ broken: 'hang' }), trusting, AbortSignal.timeout(50));
  expect(draft).toMatchObject({ kind: 'none', reason: 'Asking the model was aborted.' });
});
