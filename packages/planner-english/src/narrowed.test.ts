import { describe } from 'vitest';
import { practice } from './testing/practice.ts';
import { billing, calendar, tracker } from './testing/services.ts';
import { shop } from './testing/shop.ts';
import { plans, refusals } from './testing/tables.ts';
import { service } from './testing/tools.ts';

describe('what an issue tracker cannot be asked for', () => {
  plans(tracker, [
    ['Open issues that are urgent', ['listIssues', { query: { state: 'open', priority: 'urgent', per_page: 50 } }]],
    [
      'Which issues were opened since 1 May 2026?',
      ['listIssues', { query: { created_after: '2026-05-01T00:00:00Z', per_page: 50 } }],
    ],
    ['Set issues 4 and 5 to closed', ['updateIssue', { path: { issueId: '4' }, body: { state: 'closed' } }]],
  ]);
  refusals(tracker, [
    ['Close all open or urgent issues', '"'],
    ['Issues with high or urgent priority', '"'],
    ['Low, high or urgent issues', '"'],
    ['The second latest issue', '"second latest"'],
    ['Issues above low priority', '"above"'],
    ['Issues closed since 1 May 2026', '"closed 1 May 2026"'],
    ['How many issues did Ana close last week?', '"close last week"'],
    ['Issues that we have closed since 1 May 2026', '"closed'],
    ['How many issues are open and how many are closed?', '"how many are closed'],
    ['Close issue 4 unless it is urgent', '"unless'],
    ['Close issue 4 every Monday', '"every Monday"'],
    ['First comment on issue 4', '"'],
    ['Comment on issue 4', '"body"'],
  ]);
});

describe('amounts in cents, and numbers that are too large', () => {
  const till = service('till', 'Till', [
    {
      call: 'POST /orders/{order_id}/refunds',
      name: 'createRefund',
      title: 'Refund an order',
      body: { 'amount!': 'integer: Amount to pay back, in euro cents', reason: 'string: Why it is paid back' },
      answer: { id: 'string', amount: 'integer' },
    },
    {
      call: 'POST /vouchers',
      name: 'createVoucher',
      title: 'Create a voucher for an order',
      body: { 'order_id!': 'integer: Id of the order' },
      answer: { id: 'string' },
    },
    {
      call: 'GET /orders',
      name: 'listOrders',
      title: 'List orders',
      query: { min_total: 'integer: Orders of at least this total, in euro cents' },
      answer: [{ id: 'string', total: 'integer: Total in euro cents' }],
    },
  ]);
  type Call = [operation: string, args: Record<string, Record<string, unknown>>];
  const refund = (amount: number): Call => ['createRefund', { path: { order_id: '4116' }, body: { amount } }];
  plans(till, [
    ['Refund €20 on order 4116', refund(2000)],
    ['Refund 20 euros on order 4116', refund(2000)],
    ['Refund 19.99 euros on order 4116', refund(1999)],
    ['Refund 250 cents on order 4116', refund(250)],
    ['Create a voucher for order 4116', ['createVoucher', { body: { order_id: 4116 } }]],
    ['Orders of at least 100 euros', ['listOrders', { query: { min_total: 10_000 } }]],
  ]);
  refusals(till, [
    ['Refund 20 on order 4116', '"20"'],
    ['Refund $20 on order 4116', '"'],
    ['Create a voucher for order 90071992547409931', '"90071992547409931"'],
    [`Orders of less than 1${'0'.repeat(400)} euros`, '"'],
    [`Orders of at least 1${'0'.repeat(400)} euros`, '"'],
  ]);
});

describe('what a shop cannot be asked for', () => {
  plans(shop, [
    ['Find products for 10 euros or less', ['searchProducts', { query: { maxPrice: 10, limit: 60 } }]],
    [
      'Which orders were shipped last month?',
      ['listOrders', { query: { status: 'shipped', from: '2026-10-01', to: '2026-10-31', limit: 100 } }],
    ],
  ]);
  refusals(shop, [
    ['Set the price of product SKU-1 to 10 euros a month', '"a month"'],
    ['Orders placed on Monday and Tuesday', '"Monday and Tuesday"'],
    ['Orders placed on a Monday', '"on a Monday"'],
    ['Orders placed yesterday afternoon', '"yesterday afternoon"'],
    ['Orders of the last week of May', '"'],
    ['How much tax did we take with orders last month?', '"'],
    ['The third largest order', '"third largest"'],
  ]);
});

describe('what a calendar, a practice and a biller cannot be asked for', () => {
  refusals(calendar, [
    ['Create an event "Stand-up" every Monday from 10:00 to 10:15', '"every Monday"'],
    ['Create a weekly event "Stand-up" tomorrow from 10:00 to 10:15', '"weekly"'],
  ]);
  refusals(practice, [
    ["What is the email of Ana Brandt's manager?", '"manager"'],
    ['Sessions on Fridays', '"'],
  ]);
  refusals(billing, [
    ['Invoices of customers without an invoice', '"'],
    ['Send all invoices except in_4', '"except'],
  ]);
});
