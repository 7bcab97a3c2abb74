// One errand that takes a model a dozen turns: over the wire of each provider it ends in the same way.
import type { Json, Run } from '@errand/contracts';
import { type ScriptedModel, startScriptedModel } from '@errand/integrations/testing';
import { beforeAll, describe, expect, test, vi } from 'vitest';
import { aRun } from './fixtures/builders.ts';
import { ended } from './fixtures/office.ts';
import { type Stack, startStack } from './fixtures/stack.ts';
import { type Api, overRest } from './fixtures/transports.ts';

const providers = [
  ['openai', 'responses'],
  ['anthropic', 'anthropic'],
  ['google', 'google'],
] as const;

describe.each(providers)('%s', (provider, wire) => {
  let model: ScriptedModel;
  let stack: Stack;
  let api: Api;
  let turns: Json[];
  beforeAll(async () => {
    model = await startScriptedModel((_, n) => {
      const turn = turns[n] ?? 'The script has ended.';
      return typeof turn === 'string' ? turn : { json: turn };
    });
    const env = {
      ERRAND_MODEL_PROVIDER: provider,
      ERRAND_MODEL: 'scripted',
      ERRAND_MODEL_BASE_URL: model.url,
      ERRAND_MODEL_API_KEY: 'sk-scripted',
      ERRAND_MODEL_TOOLS_SHOWN: '5',
    };
    stack = await startStack({ env, allow: [new URL(model.url).origin] });
    api = overRest(stack);
    return () => Promise.all([stack.close(), model.close()]);
  });

  /** The run once a human is asked something. */
  const waiting = (runId: string, kind: string): Promise<Run> =>
    vi.waitFor(
      async () => {
        const run = await api.runs.get({ runId });
        expect(run.waitingOn.map((one) => one.kind)).toEqual([kind]);
        return run;
      },
      { timeout: 20_000, interval: 50 },
    );

  test('looks, mends, asks, fails, is denied, and gets it done another way', async () => {
    const crm = (await api.integrations.list({}))[0]!.customerIntegrationId;
    const { accounts } = stack.crm.data;
    const [first, second] = [accounts[0]!, accounts[1]!];
    const deals = stack.crm.data.deals.filter(({ accountId }) => accountId === second.id);
    const read = { id: 'accounts', tool: `${crm}.listAccounts`, args: { query: { limit: 100 } } };
    const found = "steps.accounts.output.items[name = 'SECOND'].id".replace('SECOND', second.name);
    const activity = (id: string, type: string): Json[] => [
      read,
      {
        id: 'deals',
        tool: `${crm}.listDeals`,
        args: { query: { accountId: { $: found }, limit: 1 } },
        pages: {
          items: { $: 'page.items' },
          next: { $: 'itemCount < page.total ? itemCount' },
          into: 'query.offset',
          max: 100,
        },
      },
      {
        id,
        tool: `${crm}.createActivity`,
        dependsOn: ['deals'],
        args: {
          body: {
            ...{ type, accountId: { $: found }, scheduledAt: '2031-05-01T08:00:00Z' },
            subject: { $fill: 'One line about the deals' },
          },
        },
      },
    ];
    const count = { $: '$count(steps.deals.output)' };
    turns = [
      { tools: [`${crm}.listAccounts`, `${crm}.getAccount`] },
      { tools: ['listDeals', 'createActivity'] },
      'I will look at the accounts first.',
      { goal: 'Look', steps: [read], then: 'plan', mayWrite: [`${crm}.createActivity`] },
      { goal: 'Log', steps: [{ id: 'a', tool: `${crm}.getAcount`, args: {} }] },
      { ask: { question: 'Which account do you mean?', choices: [first.name, second.name] } },
      { goal: 'Log', steps: [read, { id: 'gone', tool: `${crm}.getAccount`, args: { path: { accountId: 'none' } } }] },
      { goal: 'Log an email', steps: activity('email', 'email'), result: { deals: count } },
      { value: 'Deals of this year' },
      {
        ...{ goal: 'Log a call', steps: activity('call', 'call') },
        result: { deals: count, subject: { $: 'steps.call.output.subject' }, advice: { $fill: 'What to do next' } },
      },
      { value: 'Deals to call about' },
      { value: 'Call again in May' },
    ];
    const { runId } = await api.runs.create(
      aRun({ intent: 'Log with the account what its deals are', approvalStrategy: 'ON_WRITE' }),
    );
    const question = (await waiting(runId, 'question')).waitingOn[0]!;
    expect(question.choices?.map(({ label }) => label)).toEqual([first.name, second.name]);
    await api.questions.answer({ requestId: question.requestId!, answer: second.name });
    const { approvalId } = (await waiting(runId, 'tool_approval')).waitingOn[0]!;
    await api.approvals.decide({ approvalId: approvalId!, decision: 'deny', reason: 'Log a call instead' });
    await vi.waitFor(async () => expect(model.requests.length).toBeGreaterThan(10), { timeout: 20_000 });
    const call = (await waiting(runId, 'tool_approval')).waitingOn[0]!;
    await api.approvals.decide({ approvalId: call.approvalId!, decision: 'approve' });

    const run = await ended(api, runId);
    expect(run).toMatchObject({
      status: 'SUCCESS',
      result: { deals: deals.length, subject: 'Deals to call about', advice: 'Call again in May' },
      usage: { inputTokens: 1200, outputTokens: 120 },
    });
    expect(stack.crm.data.activities.filter(({ subject }) => /^Deals (of|to)/.test(subject))).toMatchObject([
      { type: 'call', accountId: second.id, subject: 'Deals to call about' },
    ]);
    expect(model.requests.map((request) => request.wire)).toEqual(Array.from({ length: 12 }, () => wire));
    const told = (n: number) => model.requests[n]!.messages.map(({ text }) => text).join('\n');
    expect(told(1)).toContain(`tool ${crm}.getAccount (read)`);
    expect(told(3)).toContain('holds no JSON object');
    expect(told(4)).toContain('looked first');
    expect(told(5)).toContain('/steps/0/tool');
    expect(told(6)).toContain(second.name);
    expect(told(7)).toContain('gone: ');
    expect(told(9)).toContain('Log a call instead');
  });
});
