import { evalSets } from '@errand/evals';
import { startScriptedModel } from '@errand/integrations/testing';
import { expect, it } from 'vitest';
import { toEndpoint } from './endpoint.ts';
import { measureModel } from './evals.ts';

const demo = evalSets.find(({ name }) => name === 'demo')!;
const { cases } = demo;
const possible = cases.find(({ id }) => id === 'demo-01')!;
const impossible = cases.find(({ expect }) => 'refuse' in expect)!;

it('reports the score of the model at an endpoint, its tokens and their cost', async () => {
  const plan = {
    goal: 'Deals in negotiation',
    steps: [{ id: 'deals', tool: 'crm.listDeals', args: { query: { stage: 'negotiation', limit: 100 } } }],
    result: {
      deals: { $: 'steps.deals.output.items.amount' },
      advice: { $fill: 'One word about them' },
    },
  };
  const usage = { inputTokens: 5000, outputTokens: 100, cachedTokens: 4000 };
  const endpoint = await startScriptedModel(({ user }) => {
    if (user.includes('One word about them')) return { json: { value: 'good' }, usage };
    return user.includes(possible.intent) ? { json: plan, usage } : { json: { none: 'No tool does that.' }, usage };
  });
  const of = (prices?: string) =>
    toEndpoint(
      { endpoint: endpoint.url, model: 'm', 'key-env': 'SOME_KEY', ...(prices && { prices }) },
      { SOME_KEY: 'k' },
    );
  const set = { ...demo, cases: [possible, impossible] };
  const figures = await measureModel(set, of('{"input": 1, "cachedInput": 0.1, "output": 4}')!);
  expect(figures).toMatchObject({
    possible: { cases: 1, right: 1 },
    impossible: { cases: 1, right: 1 },
    inputTokens: 15_000,
    cachedInputTokens: 12_000,
    outputTokens: 300,
  });
  expect(figures.cost).toMatchObject({ amount: expect.closeTo(0.0054, 9), currency: 'USD' });
  expect(endpoint.requests[0]!.headers.authorization).toBe('Bearer k');
  expect(await measureModel(set, of()!)).toMatchObject({ priceUnknown: true });
  await endpoint.close();
}, 30_000);

it('names the option that it cannot use', () => {
  expect(toEndpoint({}, {})).toBeUndefined();
  expect(() => toEndpoint({ endpoint: 'nowhere' }, {})).toThrow('--endpoint must be a URL');
  expect(() => toEndpoint({ endpoint: 'http://a/v1', provider: 'mystery' }, {})).toThrow(
    '--provider must be one of openai',
  );
  expect(() => toEndpoint({ endpoint: 'http://a/v1', 'key-env': 'NO_KEY' }, {})).toThrow('NO_KEY, which is not set');
});
