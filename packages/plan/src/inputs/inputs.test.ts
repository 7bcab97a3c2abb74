import type { Json, Plan } from '@errand/contracts';
import { Plan as PlanSchema } from '@errand/contracts';
import { afterAll, expect, test } from 'vitest';
import { createSandbox } from '../sandbox/sandbox.ts';
import { aTool } from '../testing/a-tool.ts';
import { bindInputs } from './bind-inputs.ts';
import { findInputs, type RunTexts } from './find-inputs.ts';
import { inputSchemaOf } from './input-schema.ts';
import { replaceValues, replaceValuesInPlan } from './replace-values.ts';

const sandbox = createSandbox();
afterAll(() => sandbox.close());

const group = (properties: object) => ({ type: 'object', properties });
const tools = [
  { ...aTool('listAccounts', { query: group({ name: { type: 'string' } }) }), title: 'List accounts' },
  {
    ...aTool('listDeals', {
      query: group({
        minAmount: { type: 'integer', minimum: 0, description: 'At least' },
        limit: { type: 'integer' },
        stage: { type: 'string', enum: ['won', 'negotiation'] },
      }),
    }),
    title: 'List deals',
  },
  {
    ...aTool('createNote', { body: group({ subject: { type: 'string' } }) }, { effect: 'write' }),
    title: 'Create a note',
  },
];
const planOf = (steps: object[], result?: Json): Plan =>
  PlanSchema.parse({ goal: 'Deals of Northwind', steps, ...(result !== undefined && { result }) });
const inputsOf = (plan: Plan, run: Partial<RunTexts>) => {
  const inputs = findInputs(plan, tools, { intent: '', context: '', ...run });
  return { found: inputs, bound: bindInputs(plan, inputs) };
};

test('a value of the intent becomes an input in every place', () => {
  const plan = planOf(
    [
      { id: 'accounts', tool: 'crm_1a2b3c4d.listAccounts', args: { query: { name: 'Northwind' } } },
      {
        id: 'deals',
        tool: 'crm_1a2b3c4d.listDeals',
        args: { query: { minAmount: 50000, limit: 100, stage: 'negotiation' } },
        when: { $: '$count(steps.accounts.output.items[$lowercase(name) = "northwind"]) > 0' },
      },
      {
        id: 'note',
        tool: 'crm_1a2b3c4d.createNote',
        args: { body: { subject: 'Call Northwind soon' } },
        say: 'Northwind has none.',
      },
    ],
    { account: 'Northwind', deals: { $: 'steps.deals.output.items[amount > 50000]' } },
  );
  const { found: inputs, bound } = inputsOf(plan, {
    intent: 'Which deals over 50,000 of northwind are in negotiation?',
  });
  expect(inputs.map(({ name, value, from }) => [name, value, from])).toEqual([
    ['accountName', 'Northwind', 'intent'],
    ['minAmount', 50000, 'intent'],
    ['stage', 'negotiation', 'intent'],
  ]);
  expect(inputs[0]!.usedIn).toEqual([
    { stepId: 'accounts', argument: 'name' },
    { stepId: 'deals', argument: 'a condition' },
  ]);
  expect(bound).toMatchObject({
    goal: 'Deals of Northwind',
    steps: [
      { args: { query: { name: { $: 'input.accountName' } } } },
      {
        args: { query: { minAmount: { $: 'input.minAmount' }, limit: 100, stage: { $: 'input.stage' } } },
        when: { $: '$count(steps.accounts.output.items[$lowercase(name) = $lowercase($$.input.accountName)]) > 0' },
      },
      {
        args: { body: { subject: { $text: 'Call {{input.accountName}} soon' } } },
        say: { $text: '{{input.accountName}} has none.' },
      },
    ],
    result: {
      account: { $: 'input.accountName' },
      deals: { $: 'steps.deals.output.items[amount > $$.input.minAmount]' },
    },
  });
  expect(inputSchemaOf(inputs)).toEqual({
    type: 'object',
    properties: {
      accountName: { type: 'string', title: 'Account name', examples: ['Northwind'] },
      minAmount: { type: 'integer', minimum: 0, title: 'Min amount', description: 'At least', examples: [50000] },
      stage: { type: 'string', enum: ['won', 'negotiation'], title: 'Stage', examples: ['negotiation'] },
    },
    required: ['accountName', 'minAmount', 'stage'],
    additionalProperties: false,
  });
});

test('a bound plan computes the same for the values of its run', async () => {
  const expressions = [
    'items[$lowercase(name) = "northwind"].id',
    "items[name = 'Northwind' and amount >= 50000].id",
    '"Note on Northwind: " & $string($count(items))',
    '{"Northwind": $count(items[amount<50000])}',
    'items[name ~> /north/i and 50000 <= amount].id',
    '$join(items.(name & " or Northwind"), ", ")',
    '$round(10 / 3, 2) & "/" & "Northwind"',
  ];
  const items = [
    { id: 'a', name: 'Northwind', amount: 60000 },
    { id: 'b', name: 'Contoso', amount: 70000 },
  ];
  const plan = planOf([{ id: 's', tool: 'crm_1a2b3c4d.createNote', args: { body: { subject: 'x', amount: 50000 } } }], {
    all: expressions.map(($) => ({ $ })),
  });
  const { found: inputs, bound } = inputsOf(plan, { intent: 'Notes on Northwind over 50k' });
  const all = (bound.result as { all: { $: string }[] }).all.map(({ $ }) => $);
  const of = async (accountName: string, amount: number) =>
    (await sandbox.evaluate(all, { items, input: { [inputs[1]!.name]: accountName, amount } })).map((outcome) =>
      outcome.ok ? outcome.value : outcome,
    );
  const before = (await sandbox.evaluate(expressions, { items })).map((outcome) => outcome.ok && outcome.value);
  expect(inputs.map(({ value }) => value)).toEqual([50000, 'Northwind']);
  expect(await of('Northwind', 50000)).toEqual(before);
  expect((await of('Contoso', 65000)).slice(0, 3)).toEqual(['b', 'b', 'Note on Contoso: 2']);
});

test('pairs of the context and inputs that there are become inputs of the same name; keys of objects and others stay', () => {
  const plan = planOf([
    {
      id: 'deals',
      tool: 'crm_1a2b3c4d.listDeals',
      args: {
        query: {
          name: { $: 'pairs.account' },
          minAmount: { $: '$number(pairs.`min amount`)' },
          limit: { $: 'input.limit' },
        },
      },
    },
  ]);
  const { found: inputs, bound } = inputsOf(plan, {
    context: 'account=Northwind; min amount: 5000; other=1',
    input: { limit: 7, unread: 1 },
  });
  expect(inputs.map(({ name, value, from, schema }) => [name, value, from, schema.type])).toEqual([
    ['account', 'Northwind', 'context', 'string'],
    ['minAmount', 5000, 'context', 'number'],
    ['limit', 7, 'input', 'number'],
  ]);
  expect(bound.steps[0]!.args).toEqual({
    query: { name: { $: 'input.account' }, minAmount: { $: '$number(input.minAmount)' }, limit: { $: 'input.limit' } },
  });
});

test('a number is one input for each argument, and reserved names are not used', () => {
  const plan = planOf([
    {
      id: 'a',
      tool: 'crm_1a2b3c4d.listDeals',
      args: { query: { minAmount: 5, limit: 5, constructor: 'odd', in: 'here' } },
    },
    { id: 'b', tool: 'crm_1a2b3c4d.listDeals', args: { query: { minAmount: 5, __proto: 'odd2' } } },
  ]);
  const { found: inputs, bound } = inputsOf(plan, { intent: 'the 5 deals of at least 5 that are odd here' });
  expect(inputs.map(({ name }) => name)).toEqual(['minAmount', 'limit', 'valueconstructor', 'valuein']);
  expect(bound.steps[1]!.args).toMatchObject({ query: { minAmount: { $: 'input.minAmount' } } });
});

test('only selected values are bound', () => {
  const plan = planOf([
    { id: 'a', tool: 'crm_1a2b3c4d.listDeals', args: { query: { stage: 'won', note: 'won by Northwind' } } },
  ]);
  const { found: inputs } = inputsOf(plan, { intent: 'deals won by Northwind' });
  const stage = inputs.filter(({ value }) => value === 'won');
  expect(bindInputs(plan, stage).steps[0]!.args).toEqual({
    query: { stage: { $: 'input.stage' }, note: { $text: '{{input.stage}} by Northwind' } },
  });
});

test('texts say the values of another run; where two overlap the longer one counts', () => {
  const values = [
    { was: 'Northwind', is: 'Contoso' },
    { was: 'Northwind Trading', is: 'Fabrikam' },
    { was: 50000, is: 7 },
  ];
  expect(
    replaceValues('Deals over 50,000 (50k, 500000) of northwind and Northwind Trading, not Northwinds', values),
  ).toBe('Deals over 7 (7, 500000) of Contoso and Fabrikam, not Northwinds');
  const plan = planOf([
    {
      id: 'a',
      tool: 'crm_1a2b3c4d.createNote',
      args: { body: { subject: { $fill: 'a line on Northwind' } } },
      reason: 'For Northwind',
    },
  ]);
  expect(replaceValuesInPlan(plan, values)).toMatchObject({
    goal: 'Deals of Contoso',
    steps: [{ reason: 'For Contoso', args: { body: { subject: { $fill: 'a line on Contoso' } } } }],
  });
});
