import type { Json, ToolSpec } from '@errand/contracts';
import { afterAll, describe, expect, it } from 'vitest';
import { closeRuns, computed, planOf } from './testing/runs.ts';
import { billing, calendar, everything, tracker } from './testing/services.ts';
import { shop } from './testing/shop.ts';

const NOW = '2024-05-15T09:00:00.000Z';
/** Where a value of the last call is bound by an expression. */
const BOUND = Symbol('bound');

type Case = [
  intent: string,
  context: string,
  operations: string[],
  args?: Record<string, Record<string, Json | typeof BOUND>>,
];

afterAll(closeRuns);

function suite(name: string, tools: readonly ToolSpec[], cases: readonly Case[]) {
  describe(name, () => {
    it.each(cases)('%s', async (intent, context, operations, args) => {
      const draft = await planOf(tools, intent, { context, now: NOW });
      if (draft.kind !== 'plan') {
        expect(operations, draft.kind === 'none' ? draft.reason : '').toEqual([]);
        return;
      }
      const called = draft.plan.steps.map(({ tool }) => tool.split('.')[1]);
      // Further pages of a list are further steps of the same tool.
      expect(called.filter((one, index) => one !== called[index - 1])).toEqual(operations);
      const goal = draft.plan.steps.find(({ tool }) => tool.endsWith(`.${operations.at(-1)}`))!;
      const sent = (await computed(goal.args as Json, { context, now: NOW })) as Record<string, Record<string, Json>>;
      for (const [group, values] of Object.entries(args ?? {})) {
        for (const [key, value] of Object.entries(values)) {
          const found = sent[group]?.[key];
          if (value === BOUND) expect(found, key).toMatchObject({ $: expect.any(String) });
          else expect(found, key).toEqual(value);
        }
      }
    });
  });
}

suite('a calendar', calendar, [
  [
    'What is on my calendar tomorrow?',
    '',
    ['listEvents'],
    { query: { timeMin: '2024-05-16T00:00:00Z', timeMax: '2024-05-17T00:00:00Z' } },
  ],
  [
    'Show the meetings of next week',
    '',
    ['listEvents'],
    { query: { timeMin: '2024-05-20T00:00:00Z', timeMax: '2024-05-27T00:00:00Z' } },
  ],
  ['Find events about "Budget review"', '', ['listEvents'], { query: { q: 'Budget review' } }],
  [
    'Schedule a meeting called "Kickoff" on Friday from 14:00 to 15:30',
    '',
    ['createEvent'],
    { body: { summary: 'Kickoff', start: '2024-05-17T14:00:00Z', end: '2024-05-17T15:30:00Z' } },
  ],
  [
    'Book a call with ana@example.com tomorrow at 9am for 30 minutes',
    '',
    ['createEvent'],
    { body: { start: '2024-05-16T09:00:00Z', end: '2024-05-16T09:30:00Z', attendees: [{ email: 'ana@example.com' }] } },
  ],
  ['Delete event ev_123', '', ['deleteEvent'], { path: { eventId: 'ev_123' } }],
  ['Get the phone number of Maria Anders', '', ['searchPeople'], { query: { query: 'Maria Anders' } }],
  ['Schedule a meeting tomorrow', '', []],
]);

suite('billing', billing, [
  ['List all open invoices', '', ['invoices_list'], { query: { status: 'open' } }],
  [
    'Which unpaid invoices does Acme Corp have?',
    '',
    ['customers_list', 'invoices_list'],
    { query: { customer_id: BOUND, status: 'open' } },
  ],
  ['Show invoices that are due before June 1', '', ['invoices_list'], { query: { due_before: '2024-06-01' } }],
  ['Get invoice in_10234', '', ['invoices_get'], { path: { id: 'in_10234' } }],
  ['Send invoice in_10234', '', ['invoices_send'], { path: { id: 'in_10234' } }],
  ['Void the invoice in_77', '', ['invoices_void'], { path: { id: 'in_77' } }],
  [
    'Create a customer named Blue Whale with email ops@bluewhale.example',
    '',
    ['customers_create'],
    { body: { name: 'Blue Whale', email: 'ops@bluewhale.example' } },
  ],
  [
    'Add a new client',
    'name=Globex; email=hello@globex.example; country=NL',
    ['customers_create'],
    { body: { name: 'Globex', email: 'hello@globex.example', country: 'NL' } },
  ],
  ['Refund payment pay_881, 25.50 euros', '', ['refunds_create'], { body: { payment_id: 'pay_881', amount: 25.5 } }],
  [
    'What payments has the client Globex made?',
    '',
    ['customers_list', 'payments_list'],
    { query: { customer_id: BOUND } },
  ],
  ['How many customers are there?', '', ['customers_list']],
  ['Find the customer with the email jo@acme.example', '', ['customers_list'], { query: { email: 'jo@acme.example' } }],
  ['Create a customer', '', []],
]);

suite('an issue tracker', tracker, [
  ['Show urgent open issues', '', ['listIssues'], { query: { state: 'open', priority: 'urgent' } }],
  [
    'Show the open bugs of the project Apollo',
    '',
    ['listProjects', 'listIssues'],
    { query: { project_id: BOUND, state: 'open' } },
  ],
  ['Which issues are assigned to Priya Raman?', '', ['listMembers', 'listIssues'], { query: { assignee_id: BOUND } }],
  ['Close issue 42', '', ['updateIssue'], { path: { issueId: '42' }, body: { state: 'closed' } }],
  ['Set the priority of issue 7 to high', '', ['updateIssue'], { path: { issueId: '7' }, body: { priority: 'high' } }],
  [
    'Assign issue 12 to Priya Raman',
    '',
    ['listMembers', 'updateIssue'],
    { path: { issueId: '12' }, body: { assignee_id: BOUND } },
  ],
  [
    'Add a comment to issue 12 saying "Fixed in main"',
    '',
    ['addComment'],
    { path: { issueId: '12' }, body: { body: 'Fixed in main' } },
  ],
  [
    'Create an issue titled "Login fails" in the project Apollo with high priority',
    '',
    ['listProjects', 'createIssue'],
    { body: { title: 'Login fails', project_id: BOUND, priority: 'high' } },
  ],
  ['Who works on issue 42?', '', ['getIssue', 'getMember'], { path: { memberId: BOUND } }],
  ['List tickets and who they are assigned to', '', ['listIssues', 'getMember']],
  ['How many open issues are there?', '', ['listIssues'], { query: { state: 'open' } }],
  ['What issues were opened since May 1?', '', ['listIssues'], { query: { created_after: '2024-05-01T00:00:00Z' } }],
]);

suite('a shop', shop, [
  ['Find products under 20 euros', '', ['searchProducts'], { query: { maxPrice: 20 } }],
  ['Show items between 10 and 50 euros', '', ['searchProducts'], { query: { minPrice: 10, maxPrice: 50 } }],
  ['What is the cheapest product?', '', ['searchProducts'], { query: { sortBy: 'price_asc', limit: 1 } }],
  ['Show the 5 most expensive products', '', ['searchProducts'], { query: { sortBy: 'price_desc', limit: 5 } }],
  [
    'Which orders were shipped last month?',
    '',
    ['listOrders'],
    { query: { status: 'shipped', from: '2024-04-01', to: '2024-04-30' } },
  ],
  ['Cancel order ORD-991', '', ['cancelOrder'], { path: { orderId: 'ORD-991' } }],
  ['Order 3 of the product SKU-77', '', ['placeOrder'], { body: { sku: 'SKU-77', quantity: 3 } }],
  ['Change the price of SKU-77 to 19.90', '', ['updateProduct'], { path: { sku: 'SKU-77' }, body: { price: 19.9 } }],
  ['What did the shopper Ben Ito order?', '', ['findShoppers', 'listOrders'], { query: { shopperId: BOUND } }],
  ['Who placed order ORD-991?', '', ['getOrder', 'getShopper']],
  ['Find the buyer jo@acme.example', '', ['findShoppers'], { query: { email: 'jo@acme.example' } }],
]);

suite('all of them at once', everything, [
  [
    'Which unpaid invoices does Acme Corp have?',
    '',
    ['customers_list', 'invoices_list'],
    { query: { status: 'open' } },
  ],
  ['Close issue 42', '', ['updateIssue'], { body: { state: 'closed' } }],
  ['Find products under 20 euros', '', ['searchProducts'], { query: { maxPrice: 20 } }],
  ['What is on my calendar today?', '', ['listEvents'], { query: { timeMin: '2024-05-15T00:00:00Z' } }],
  ['What is the weather in Paris?', '', []],
  ['Transfer 100 dollars to my savings account', '', []],
]);

describe('a refusal', () => {
  it('says what is missing from a write', async () => {
    const draft = await planOf(billing, 'Create a customer');
    expect(draft).toMatchObject({
      kind: 'none',
      code: 'no_plan',
      retryable: false,
      reason: expect.stringMatching(/^"Create a customer" at Billing fits, but it needs to be told "name", "email"\./),
    });
  });

  it('says what was sought and what is there', async () => {
    const draft = await planOf(shop, 'What is the weather in Paris?');
    expect(draft).toMatchObject({
      kind: 'none',
      reason: expect.stringMatching(
        /^I found nothing about "weather", "Paris"\. What can be done here: "Search products", .* at Web shop\.$/,
      ),
    });
  });

  it('names the lack of tools', async () => {
    const draft = await planOf([], 'Show deals');
    expect(draft).toMatchObject({ kind: 'none', reason: expect.stringContaining('No tool') });
  });
});
