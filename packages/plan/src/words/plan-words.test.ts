import { Plan, type PlanInput } from '@errand/contracts';
import { describe, expect, test } from 'vitest';
import { aTool } from '../testing/a-tool.ts';
import { planWords, renderPlan } from './plan-words.ts';

const CRM = 'crm_1a2b3c4d';
const tools = [
  { ...aTool('listAccounts'), title: 'List accounts' },
  { ...aTool('listDeals'), title: 'List deals' },
  { ...aTool('getUser'), title: 'Get a user' },
  { ...aTool('createTicket', {}, { effect: 'write' }), title: 'Create a ticket' },
  { ...aTool('createActivity', {}, { effect: 'write' }), title: 'Create an activity' },
  { ...aTool('updateDeal', {}, { effect: 'write' }), title: 'Update a deal' },
];
type Step = Omit<PlanInput['steps'][number], 'id' | 'tool'>;
const plan = (steps: Record<string, [operation: string, step?: Step]>, result?: PlanInput['result']): Plan =>
  Plan.parse({
    goal: 'Deals of Northwind',
    steps: Object.entries(steps).map(([id, [operation, step]]) => ({ id, tool: `${CRM}.${operation}`, ...step })),
    ...(result !== undefined && { result }),
  });
const accounts: [string, Step] = ['listAccounts', { args: { query: { search: 'Northwind', limit: 20 } } }];

test('a plan in words has the action of each step and the origin of each value', () => {
  const two = plan(
    {
      accounts,
      deals: [
        'listDeals',
        { args: { query: { accountId: { $: 'steps.accounts.output.items[0].id' }, minAmount: 50000 } } },
      ],
    },
    { deals: { $: 'steps.deals.output.items' }, account: { $: 'steps.accounts.output.items[0]' } },
  );
  const request = { intent: 'Which deals over 50,000 does Northwind have?', context: '' };
  expect(renderPlan(two, tools, request)).toBe(
    [
      'Deals of Northwind',
      '',
      '1. List accounts matching "Northwind"',
      '   search: from the intent; limit: set by the plan',
      '2. List deals of the account found in 1 with amount at least 50,000',
      '   account id: found by List accounts; min amount: from the intent',
      '',
      'Result: deals from 2 and account from 1',
    ].join('\n'),
  );
});

describe('a step', () => {
  const sentenceOf = (step: [string, Step], before = true) => {
    const { steps } = planWords(plan({ ...(before && { accounts }), it: step }), tools);
    const { sentence, notes } = steps.at(-1)!;
    return [sentence, ...notes].join('; ');
  };
  test.each<[what: string, step: [string, Step], sentence: string]>([
    [
      'for each item of a list',
      [
        'createTicket',
        {
          forEach: { $: 'steps.accounts.output.items' },
          args: { body: { accountId: { $: 'item.id' }, priority: 'high' } },
        },
      ],
      'Create a ticket for each account found in 1 with priority high',
    ],
    [
      'for each item, of which it takes no id',
      [
        'createTicket',
        { forEach: { $: 'steps.accounts.output.items' }, args: { body: { subject: { $: 'item.name' } } } },
      ],
      'Create a ticket with subject as found in 1; once for each item found in 1',
    ],
    [
      'of which a name, a kind and a time are known',
      [
        'createActivity',
        { args: { body: { type: 'call', subject: 'Call with Contoso', scheduledAt: '2026-11-26T10:00:00Z' } } },
      ],
      'Create an activity "Call with Contoso" of type call, scheduled at 26 Nov 2026, 10:00 UTC',
    ],
    [
      'about the thing that its id names',
      ['updateDeal', { args: { path: { dealId: 'dea_000007' }, body: { stage: 'won' } } }],
      'Update the deal dea_000007 with stage won',
    ],
    [
      'on a condition, after another',
      [
        'createTicket',
        { when: { $: '$count(steps.accounts.output.items) = 1' }, dependsOn: ['accounts'], args: { body: {} } },
      ],
      'Create a ticket; only if what 1 found allows it; after 1',
    ],
    [
      'before which the plan may end',
      ['createTicket', { unless: { $: 'steps.accounts.output.total = 0' }, say: 'There is none.' }],
      'Create a ticket; the plan may end here, depending on what 1 found',
    ],
    [
      'that is found by a text',
      [
        'getUser',
        { args: { path: { userId: { $: '($n := "northwind"; steps.accounts.output.items[name = $n].ownerId)' } } } },
      ],
      'Get the user found in 1 for "northwind"',
    ],
    [
      'with a text in which a value stands',
      ['createTicket', { args: { body: { subject: { $text: 'Call {{steps.accounts.output.items[0].name}}' } } } }],
      'Create a ticket "Call [name found in 1]"',
    ],
    [
      'with a value that a model writes',
      ['createTicket', { args: { body: { notes: { $fill: 'A friendly note' } } } }],
      'Create a ticket with notes written by a model',
    ],
  ])('%s', (_, step, sentence) => {
    expect(sentenceOf(step)).toBe(sentence);
  });

  test('of another service has its name', () => {
    const elsewhere = { ...tools[0]!, name: 'desk_1a2b3c4d.listAccounts', integrationName: 'Desk' };
    const mixed = plan({ accounts });
    mixed.steps.push({ ...mixed.steps[0]!, id: 'others', tool: elsewhere.name });
    const { steps } = planWords(mixed, [...tools, elsewhere]);
    expect(steps.map(({ sentence }) => sentence)).toEqual([
      'List accounts matching "Northwind" at CRM',
      'List accounts matching "Northwind" at Desk',
    ]);
  });

  test('shows values that are known before the run, and texts that an expression puts in', () => {
    const it: [string, Step] = [
      'createActivity',
      { args: { body: { scheduledAt: { $: '$dateAdd(now, 1)' }, to: { $: '"mallory@evil.test"' } } } },
    ];
    const computed = new Map([['/steps/0/args/body/scheduledAt', '2026-11-26T10:00:00Z']]);
    const { steps } = planWords(plan({ it }), tools, { computed });
    expect(steps[0]?.sentence).toBe('Create an activity, scheduled at 26 Nov 2026, 10:00 UTC, to "mallory@evil.test"');
    expect(steps[0]?.args.map(({ label, origin }) => `${label}: ${origin}`)).toEqual([
      'scheduled at: computed from now',
      'to: computed with "mallory@evil.test"',
    ]);
  });
});

test('the text of a $refuse is not a value of its expression', () => {
  const pick =
    '($q := "Northwind"; $n := $count(steps.accounts.output.items); $n = 1 ? steps.accounts.output.items[0].id : $refuse($n = 0 ? "There is no (such) account." : "There are several."))';
  const { steps } = planWords(
    plan({ accounts, deals: ['listDeals', { args: { query: { accountId: { $: pick } } } }] }),
    tools,
    { intent: 'Deals of Northwind', context: '' },
  );
  expect(steps[1]?.args[0]?.origin).toBe('found by List accounts, with "Northwind"');
});

test('the words contain no expression, id of a step or name of code', () => {
  const jsonata = '($r := [steps.accounts.output.items]; $n := "northwind"; $r[$contains($lowercase(name), $n)][0].id)';
  const text = renderPlan(
    plan(
      { accounts, deals: ['listDeals', { args: { query: { accountId: { $: jsonata } } } }] },
      { $: 'steps.deals.output' },
    ),
    tools,
  );
  expect(text).not.toMatch(/\$|steps\.|crm_|listDeals|accountId/);
  expect(text).toContain('2. List deals of the account found in 1 for "northwind"');
});

test('text of a plan cannot imitate another line or hide', () => {
  const tricky = Plan.parse({
    goal: 'a\n1. fake',
    steps: [{ id: 'x', tool: `${CRM}.get`, reason: 'b\u202e\n2. fake', args: { to: 'me\u200b@x' } }],
  });
  expect(renderPlan(tricky).split('\n')).toEqual([
    'a 1. fake',
    '',
    '1. Get, to "me\\u{200b}@x"',
    '   to: set by the plan',
  ]);
  expect(planWords(tricky, []).steps[0]?.reason).toBe('b 2. fake');
});
