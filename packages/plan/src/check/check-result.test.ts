import type { Json, JsonSchema, PlanInput } from '@errand/contracts';
import { afterAll, expect, test } from 'vitest';
import { createSandbox } from '../sandbox/sandbox.ts';
import { aTool } from '../testing/a-tool.ts';
import { checkPlan } from './check.ts';

const sandbox = createSandbox();
afterAll(() => sandbox.close());

const text = { type: 'string' };
const described: JsonSchema = {
  type: 'object',
  properties: {
    items: { type: 'array', items: { type: 'object', properties: { id: text, amount: { type: 'number' } } } },
    total: { type: 'integer' },
  },
};
const tools = [
  { ...aTool('list', { query: {} }), outputSchema: described },
  aTool('look', { query: {} }),
  aTool('write', { body: {} }, { effect: 'write' }),
];
const outputSchema: JsonSchema = {
  type: 'object',
  properties: {
    count: { type: 'integer' },
    names: { type: 'array', items: text },
    who: { type: 'object', properties: { id: text }, required: ['id'] },
    open: { type: 'boolean' },
  },
  required: ['count'],
};
const steps = [
  { id: 'list', tool: 'crm_1a2b3c4d.list' },
  { id: 'look', tool: 'crm_1a2b3c4d.look' },
  { id: 'write', tool: 'crm_1a2b3c4d.write', dependsOn: ['list'] },
];
const check = (result: Json | undefined, { planned = true, schema = outputSchema as JsonSchema | null } = {}) =>
  checkPlan({ goal: 'g', steps, ...(result !== undefined && { result }) } as PlanInput, {
    tools,
    sandbox,
    mayFill: true,
    planned,
    ...(schema && { outputSchema: schema }),
  });
const count = { $: 'steps.list.output.total' };

test.each<[what: string, result: Json, pointer: string, words: string]>([
  [
    'a missing key',
    { names: [{ $: 'intent' }] },
    '/result',
    'outputSchema requires count here. It is of type integer.',
  ],
  [
    'a literal of another type',
    { count: 'three', names: { $: 'steps.look.output' } },
    '/result/count',
    'must be integer',
  ],
  ['a wrong item', { count, names: ['a', 5] }, '/result/names/1', 'must be string'],
  [
    'a text where a number is wanted',
    { count: { $text: '{{steps.list.output.total}}' } },
    '/result/count',
    'gives string',
  ],
  ['a list where an object is wanted', { count, who: { $: '[steps.look.output]' } }, '/result/who', 'gives array'],
  [
    'a number where a truth value is wanted',
    { count, open: { $: '$count(steps.look.output)' } },
    '/result/open',
    'gives number',
  ],
  ['an output of another type', { count: { $: 'steps.list.output.items[0].id' } }, '/result/count', 'gives string'],
  ['an output that lacks a member', { count, who: { $: 'steps.list.output' } }, '/result/who', 'requires id'],
])('%s cannot fit outputSchema, and is refused before anything is called', async (_what, result, pointer, words) => {
  expect(await check(result)).toMatchObject({
    ok: false,
    complaints: [{ pointer, message: expect.stringContaining(words) }],
  });
});

test.each<[what: string, result: Json]>([
  ['one item where a list is wanted', { count, names: 'one' }],
  ['a binding that may give a list', { count, names: { $: 'steps.list.output.items.id' } }],
  ['a number that may be whole', { count: { $: 'steps.list.output.items[0].amount' } }],
  ['what is not described', { count: { $: 'steps.look.output.n' }, who: { $: 'steps.look.output.who' } }],
  ['a value for a model', { count: { $fill: 'how many' } }],
  ['members that the schema does not name', { count, more: 'x' }],
  ['a whole computed object', { $: "{'count': steps.list.output.total}" }],
])('%s may fit', async (_what, result) => {
  expect(await check(result)).toMatchObject({ ok: true });
});

test.each<[what: string, result: Json]>([
  ['facts', { count: 12, names: ['Northwind'] }],
  ['a sentence', 'There are 12 deals.'],
  ['a truth value', { open: true }],
])('a result of %s that comes from no step is made up, and refused', async (_what, result) => {
  const message = expect.stringContaining('Nothing of this result comes from the steps');
  expect(await check(result, { schema: null })).toMatchObject({ complaints: [{ pointer: '/result', message }] });
});

test('a caller may write a result out, and may know more than the descriptions', async () => {
  const byCaller = { planned: false };
  expect(await check('done', { ...byCaller, schema: null })).toMatchObject({ ok: true });
  expect(await check({ count: { $: 'steps.list.output.items[0].id' } }, byCaller)).toMatchObject({ ok: true });
  expect(await check({ count: 'three' }, byCaller)).toMatchObject({ complaints: [{ pointer: '/result/count' }] });
});

test('without a result, the output of the last step must be able to fit', async () => {
  expect(await check(undefined)).toMatchObject({ ok: true });
  const last = (tool: string) =>
    checkPlan({ goal: 'g', steps: [{ id: 'a', tool }] } as PlanInput, {
      tools,
      sandbox,
      mayFill: true,
      planned: true,
      outputSchema,
    });
  expect(await last('crm_1a2b3c4d.list')).toMatchObject({
    complaints: [{ pointer: '/result', message: expect.stringContaining('outputSchema requires count') }],
  });
});

test('an empty or null result says nothing, and is left to the run', async () => {
  expect(await check({ count: null } as Json, { schema: null })).toMatchObject({ ok: true });
});
