import type { PlanDraft } from '@errand/contracts';
import { aPlanRequest, aTool, goodPlan } from '@errand/planner/testing';
import { describe, expect, test } from 'vitest';
import { aModelPlanner } from '../testing/fixtures/model-planner.ts';

const steps = (draft: PlanDraft) => (draft.kind === 'plan' ? draft.plan.steps : []);
const none = (draft: PlanDraft) => {
  if (draft.kind !== 'none') throw new Error('There is a plan.');
  return draft;
};

describe('a good answer', () => {
  test('becomes the plan, with the effects of its tools and what it cost', async () => {
    const { planner: p, model } = await aModelPlanner([
      { json: goodPlan, usage: { inputTokens: 700, outputTokens: 90 } },
    ]);
    const draft = await p.plan(aPlanRequest());
    expect(draft).toMatchObject({
      kind: 'plan',
      madeBy: 'model:openai-compatible/some-model',
      usage: { inputTokens: 700, outputTokens: 90 },
      plan: { goal: goodPlan.goal, result: goodPlan.result },
    });
    expect(steps(draft).map(({ effect }) => effect)).toEqual(['read', 'write']);
    expect(model.requests).toHaveLength(1);
    expect(model.requests[0]).toMatchObject({ wire: 'chat', model: 'some-model' });
    expect(model.requests[0]?.headers.authorization).toBe('Bearer sk-canary-123456');
  });

  test('is found in a code fence, amid prose, after a chain of thought and with trailing commas', async () => {
    const json = JSON.stringify(goodPlan, null, 1);
    const forms = [
      `\`\`\`json\n${json}\n\`\`\``,
      `Sure, {curly} first. Here is your plan:\n${json}\nTell me if {anything} is missing.`,
      `<think>Maybe {"steps": []} would do?</think>\n${json}`,
      `First I thought of {"goal": "x", "steps": []}, but this is better: ${json}`,
      json.replace('}\n ],', '},\n ],'),
      JSON.stringify(json),
      JSON.stringify({ plan: goodPlan }),
    ];
    const { planner: p, model } = await aModelPlanner(forms);
    for (const form of forms) {
      const draft = await p.plan(aPlanRequest());
      expect(draft.kind, form).toBe('plan');
      expect(steps(draft).map(({ id }) => id)).toEqual(['car', 'book']);
    }
    expect(model.requests).toHaveLength(forms.length);
  });

  test('may spell a tool another way, write null for nothing and leave the object around an expression', async () => {
    const [car, book] = goodPlan.steps;
    const { planner: p, model } = await aModelPlanner([
      {
        json: {
          ...goodPlan,
          result: undefined,
          steps: [
            { ...car, tool: 'functions.garage_11112222_find_car', when: null, dependsOn: null, effect: 'write' },
            { ...book, tool: 'bookservice', forEach: '[1, 2]', dependsOn: 'car' },
          ],
        },
      },
    ]);
    const draft = await p.plan(aPlanRequest());
    expect(steps(draft)).toMatchObject([
      { tool: 'garage_11112222.findCar', effect: 'read' },
      { tool: 'garage_11112222.bookService', effect: 'write', forEach: { $: '[1, 2]' }, dependsOn: ['car'] },
    ]);
    expect(steps(draft)[0]).not.toHaveProperty('when');
    expect(model.requests).toHaveLength(1);
  });

  test('hides nothing from the people who approve it', async () => {
    const { planner: p } = await aModelPlanner([
      {
        json: {
          goal: 'Book\u202e it',
          steps: [{ ...goodPlan.steps[0], reason: 'Look\u{e0041}\u200b up' }],
        },
      },
    ]);
    expect(await p.plan(aPlanRequest())).toMatchObject({ plan: { goal: 'Book it', steps: [{ reason: 'Look up' }] } });
  });

  test('without a count of its tokens is estimated', async () => {
    const text = JSON.stringify(goodPlan);
    const message = { role: 'assistant', content: text };
    const { planner: p, model } = await aModelPlanner([
      { raw: JSON.stringify({ choices: [{ index: 0, message, finish_reason: 'stop' }] }) },
    ]);
    const { usage } = await p.plan(aPlanRequest());
    expect(usage.outputTokens).toBe(Math.ceil(text.length / 4));
    expect(usage.inputTokens).toBeGreaterThan((model.requests[0]?.user.length ?? 0) / 4);
  });

  test('that spells a tool as two could be spelled is sent back', async () => {
    const tools = [aTool('north_11112222.list_cars'), aTool('south_11112222.listCars')];
    const step = { id: 'a', args: {} };
    const { planner: p, model } = await aModelPlanner([
      { json: { goal: 'g', steps: [{ ...step, tool: 'listcars' }] } },
      { json: { goal: 'g', steps: [{ ...step, tool: 'south_11112222.listCars' }] } },
    ]);
    const draft = await p.plan(aPlanRequest({ tools }));
    expect(steps(draft)[0]?.tool).toBe('south_11112222.listCars');
    expect(model.requests[1]?.user).toContain('/steps/0/tool: ');
  });
});

describe('an unusable answer', () => {
  test('is repaired by the model from the errors of the checker; all answers are counted', async () => {
    const { planner: p, model } = await aModelPlanner([
      { json: { ...goodPlan, steps: [{ ...goodPlan.steps[0], tool: 'garage_11112222.buyCar' }] } },
      (request) => ({ json: request.user.includes('There is no tool garage_11112222.buyCar.') ? goodPlan : {} }),
    ]);
    const draft = await p.plan(aPlanRequest());
    expect(draft).toMatchObject({ kind: 'plan', usage: { inputTokens: 200, outputTokens: 20 } });
    expect(model.requests[1]?.messages.map(({ role }) => role)).toEqual(['system', 'user', 'assistant', 'user']);
  });

  test.each([
    ['args that the tool does not take', { args: { query: { colour: 'red' } } }, '/steps/0/args/query'],
    [
      'an expression that cannot be read',
      { args: { query: { plate: { $: 'context[' } } } },
      '/steps/0/args/query/plate',
    ],
    ['a step that is not there', { dependsOn: ['wash'] }, '/steps/0/dependsOn/0'],
  ])('with %s is mended', async (_what, wrong, pointer) => {
    const { planner: p, model } = await aModelPlanner([
      { json: { ...goodPlan, steps: [{ ...goodPlan.steps[0], ...wrong }, goodPlan.steps[1]] } },
      { json: goodPlan },
    ]);
    expect((await p.plan(aPlanRequest())).kind).toBe('plan');
    expect(model.requests[1]?.user).toContain(`${pointer}`);
  });

  test.each([
    ['', 'empty'],
    ['I would look for the car first.', 'holds no JSON object'],
    ['{"goal": x, "steps": []}', 'not valid JSON'],
    ['{"goal": "x", "steps": [{"id": "a"', 'does not end'],
    ['{"goal": "\\u0000", "steps": []}', 'NUL'],
    [`{"steps": [${'['.repeat(100)}${']'.repeat(100)}]}`, 'nested deeper'],
    ['{"steps": [], "__proto__": {"a": 1}}', '__proto__'],
  ])('%j is sent back with the reason', async (text, reason) => {
    const { planner: p, model } = await aModelPlanner([text, { json: goodPlan }]);
    expect((await p.plan(aPlanRequest())).kind).toBe('plan');
    expect(model.requests[1]?.user).toContain(reason);
  });

  test('that was cut off leads to a request for a shorter one, then to an error that names the limit', async () => {
    const cutOff = { text: JSON.stringify(goodPlan).slice(0, 150), finish: 'length' as const };
    const { planner: p, model } = await aModelPlanner([cutOff, cutOff], { maxRepairs: 1, maxOutputTokens: 50 });
    const draft = none(await p.plan(aPlanRequest()));
    expect(model.requests[0]?.body.max_tokens).toBe(50);
    expect(model.requests[1]?.user).toContain('shorter plan');
    expect(draft).toMatchObject({ code: 'plan_failed', retryable: false, usage: { outputTokens: 20 } });
    expect(draft.errors).toMatchObject([{ pointer: '', message: expect.stringContaining('cut off at 50 tokens') }]);
  });

  test('ends as plan_failed when repairs run out, and tells developers what was wrong with the last one', async () => {
    const { planner: p, model } = await aModelPlanner((_, n) => ({
      json: { goal: 'g', steps: [{ id: '1', tool: `x${n}` }] },
    }));
    const draft = none(await p.plan(aPlanRequest()));
    expect(model.requests).toHaveLength(4);
    expect(draft).toMatchObject({ code: 'plan_failed', retryable: false, usage: { inputTokens: 400 } });
    expect(draft.reason).toMatch(
      /^The model gave no usable plan in 4 tries\. The plan of the model cannot be used\. \/steps\/0\/id: /,
    );
    expect(draft.errors?.map(({ pointer }) => pointer)).toContain('/steps/0/tool');
  });
});

describe('no plan', () => {
  test('is what the model may answer', async () => {
    const { planner: p } = await aModelPlanner([{ json: { none: 'No tool can fly.' } }]);
    expect(await p.plan(aPlanRequest())).toMatchObject({
      kind: 'none',
      code: 'no_plan',
      reason: 'No tool can fly.',
      retryable: false,
      usage: { inputTokens: 100, outputTokens: 10 },
    });
  });

  test('is what a refusal means', async () => {
    const { planner: p } = await aModelPlanner([{ text: 'I cannot help with that.', finish: 'refusal' }], {
      provider: 'openai',
    });
    const draft = none(await p.plan(aPlanRequest()));
    expect(draft.code).toBe('no_plan');
    expect(draft.reason).toContain('I cannot help with that.');
  });

  test('is there without tools, and nobody is asked', async () => {
    const { planner: p, model } = await aModelPlanner([]);
    expect(none(await p.plan(aPlanRequest({ tools: [] }))).code).toBe('no_plan');
    expect(model.requests).toHaveLength(0);
  });
});
