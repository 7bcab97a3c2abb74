// Abilities of model plans besides calls: look first, end in words, read pages, and fill in values of items.
import type { Json, PlanInput } from '@errand/contracts';
import { type Conversation, type ScriptedModel, startScriptedModel } from '@errand/integrations/testing';
import { beforeAll, beforeEach, expect, test } from 'vitest';
import { aRun, carryOut } from './fixtures/builders.ts';
import { type Stack, startStack } from './fixtures/stack.ts';
import { json, type Stub, startStub } from './fixtures/stub.ts';
import { type Api, overRest } from './fixtures/transports.ts';

type Answer = Extract<Conversation, (...args: never[]) => unknown>;
const PEOPLE = [
  { id: 'p-1', name: 'Ada Byron', mail: 'ada@people.example' },
  { id: 'p-2', name: 'Kim Lund', mail: 'kim@people.example' },
  { id: 'p-3', name: 'Eve Stone', mail: 'eve@people.example' },
];

let model: ScriptedModel;
let stub: Stub;
let stack: Stack;
let api: Api;
let id: string;
let answer: Answer;
let requestsBefore: number;

const queryOf = (...names: string[]) => ({
  parameters: names.map((name) => ({ name, in: 'query', schema: { type: 'string' } })),
});
const sending = {
  requestBody: {
    required: true,
    content: {
      'application/json': {
        schema: { type: 'object', properties: { to: { type: 'string' }, text: { type: 'string' } }, required: ['to'] },
      },
    },
  },
};

beforeAll(async () => {
  model = await startScriptedModel((request, index) => answer(request, index - requestsBefore));
  stub = await startStub({
    // One person per page; a header links the next page.
    people: {
      more: queryOf('name', 'page'),
      answer: (response, { url }) => {
        const { searchParams } = new URL(url, stub.origin);
        const [name, page] = [searchParams.get('name'), Number(searchParams.get('page') ?? 1)];
        const matches = PEOPLE.filter((person) => name === null || person.name.includes(name));
        if (page < matches.length) response.setHeader('link', `<${stub.origin}/people?page=${page + 1}>; rel="next"`);
        json(response, { people: matches.slice(page - 1, page) });
      },
    },
    send: { method: 'POST', more: sending, answer: (response) => json(response, { sent: true }) },
  });
  const env = {
    ERRAND_MODEL_PROVIDER: 'openai-compatible',
    ERRAND_MODEL: 'scripted',
    ERRAND_MODEL_BASE_URL: model.url,
    ERRAND_MODEL_API_KEY: 'sk-scripted',
  };
  stack = await startStack({ env, allow: [new URL(model.url).origin, stub.origin], seed: false });
  api = overRest(stack);
  const auth = { type: 'API_TOKEN', token: 'token-of-people' } as const;
  const integration = await api.integrations.create({ name: 'People', kind: 'openapi', document: stub.document, auth });
  id = integration.customerIntegrationId;
  return () => Promise.all([stack.close(), model.close(), stub.close()]);
});
beforeEach(() => {
  requestsBefore = model.requests.length;
  stub.hits.length = 0;
});

const find = (name: string) => ({ id: 'who', tool: `${id}.people`, args: { query: { name } } });
const send = (to: string, more: Partial<PlanInput['steps'][number]> = {}) => ({
  id: 'send',
  tool: `${id}.send`,
  args: { body: { to: { $: to }, text: 'Hello' } },
  ...more,
});
const requests = () => model.requests.slice(requestsBefore);
const textOf = (index: number) =>
  requests()
    [index]!.messages.map(({ text }) => text)
    .join('\n');
const sent = () =>
  stub.hits.filter(({ operation }) => operation === 'send').map(({ body }) => JSON.parse(body) as Json);

test('a model looks at an output that is not described, then writes, and later models see its form', async () => {
  const look = { goal: 'See how people look', steps: [find('Ada')], then: 'plan', mayWrite: [`${id}.send`] };
  const result = { greeted: { $: 'steps.who.output.people[0].name' } };
  const plan = { goal: 'Greet Ada', steps: [find('Ada'), send('steps.who.output.people[0].mail')], result };
  answer = (_, index) => ({ json: index === 0 ? look : plan });
  const { run, events } = await carryOut(api, aRun({ intent: 'Greet Ada' }));
  expect(run).toMatchObject({
    status: 'SUCCESS',
    result: { greeted: 'Ada Byron' },
    usage: { inputTokens: 200, toolCalls: 2 },
  });
  expect(textOf(0)).toContain('not described');
  expect(textOf(1)).toContain('ada@people.example');
  expect(sent()).toEqual([{ to: 'ada@people.example', text: 'Hello' }]);
  expect(stub.hits.map(({ operation }) => operation)).toEqual(['people', 'send']);
  expect(events.find((event) => event.type === 'status')).toMatchObject({
    reason: 'Planned on with what was read: "people" at People.',
  });

  const { executionPlanId } = run;
  const newest = await api.executionPlans.get({ executionPlanId });
  const madeBy = { kind: 'model', model: 'openai-compatible/scripted' };
  const versions = [
    { version: 1, madeBy, madeAt: expect.any(String) },
    { version: 2, madeBy, madeAt: expect.any(String), reason: 'Planned on with what was read: "people" at People.' },
  ];
  expect(newest).toMatchObject({ version: 2, madeBy, versions, plan: { goal: 'Greet Ada' } });
  expect(newest.planType === 'json' && newest.versions).toEqual(versions);
  expect(await api.executionPlans.get({ executionPlanId, version: 2 })).toEqual(newest);
  const earlier = await api.executionPlans.get({ executionPlanId, version: 1 });
  expect(earlier).toMatchObject({ version: 1, versions, plan: { then: 'plan' }, steps: [{ stepId: 'who' }] });
  await expect(api.executionPlans.get({ executionPlanId, version: 3 })).rejects.toMatchObject({ status: 404 });

  requestsBefore = model.requests.length;
  await carryOut(api, aRun({ intent: 'Greet Ada again' }));
  expect(textOf(0)).toMatch(/seen: .*people.*mail/);
  expect(textOf(0)).not.toContain('@people.example');
});

test('a plan that ends early gives a readable reason, and writes nothing', async () => {
  const guard = { unless: { $: '$count(steps.who.output.people) = 0' }, say: 'Nobody is named Bob.' };
  answer = () => ({
    json: { goal: 'Greet Bob', steps: [find('Bob'), send('steps.who.output.people[0].mail', guard)] },
  });
  const { run, events } = await carryOut(api, aRun({ intent: 'Greet Bob' }));
  expect(run).toMatchObject({ status: 'NO_SUCCESS', error: { code: 'plan_ended', message: 'Nobody is named Bob.' } });
  expect(events.at(-1)).toMatchObject({ type: 'end', error: { message: 'Nobody is named Bob.' } });
  expect([sent(), requests().length]).toEqual([[], 1]);
});

test('all pages are read, and one request writes a text for each of their items', async () => {
  const pages = { items: { $: 'page.people' }, next: { $: 'link.page' }, into: 'query.page' };
  const plan = {
    goal: 'Greet everybody',
    steps: [
      { id: 'who', tool: `${id}.people`, pages },
      send('item.mail', {
        forEach: { $: 'steps.who.output' },
        args: { body: { to: { $: 'item.mail' }, text: { $fill: 'A greeting with the first name' } } },
      }),
    ],
    result: { greeted: { $: '$count(steps.send.output)' } },
  };
  const values = { 1: 'Hello Ada', 2: 'Hello Kim', 3: 'Hello Eve' };
  answer = (_, index) => ({ json: index === 0 ? plan : { values } });
  const { run, events } = await carryOut(api, aRun({ intent: 'Greet everybody' }));
  expect(run).toMatchObject({ status: 'SUCCESS', result: { greeted: 3 }, usage: { toolCalls: 6, inputTokens: 200 } });
  expect(requests()).toHaveLength(2);
  for (const { name } of PEOPLE) expect(requests()[1]!.user).toContain(name);
  expect(sent()).toHaveLength(3);
  expect(sent()).toEqual(
    expect.arrayContaining(
      ['Ada', 'Kim', 'Eve'].map((name) => ({ to: `${name.toLowerCase()}@people.example`, text: `Hello ${name}` })),
    ),
  );
  expect(events.find((event) => event.type === 'step')).toMatchObject({
    step: { text: 'People answered with 3 people on 3 pages.' },
  });
});
