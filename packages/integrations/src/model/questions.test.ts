// A model that asks people instead of planning, and plans with their answers.
import { aPlanRequest, goodPlan } from '@errand/planner/testing';
import { expect, test } from 'vitest';
import { aModelPlanner } from '../testing/fixtures/model-planner.ts';

const ask = { question: 'Which car do you mean?', choices: ['B-XY 12', { value: 'car_7', label: 'The red one' }] };

test('a question is handed on, with its cost; its text hides nothing', async () => {
  const { planner } = await aModelPlanner([{ json: { ask: { ...ask, question: 'Which\u200b car\u202e?' } } }]);
  expect(await planner.plan(aPlanRequest({ mayAsk: true }))).toEqual({
    kind: 'question',
    question: { ...ask, question: 'Which car?' },
    usage: expect.objectContaining({ inputTokens: 100, outputTokens: 10 }),
  });
});

test('a question may be a text alone, and one amid thoughts is found', async () => {
  const { planner } = await aModelPlanner([`I cannot tell which one. ${JSON.stringify({ ask: 'Which car?' })}`]);
  expect(await planner.plan(aPlanRequest({ mayAsk: true }))).toMatchObject({ question: { question: 'Which car?' } });
});

test('a question that nobody can choose from is mended', async () => {
  const many = Array.from({ length: 21 }, (_, n) => `car ${n}`);
  const { planner, model } = await aModelPlanner([{ json: { ask: { ...ask, choices: many } } }, { json: { ask } }]);
  expect(await planner.plan(aPlanRequest({ mayAsk: true }))).toMatchObject({ kind: 'question', question: ask });
  expect(model.requests[1]?.user).toContain('/ask/choices: ');
});

test('who may not ask any more is told so, and plans with the answers', async () => {
  const { planner, model } = await aModelPlanner([{ json: { ask } }, { json: goodPlan }]);
  const answers = [{ question: ask.question, answer: 'car_7', label: 'The red one' }];
  expect(await planner.plan(aPlanRequest({ mayAsk: false, answers }))).toMatchObject({ kind: 'plan' });
  expect(model.requests[0]?.user).toMatch(
    /\n<data answers \w+>\n\[{"question":"Which car do you mean\?","answer":"car_7"/,
  );
  expect(model.requests[1]?.user).toContain('/ask: No more questions may be asked.');
});

test('a plan that asks in a step keeps its tool, whatever integrations are called', async () => {
  const steps = [{ id: 'which', tool: 'errand.ask', args: { question: 'Which car?' } }, ...goodPlan.steps];
  const { planner } = await aModelPlanner([{ json: { ...goodPlan, steps } }]);
  const request = aPlanRequest();
  const draft = await planner.plan({
    ...request,
    tools: [
      ...request.tools,
      { ...request.tools[0]!, name: 'errand_11112222.ask', integrationName: 'Errand', operation: 'ask' },
    ],
  });
  expect(draft.kind === 'plan' && draft.plan.steps[0]?.tool).toBe('errand.ask');
});
