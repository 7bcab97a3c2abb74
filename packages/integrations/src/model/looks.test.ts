import { aPlanRequest, aTool, garage, goodPlan } from '@errand/planner/testing';
import { expect, test } from 'vitest';
import { aModelPlanner } from '../testing/fixtures/model-planner.ts';
import type { ScriptedModel } from '../testing/scripted-model.ts';

const reports = (count: number) =>
  Array.from({ length: count }, (_, n) =>
    aTool(`office_33334444.thing${n}Report`, { description: `Makes report number ${n}.`, title: `Report ${n}` }),
  );
/** Each request begins with the earlier conversation. */
const onlyGrows = ({ requests }: ScriptedModel) =>
  requests.slice(1).every(({ messages }, n) => {
    const before = requests[n]!.messages;
    return JSON.stringify(messages.slice(0, before.length)) === JSON.stringify(before);
  });

test('tools that are too many to be shown are named; those that the model picks are shown, and planned with', async () => {
  const { planner, model } = await aModelPlanner([
    { json: { tools: ['garage_11112222.findCar', 'bookService', 'garage_11112222.flyCar'] } },
    { json: goodPlan },
  ]);
  const draft = await planner.plan(aPlanRequest({ tools: [...reports(300), ...garage] }));
  expect(draft).toMatchObject({ kind: 'plan', usage: { inputTokens: 200, outputTokens: 20 } });
  const [first, second] = model.requests;
  for (const { operation } of reports(300)) expect(first?.user).toContain(`\n${operation}: Report`);
  expect(first?.user).toContain('\nbookService (write): ');
  expect(first?.user).not.toMatch(/^tool /m);
  expect(second?.user.match(/^tool .*/gm)).toEqual([
    'tool garage_11112222.findCar (read): Finds a car by its plate.',
    'tool garage_11112222.bookService (write): Books a service for a car.',
  ]);
  expect(second?.user).toContain('{body: {carId: string, day?: string<date>}}');
  expect(second?.user).toMatch(/no tools of these names:\n<data unknown \w+>\ngarage_11112222.flyCar\n/);
  expect(onlyGrows(model)).toBe(true);
});

test('of tools that are too many to be named the model gets those that it searches for', async () => {
  const { planner, model } = await aModelPlanner([
    { json: { search: ['report 777', 'services for vehicles', 'zebra'] } },
    { json: { tools: garage.map(({ name }) => name) } },
    { json: goodPlan },
  ]);
  const draft = await planner.plan(aPlanRequest({ tools: [...reports(1000), ...garage] }));
  expect(draft).toMatchObject({ kind: 'plan', usage: { inputTokens: 300 } });
  const [first, second, third] = model.requests;
  expect(first?.user).toContain('You may use 1002 tools');
  expect(first?.user).toContain('integration office_33334444 (office): 1000 tools, about report');
  // The first search is for the intent.
  expect(first?.user).toContain('bookService (write): Books a service for a car.');
  expect(first?.user).not.toContain('thing777Report');
  expect(second?.user).toContain('thing777Report: Report 777');
  expect(second?.user).toContain('search: services for vehicles\nintegration garage_11112222 (garage):\nbookService');
  expect(second?.user).toContain('search: zebra\n(nothing)');
  expect(third?.user).toContain('tool garage_11112222.bookService (write)');
  expect(onlyGrows(model)).toBe(true);
});

test('a model that only looks is stopped', async () => {
  const { planner, model } = await aModelPlanner((_, n) => ({ json: { search: [`report ${n}`] } }), { maxRepairs: 1 });
  const draft = await planner.plan(aPlanRequest({ tools: [...reports(1000), ...garage] }));
  expect(model.requests).toHaveLength(8);
  expect(draft).toMatchObject({
    code: 'plan_failed',
    errors: [{ pointer: '', message: expect.stringContaining('Nothing more can be looked up') }],
  });
});

test('what the plan uses without having seen it is shown with the complaints, and stays', async () => {
  const named = 'office_33334444.thing299Report';
  const wrong = (id: string) => ({ goal: 'g', steps: [{ id, tool: named, args: { a: 1 } }] });
  const { planner, model } = await aModelPlanner([{ json: wrong('a') }, { json: wrong('b') }, { json: goodPlan }]);
  const tools = [...reports(300), ...garage].map((tool) =>
    tool.name === named ? { ...tool, inputSchema: { type: 'object', additionalProperties: false } } : tool,
  );
  expect((await planner.plan(aPlanRequest({ tools }))).kind).toBe('plan');
  expect(model.requests.map(({ user }) => user.includes(`tool ${named} (read)`))).toEqual([false, true, false]);
  expect(model.requests[2]?.messages.filter(({ text }) => text.includes(`tool ${named} (read)`))).toHaveLength(1);
});

test('an unusable answer that is given again ends the conversation, a look that is repeated too', async () => {
  const wrong = { json: { goal: 'g', steps: [{ id: 'a', tool: 'garage_11112222.fly' }] } };
  const ends = [
    [wrong, 'The plan of the model cannot be used. /steps/0/tool: There is no tool garage_11112222.fly.'],
    [{ json: { tools: ['bookService'] } }, 'The model looked up tools again and again, and gave no plan.'],
    ['I cannot decide.', 'The model gave no plan. It said: "I cannot decide."'],
  ] as const;
  for (const [answer, reason] of ends) {
    const { planner, model } = await aModelPlanner(() => answer, { maxToolsShown: 1 });
    expect(await planner.plan(aPlanRequest())).toMatchObject({
      code: 'plan_failed',
      reason: expect.stringContaining(reason),
      errors: [{ pointer: expect.any(String) }],
    });
    expect(model.requests).toHaveLength(2);
  }
});

test('a plan that the checker accepts the second time is taken, though it is the same', async () => {
  const { planner } = await aModelPlanner(() => ({ json: goodPlan }));
  let checks = 0;
  const check = async () => (++checks === 1 ? [{ pointer: '/steps/1', message: 'Is that right?' }] : []);
  expect((await planner.plan(aPlanRequest({ check }))).kind).toBe('plan');
  expect(checks).toBe(2);
});

test('each answer is charged at once, and nothing is asked once nothing more may be spent', async () => {
  const { planner, model } = await aModelPlanner((_, n) => ({ text: `not yet ${n}` }));
  const charged: number[] = [];
  const spend = ({ inputTokens, outputTokens }: { inputTokens: number; outputTokens: number }) => {
    charged.push(inputTokens + outputTokens);
    return charged.length === 2 ? 'Models used 220 tokens.' : undefined;
  };
  const draft = await planner.plan(aPlanRequest({ spend }));
  expect(draft).toMatchObject({ reason: 'Models used 220 tokens.', retryable: false, usage: { inputTokens: 200 } });
  expect(charged).toEqual([110, 110]);
  expect(model.requests).toHaveLength(2);
});

test('the key of data blocks is in nothing that comes of an answer', async () => {
  const dataKey = 'f00dfacef00dfacef00dface';
  for (const answer of [{ ...goodPlan, goal: `Book </data ${dataKey}> it` }, { none: `No </data ${dataKey}> way.` }]) {
    const { planner, model } = await aModelPlanner([{ json: answer }]);
    const draft = await planner.plan(aPlanRequest({ dataKey }));
    expect(model.requests[0]?.user).toContain(`</data ${dataKey}>`);
    expect(JSON.stringify(draft)).not.toContain(dataKey);
    expect(JSON.stringify(draft)).toContain('</data >');
  }
});
