import { type Json, Plan, type PlanInput, type ToolSpec } from '@errand/contracts';
import { expect, test } from 'vitest';
import { aTool } from '../testing/a-tool.ts';
import { callWords } from './call-words.ts';
import { Names } from './names.ts';
import { PlanView } from './plan-view.ts';
import { type AnsweredQuestion, summaryOf } from './summary.ts';

const titled = (operation: string, title: string, effect: ToolSpec['effect'] = 'read') => ({
  ...aTool(operation, {}, { effect }),
  title,
});
const tools = [
  titled('listAccounts', 'List accounts'),
  titled('listDeals', 'List deals'),
  titled('salesSummary', 'Get the sales summary of a quarter'),
  titled('getUser', 'Get a user'),
  titled('createTicket', 'Create a ticket', 'write'),
  titled('createActivity', 'Create an activity', 'write'),
  { ...aTool('notify', {}, { effect: 'write' }), title: 'Notification of an owner' },
];
const request = { intent: 'What Northwind asks for', context: '' };
const names = new Names();
names.learn(
  JSON.stringify({
    items: [
      { id: 'acc_000001', name: 'Northwind' },
      { id: 'acc_000002', name: 'Contoso' },
    ],
  }),
);

type Call = { args?: { [key: string]: Json }; item?: Json };
/** A summary of a run with a step of each operation, called this many times. */
function summary(
  calls: Record<string, Call[]>,
  result?: Json,
  template?: PlanInput['result'],
  questions: readonly AnsweredQuestion[] = [],
): string {
  const steps = Object.keys(calls).map((operation) => ({ id: operation, tool: `crm_1a2b3c4d.${operation}` }));
  const asking = questions.map(({ question }, n) => ({ id: `ask${n}`, tool: 'errand.ask', args: { question } }));
  const plan = Plan.parse({
    goal: 'g',
    steps: [...steps, ...asking],
    ...(template !== undefined && { result: template }),
  });
  const done = plan.steps.slice(0, steps.length).map((step) => {
    const tool = tools.find(({ operation }) => operation === step.id)!;
    const all = calls[step.id]!;
    return {
      stepId: step.id,
      tool,
      count: all.length,
      firstCalls: all.slice(0, 3).map((call) => ({ step, tool, args: {}, ...call })),
    };
  });
  return summaryOf(new PlanView(plan, tools), { done, questions, result, names, request });
}
const northwind = { query: { accountId: 'acc_000001', minAmount: 50000, limit: 20 } };
const deals = { $: 'steps.listDeals.output.items' };

test.each<[what: string, found: string, sentence: string]>([
  [
    'a list',
    summary({ listDeals: [{ args: northwind }] }, [1, 2, 3]),
    'Found 3 deals of Northwind with amount at least 50,000.',
  ],
  [
    'none',
    summary({ listDeals: [{ args: northwind }] }, { items: [] }),
    'Found no deals of Northwind with amount at least 50,000.',
  ],
  ['one', summary({ listDeals: [{}] }, { deals: [{}] }, { deals }), 'Found 1 deal.'],
  ['two lists', summary({ listDeals: [{}] }, { deals: [{}, {}], owners: [{}] }), 'Found 2 deals and 1 owner.'],
  ['a thing', summary({ listAccounts: [{}] }, { id: 'acc_000001', name: 'Northwind' }), 'Found the account Northwind.'],
  [
    'figures',
    summary({ salesSummary: [{}] }, { quarter: 'Q4 2023', total: 1234567.5, regions: [1, 2, 3, 4] }),
    'The sales summary of a quarter: quarter "Q4 2023", total 1,234,567.5 and 4 regions.',
  ],
  [
    'rows with what they refer to',
    summary({ listDeals: [{ args: northwind }], getUser: [{}] }, [{}, {}], {
      $: '[steps.listDeals.output, steps.getUser.output]',
    }),
    'Found 2 deals of Northwind with amount at least 50,000.',
  ],
  [
    'within a time',
    summary({ listDeals: [{ args: { query: { closeDateFrom: '2024-01-01' } } }] }, [1]),
    'Found 1 deal, close date from 1 Jan 2024.',
  ],
  [
    'figures of rows',
    summary({ listDeals: [{}] }, { count: 27, byRegion: [{}, {}] }),
    'Deals: count 27 and 2 regions.',
  ],
  ['a number', summary({ listDeals: [{}] }, 42), 'The answer is 42.'],
  ['nothing', summary({ listDeals: [{}] }, null), 'Nothing was found.'],
])('what was found: %s', (_, result, sentence) => {
  expect(result).toBe(sentence);
});

const call = { body: { accountId: 'acc_000002', type: 'call', subject: 'Call', scheduledAt: '2026-11-26T10:00:00Z' } };
const ticket = (accountId: string, name: string): Call => ({
  args: { body: { accountId } },
  item: { id: accountId, name },
});

test.each<[what: string, done: string, sentence: string]>([
  [
    'one thing',
    summary({ listAccounts: [{}], createActivity: [{ args: call }] }, { id: 'act_1' }),
    'Created an activity "Call" of type call for Contoso, scheduled at 26 Nov 2026, 10:00 UTC.',
  ],
  [
    'the same for several',
    summary({ createTicket: [ticket('acc_000001', 'Northwind'), ticket('acc_000002', 'Contoso')] }, null),
    'Created 2 tickets, for Northwind and Contoso.',
  ],
  [
    'the same for many',
    summary({ createTicket: Array.from({ length: 40 }, (_, n) => ticket(`acc_${n}`, `Firm ${n}`)) }, null),
    'Created 40 tickets, for Firm 0, Firm 1, Firm 2 and 37 more.',
  ],
  [
    'several things',
    summary({ createTicket: [{}], createActivity: [{}], notify: [{}] }, null),
    'Created a ticket. Created an activity. 1 other change was made.',
  ],
  ['a thing whose title has no verb', summary({ notify: [{}] }, null), 'Done: Notification of an owner.'],
])('what was done: %s', (_, done, sentence) => {
  expect(done).toBe(sentence);
});

const which = { question: 'Which Alex do you mean?', answer: 'Alex Kim, Contoso' };
const day = { question: 'Which day?', answer: undefined };
const why = { question: 'Why?\u202E', answer: 'x'.repeat(500) };
test.each<[what: string, told: string, sentence: string]>([
  [
    'an answer that is the result',
    summary({}, { choice: 'c1' }, undefined, [which]),
    '"Which Alex do you mean?" was answered: "Alex Kim, Contoso".',
  ],
  [
    'an answer, and what was done with it',
    summary({ createTicket: [{}] }, null, undefined, [which]),
    'Created a ticket. "Which Alex do you mean?" was answered: "Alex Kim, Contoso".',
  ],
  [
    'a question that nobody answered',
    summary({ listDeals: [{}] }, [1, 2], undefined, [day]),
    'Found 2 deals. Nobody answered "Which day?".',
  ],
  [
    'many questions',
    summary({}, null, undefined, [which, day, why, why]),
    '"Which Alex do you mean?" was answered: "Alex Kim, Contoso". Nobody answered "Which day?". 2 other questions were asked.',
  ],
  [
    'what a person wrote, cut and without hidden letters',
    summary({}, null, undefined, [why]),
    `"Why?" was answered: ${'x'.repeat(59)}….`,
  ],
])('what was asked: %s', (_, questions, sentence) => {
  expect(questions).toBe(sentence);
});

test('a summary is short, whatever the values are', () => {
  const args = { body: Object.fromEntries(Array.from({ length: 90 }, (_, n) => [`field${n}`, 'x'.repeat(5000)])) };
  expect(summary({ createTicket: [{ args }] }, null).length).toBeLessThanOrEqual(301);
});

test('a call names things by their names, and the item of its list', () => {
  const plan = Plan.parse({
    goal: 'g',
    steps: [
      { id: 'accounts', tool: 'crm_1a2b3c4d.listAccounts' },
      {
        id: 'tickets',
        tool: 'crm_1a2b3c4d.createTicket',
        forEach: { $: 'steps.accounts.output.items' },
        args: { body: { accountId: { $: 'item.id' }, priority: 'high' } },
      },
    ],
  });
  const [, step] = plan.steps;
  const view = new PlanView(plan, tools);
  const tool = tools.find(({ operation }) => operation === 'createTicket')!;
  const call = { step: step!, tool, args: { body: { accountId: 'acc_000001', priority: 'high' } } };
  expect(callWords(view, call, { names, request: { intent: 'High ones', context: '' } })).toEqual({
    sentence: 'Create a ticket for Northwind at CRM with priority high',
    args: [
      {
        pointer: '/body/accountId',
        label: 'account id',
        text: 'acc_000001',
        name: 'Northwind',
        origin: 'of an item found by List accounts',
        from: 'item',
        stepId: 'accounts',
      },
      { pointer: '/body/priority', label: 'priority', text: 'high', origin: 'from the intent', from: 'intent' },
    ],
  });
  const nextCall = { ...call, args: { body: { priority: 'high' } }, item: { name: 'Contoso' } };
  expect(callWords(view, nextCall, { names, request }).sentence).toBe(
    'Create a ticket at CRM with priority high, for Contoso',
  );
});
