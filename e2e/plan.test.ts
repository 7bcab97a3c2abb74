// Plans of a model: requested over the wire, checked, repaired, filled in, counted.
import type { PlanInput, Run } from '@errand/contracts';
import { type Conversation, type ScriptedModel, startScriptedModel } from '@errand/integrations/testing';
import { beforeAll, beforeEach, expect, test, vi } from 'vitest';
import { aRun, carryOut } from './fixtures/builders.ts';
import { ended } from './fixtures/office.ts';
import { type Stack, startStack } from './fixtures/stack.ts';
import { dump } from './fixtures/tables.ts';
import { type Api, overRest, overTrpc } from './fixtures/transports.ts';

const KEY = 'sk-canary-of-the-model-5c1e9a';
type Answer = Extract<Conversation, (...args: never[]) => unknown>;

let model: ScriptedModel;
let stack: Stack;
let crm: string;
let answer: Answer;
let requestsBefore: number;
let api: Api;
beforeAll(async () => {
  model = await startScriptedModel((request, index) => answer(request, index - requestsBefore));
  const origin = new URL(model.url).origin;
  const env = {
    ERRAND_MODEL_PROVIDER: 'openai-compatible',
    ERRAND_MODEL: 'scripted',
    ERRAND_MODEL_BASE_URL: model.url,
    ERRAND_MODEL_API_KEY: KEY,
    ERRAND_TIME_ZONE: 'Europe/Berlin',
    ERRAND_MODEL_PRICES: '{"scripted": {"input": 2, "cachedInput": 0.5, "output": 10}}',
  };
  stack = await startStack({ env, allow: [origin] });
  crm = (await overRest(stack).integrations.list({})).integrations[0]!.customerIntegrationId;
  api = overTrpc(stack);
  return () => Promise.all([stack.close(), model.close()]);
});
beforeEach(() => {
  requestsBefore = model.requests.length;
});

const usage = { inputTokens: 1000, outputTokens: 50, cachedTokens: 600 };
const aModelPlan = (tool: string, args = {}, id = 'account'): PlanInput => ({
  goal: 'Find one account',
  steps: [{ id, tool: `${crm}.${tool}`, args }],
  result: { name: { $: `steps.${id}.output.name` } },
});
const requests = () => model.requests.slice(requestsBefore);

/** A run, created or existing, once it waits for people. @param text of its open request */
async function waiting(api: Api, run: Parameters<Api['runs']['create']>[0] | string, text?: string): Promise<Run> {
  const { runId } = typeof run === 'string' ? { runId: run } : await api.runs.create(run);
  await vi.waitFor(
    async () => {
      const { status, waitingOn } = await api.runs.get({ runId });
      expect([status, waitingOn.length, waitingOn[0]?.text]).toEqual(['PAUSED', 1, text ?? expect.any(String)]);
    },
    { timeout: 60_000, interval: 30 },
  );
  return api.runs.get({ runId, includeEvents: true });
}

test('a plan of the model is executed, and its tokens are counted', async () => {
  const { id, name } = stack.crm.data.accounts[5]!;
  answer = () => ({ json: aModelPlan('getAccount', { path: { accountId: id } }), usage });
  const intent = 'Read the sixth account';
  const { run } = await carryOut(api, aRun({ intent, context: 'hint=six' }));

  expect(run).toMatchObject({
    status: 'SUCCESS',
    result: { name },
    user: { timeZone: 'Europe/Berlin' },
    usage: { toolCalls: 1, inputTokens: 1000, cachedInputTokens: 600, outputTokens: 50 },
  });
  // 400 tokens at 2, 600 from the cache at 0.5, and 50 written at 10, per million.
  expect(run.usage.cost).toEqual({ amount: 0.0016, currency: 'USD' });
  expect(requests()).toHaveLength(1);
  expect(requests()[0]).toMatchObject({ model: 'scripted', headers: { authorization: `Bearer ${KEY}` } });
  const prompt = requests()[0]!
    .messages.map(({ text }) => text)
    .join('\n');
  for (const part of [intent, 'hint=six', `${crm}.getAccount`]) expect(prompt).toContain(part);
  expect(prompt).not.toContain(stack.crm.token);
});

test('the model gets the user and the local time; "tomorrow" is computed in that time zone', async () => {
  const { id } = stack.crm.data.accounts[5]!;
  const tomorrow = "now ~> $startOf('day', timeZone) ~> $dateAdd(1, 'day', timeZone) ~> $localTime(timeZone)";
  const plan = { ...aModelPlan('getAccount', { path: { accountId: id } }), result: { $: tomorrow } };
  answer = () => ({ json: plan, usage });
  const user = { name: 'Ana Lopez', timeZone: 'Pacific/Kiritimati' };
  const { run } = await carryOut(api, aRun({ intent: 'Say when tomorrow begins', user }));

  expect(run).toMatchObject({ status: 'SUCCESS', user });
  const there = new Intl.DateTimeFormat('sv-SE', { timeZone: user.timeZone, dateStyle: 'short' });
  expect(run.result).toBe(`${there.format(new Date(Date.parse(run.createdAt) + 86_400_000))}T00:00:00+14:00`);
  expect(requests()[0]!.user).toMatch(/<data user \w+>\nAna Lopez\n/);
  expect(requests()[0]!.user).toMatch(/now is \S+Z, for the user .+ at \d\d:\d\d in Pacific\/Kiritimati\n/);
  const zone = { timeZone: 'Berlin' };
  await expect(carryOut(api, aRun({ user: zone }))).rejects.toThrow('/user/timeZone: Must be the name of a time zone');
});

test('prompts of two runs of a workspace, and of a re-plan, share more than nine tenths', async () => {
  const { id, name } = stack.crm.data.accounts[1]!;
  const lost = { path: { accountId: '00000000-0000-4000-8000-000000000000' } };
  const matchStep = { path: { accountId: id } };
  answer = (_request, i) => ({ json: aModelPlan('getAccount', i === 1 ? lost : matchStep, `account${i}`), usage });
  await carryOut(api, aRun({ intent: 'Read the second account' }));
  const { run } = await carryOut(api, aRun({ intent: 'Look up another account for me', context: 'hint=lost' }));

  expect(run).toMatchObject({ status: 'SUCCESS', result: { name } });
  const [firstPrompt, secondPrompt, again] = requests().map(({ messages }) =>
    messages.map(({ text }) => text).join(''),
  );
  for (const prompt of [secondPrompt!, again!]) {
    let shared = 0;
    while (shared < firstPrompt!.length && firstPrompt![shared] === prompt[shared]) shared++;
    expect(shared / firstPrompt!.length).toBeGreaterThan(0.9);
    expect(prompt).toContain('hint=lost');
  }
  expect(again).toContain('An earlier plan of this errand');
});

test('the model repairs a plan that the checker refuses', async () => {
  const { id, name } = stack.crm.data.accounts[1]!;
  answer = (_request, i) => ({
    json: aModelPlan(i === 0 ? 'getAcount' : 'getAccount', { path: { accountId: id } }),
    usage,
  });
  const { run } = await carryOut(api, aRun({ intent: 'Read the second account' }));

  expect(run).toMatchObject({ status: 'SUCCESS', result: { name }, usage: { inputTokens: 2000, outputTokens: 100 } });
  expect(requests()).toHaveLength(2);
  expect(requests()[1]!.user).toContain('/steps/0/tool');
});

test('the model fills in values that depend on earlier outputs', async () => {
  const { id, name } = stack.crm.data.accounts[2]!;
  const plan: PlanInput = {
    goal: 'g',
    steps: [
      { id: 'all', tool: `${crm}.listAccounts` },
      {
        id: 'account',
        tool: `${crm}.getAccount`,
        args: { path: { accountId: { $fill: 'The id of the third account' } } },
        dependsOn: ['all'],
      },
    ],
    result: { name: { $: 'steps.account.output.name' } },
  };
  answer = (_request, i) => (i === 0 ? { json: plan, usage } : { json: { value: id }, usage });
  const { run, events } = await carryOut(api, aRun({ intent: 'Read the third account' }));

  expect(run).toMatchObject({ status: 'SUCCESS', result: { name }, usage: { toolCalls: 2, inputTokens: 2000 } });
  const prompt = requests()[1]!
    .messages.map(({ text }) => text)
    .join('\n');
  expect(prompt).toContain('The id of the third account');
  expect(prompt).toContain(stack.crm.data.accounts[0]!.id);
  expect(JSON.stringify(events)).toContain(`"accountId":"${id}"`);
});

test('a question of the model waits for a person, and the model plans with the answer', async () => {
  const [first, second] = stack.crm.data.accounts;
  const choices = [first!, second!].map(({ id, name }) => ({ value: id, label: name }));
  answer = (request, i) =>
    i === 0
      ? { json: { ask: { question: 'Which account do you mean?', choices } }, usage }
      : { json: aModelPlan('getAccount', { path: { accountId: /"answer":"(\w+)"/.exec(request.user)![1] } }), usage };
  const run = await waiting(api, aRun({ intent: 'Read the account' }));
  expect(run.waitingOn).toMatchObject([{ kind: 'question', text: 'Which account do you mean?', choices }]);
  expect(run.events.map(({ type }) => type)).toEqual(['start', 'question', 'status']);
  await api.questions.answer({ requestId: run.waitingOn[0]!.requestId!, answer: second!.id });
  expect(await ended(api, run.runId)).toMatchObject({
    status: 'SUCCESS',
    result: { name: second!.name },
    usage: { inputTokens: 2000, outputTokens: 100, toolCalls: 1 },
  });
  expect(requests()).toHaveLength(2);
  expect(requests()[1]!.user).toContain(`"answer":"${second!.id}","label":"${second!.name}"`);
});

test('a step asks for one of several, and a model that plans again may also ask', async () => {
  const [first, second] = stack.crm.data.accounts;
  const which = {
    goal: 'g',
    steps: [
      { id: 'all', tool: `${crm}.listAccounts` },
      {
        id: 'who',
        tool: 'errand.ask',
        args: {
          question: 'Which one?',
          choices: { $: "[steps.all.output.items[[0..4]].{'value': id, 'label': name}]" },
        },
      },
      { id: 'account', tool: `${crm}.getAccount`, args: { path: { accountId: { $: "steps.who.output & 'x'" } } } },
    ],
    result: { name: { $: 'steps.account.output.name' } },
  };
  const mended = (id: string) => ({
    goal: 'g',
    steps: [{ id: 'again', tool: `${crm}.getAccount`, args: { path: { accountId: id } } }],
    result: { name: { $: 'steps.again.output.name' } },
  });
  answer = (_request, i) => ({
    json: [which, { ask: { question: 'There is no such account. Which id has it?' } }, mended(second!.id)][i],
    usage,
  });
  const run = await waiting(api, aRun({ intent: 'Read one account' }));
  await api.questions.answer({ requestId: run.waitingOn[0]!.requestId!, answer: first!.id });
  const again = await waiting(api, run.runId, 'There is no such account. Which id has it?');
  await api.questions.answer({ requestId: again.waitingOn[0]!.requestId!, answer: second!.id });
  expect(await ended(api, run.runId)).toMatchObject({ status: 'SUCCESS', result: { name: second!.name } });
  expect(requests()).toHaveLength(3);
  for (const part of ['earlier-failures', second!.id]) expect(requests()[2]!.user).toContain(part);
});

test('a tool that the model invents is never called', async () => {
  answer = () => ({ json: aModelPlan('dropEverything'), usage });
  const before = stack.crm.requests.length;
  const { run } = await carryOut(api, aRun({ intent: 'Drop everything' }));

  expect(['FAILED', 'NO_SUCCESS']).toContain(run.status);
  expect(['plan_failed', 'no_plan']).toContain(run.error!.code);
  expect(run.error!.message.length).toBeGreaterThan(20);
  expect(stack.crm.requests).toHaveLength(before);
});

test.each<[string, ReturnType<Answer>]>([
  ['prose', 'I would rather not.'],
  ['a body that is no JSON', { raw: '<html>' }],
  ['an answer cut short', { text: '{"goal":"g","steps":[', finish: 'length' }],
  ['a refusal', { text: 'No.', finish: 'refusal' }],
  ['another shape', { json: [1, 2, 3] }],
  ['an error about its key', { status: 401, message: `Bad key ${KEY}` }],
])('%s ends the run with a clear error', async (__, reply) => {
  answer = () => reply;
  const before = stack.crm.requests.length;
  const { run, events } = await carryOut(api, aRun({ intent: 'Anything' }));

  expect(['FAILED', 'NO_SUCCESS']).toContain(run.status);
  expect(['plan_failed', 'no_plan', 'model_failed']).toContain(run.error!.code);
  expect(run.error!.message).toMatch(/model|plan/i);
  expect(events.at(-1)).toMatchObject({ type: 'end', error: run.error });
  expect(stack.crm.requests).toHaveLength(before);
  expect(JSON.stringify([run, events])).not.toContain(KEY);
});

test('no log and no table contains the key of the model', async () => {
  expect(model.requests.length).toBeGreaterThan(10);
  expect(stack.log()).toContain('"msg":"request"');
  expect(stack.log()).not.toContain(KEY);
  expect(JSON.stringify(await dump(stack.databaseUrl))).not.toContain(KEY);
});
