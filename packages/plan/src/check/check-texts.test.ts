import type { Json, PlanInput } from '@errand/contracts';
import { afterAll, expect, test } from 'vitest';
import { createSandbox } from '../sandbox/sandbox.ts';
import { aTool } from '../testing/a-tool.ts';
import { checkPlan } from './check.ts';

const sandbox = createSandbox();
afterAll(() => sandbox.close());

const tools = [aTool('find', { query: {} }), aTool('write', { body: {} }, { effect: 'write' })];
const find = { id: 'deals', tool: 'crm_1a2b3c4d.find' };
const check = (subject: Json, more: object = {}, result?: Json) => {
  const write = { id: 'write', tool: 'crm_1a2b3c4d.write', dependsOn: ['deals'], args: { body: { subject } }, ...more };
  const plan = { goal: 'g', steps: [find, write], ...(result !== undefined && { result }) };
  return checkPlan(plan as PlanInput, { tools, sandbox, mayFill: true });
};
const each = { forEach: { $: 'steps.deals.output' } };

test.each<[text: string, more?: object]>([
  ['Call about {{steps.deals.output.items[0].name}}'],
  ['{{ deals.name }}'],
  ['Call $\u007bsteps.deals.output.name} today'],
  ['Due $\u007bnow}'],
  ["'Call ' & steps.deals.output.name"],
  ['steps.deals.output.items[0].id'],
  ['{"$": "steps.deals.output.items[0].id"}'],
  ["{{$join(steps.deals.output.names, ', ')}}"],
  ["now ~> $startOf('day')"],
  ["$dateAdd(now, 1, 'day')"],
  ['item.name', each],
  ['For {{item.name}}', each],
])('text that would be sent with an expression in it is refused with the remedy: %s', async (text, more) => {
  const message = expect.stringContaining('{"$text": "Call {{steps.deals.output.name}}"}');
  expect(await check(text, more)).toMatchObject({
    ok: false,
    complaints: [{ pointer: '/steps/1/args/body/subject', message }],
  });
});

test('such text in a result is refused, too', async () => {
  const checked = await check('x', {}, { said: 'Wrote {{steps.write.output.id}}' });
  expect(checked).toMatchObject({ ok: false, complaints: [{ pointer: '/result/said' }] });
});

test.each(['Dear {{first_name}}', 'Price: $\u007bamount}', '{{#each rows}} x {{/each}}'])(
  'a template that may be meant for the service is a doubt: %s',
  async (text) => {
    const checked = await check(text);
    expect(checked).toMatchObject({
      ok: true,
      doubts: [{ message: expect.stringContaining('give the same plan again') }],
    });
  },
);

test.each([
  'Costs $5, {really}',
  "It's now or never",
  'item.name',
  'Send the item. Next steps: call.',
  'https://example.com/steps/deals?x={y}',
])('plain text passes: %s', async (text) => {
  expect(await check(text)).toMatchObject({ ok: true, doubts: [] });
});

test('a text with values is accepted, its expressions are checked and its step waits for the steps they name', async () => {
  const plan = (subject: string) => check({ $text: subject }, { dependsOn: undefined });
  const checked = await plan('Call {{steps.deals.output.items[0].name}}');
  expect(checked.ok && checked.dependencies.get('write')).toEqual(['deals']);
  expect(await plan('Call {{steps.deal.output.name}}')).toMatchObject({
    complaints: [{ message: expect.stringContaining('there is no step deal. Did you mean deals?') }],
  });
  expect(await plan('Call {{steps.deals.output.name')).toMatchObject({
    complaints: [{ pointer: '/steps/1/args/body/subject', message: expect.stringContaining('{{ is not closed by }}') }],
  });
  expect(await check({ $text: 'Call', more: 1 })).toMatchObject({
    complaints: [{ message: expect.stringContaining('$text must be text and stand alone') }],
  });
});
