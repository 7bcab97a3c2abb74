// Tables of intents: what a plan calls with which arguments, and what is said where there is none.
import { afterAll, describe } from 'vitest';
import { closeRuns } from './testing/runs.ts';
import { billing } from './testing/services.ts';
import { shop } from './testing/shop.ts';
import { BOUND, plans, refusals } from './testing/tables.ts';

afterAll(closeRuns);

describe('billing', () => {
  plans(billing, [
    ['List the paid invoices', ['invoices_list', { query: { status: 'paid', limit: 100 } }]],
    [
      'Which invoices are due after June 1, 2026?',
      ['invoices_list', { query: { due_after: '2026-06-01', limit: 100 } }],
    ],
    [
      'Show the invoices due between 2026-03-01 and 2026-03-31',
      ['invoices_list', { query: { due_after: '2026-02-28', due_before: '2026-04-01', limit: 100 } }],
    ],
    [
      'Which invoices are due this month?',
      ['invoices_list', { query: { due_after: '2026-10-31', due_before: '2026-12-01', limit: 100 } }],
    ],
    [
      'List invoices of Globex',
      ['customers_list', { query: { name: 'Globex' } }],
      ['invoices_list', { query: { customer_id: BOUND, limit: 100 } }],
    ],
    [
      'Who is the customer of invoice in_5?',
      ['invoices_get', { path: { id: 'in_5' } }],
      ['customers_get', { path: { id: BOUND } }],
    ],
    [
      'How many open invoices does Globex have?',
      ['customers_list', { query: { name: 'Globex' } }],
      ['invoices_list', { query: { customer_id: BOUND, status: 'open', limit: 1 } }],
    ],
    [
      'Refund the payment pay_3 because it is a duplicate',
      ['refunds_create', { body: { payment_id: 'pay_3', reason: 'duplicate' } }],
    ],
    [
      'Refund payment pay_9, $12.50, reason duplicate',
      ['refunds_create', { body: { payment_id: 'pay_9', amount: 12.5, reason: 'duplicate' } }],
    ],
    [
      'Create a customer named "Acme" with the email a@acme.example in France',
      ['customers_create', { body: { name: 'Acme', email: 'a@acme.example', country: 'France' } }],
    ],
    ['Get customer cus_11', ['customers_get', { path: { id: 'cus_11' } }]],
    [
      'Send the invoice in_2 and void the invoice in_3',
      ['invoices_send', { path: { id: 'in_2' } }],
      ['invoices_void', { path: { id: 'in_3' } }],
    ],
    [
      'List all invoices and who the customer is',
      ['invoices_list', { query: { limit: 100 } }],
      ['customers_get', { path: { id: BOUND } }],
    ],
    ['Which invoices are over 1,000 euros?', ['invoices_list', { query: { limit: 100 } }]],
    ['Which invoices are between 100 and 200 euros?', ['invoices_list', { query: { limit: 100 } }]],
    ['Show invoices of at least 5k', ['invoices_list', { query: { limit: 100 } }]],
    ['Count the customers', ['customers_list', { query: { limit: 1 } }]],
    ['What is the balance of Globex?', ['customers_list', { query: { name: 'Globex', limit: 100 } }]],
    [
      'Show invoices from Q2 2026',
      ['invoices_list', { query: { due_after: '2026-03-31', due_before: '2026-07-01', limit: 100 } }],
    ],
    [
      'Give me an overview of the open invoices by customer',
      ['invoices_list', { query: { status: 'open', limit: 100 } }],
    ],
    ['List the drafts', ['invoices_list', { query: { status: 'draft', limit: 100 } }]],
    ['Which customers have a balance below 0?', ['customers_list', { query: { limit: 100 } }]],
    [
      'Show the draft invoices of Blue Whale and Globex',
      ['customers_list', { query: { name: 'Blue Whale' } }],
      ['invoices_list', { query: { customer_id: BOUND, status: 'draft', limit: 100 } }],
      ['customers_list', { query: { name: 'Globex' } }],
      ['invoices_list', { query: { customer_id: BOUND, status: 'draft', limit: 100 } }],
    ],
    ['Which invoices are not paid?', ['invoices_list', { query: { limit: 100 } }]],
    ['List invoices without a number', ['invoices_list', { query: { limit: 100 } }]],
  ]);

  refusals(billing, [
    ['Show the 5 latest payments', 'no way to all of them'],
    ['What is the total of the payments of Globex?', 'no way to all of them'],
    ['What is the average amount of the payments?', 'no way to all of them'],
    ['Which payments were made by card?', 'no way to all of them'],
    ['List the customers in Germany', 'not what was asked for'],
    ['Delete the invoice in_4', 'I found n'],
    ['Show the payments of last quarter', 'no way to all of them'],
    ['List the payments of 2025', 'no way to all of them'],
    ['Summarize the payments by method', 'cannot be made'],
  ]);
});

describe('a shop', () => {
  plans(shop, [
    ['Find products called "Lamp"', ['searchProducts', { query: { q: 'Lamp', limit: 60 } }]],
    ['Which products cost less than 10 euros?', ['searchProducts', { query: { maxPrice: 10, limit: 60 } }]],
    ['Show the two cheapest products', ['searchProducts', { query: { sortBy: 'price_asc', limit: 2 } }]],
    ['Cancel order ORD-5', ['cancelOrder', { path: { orderId: 'ORD-5' } }]],
    [
      'Which orders did Ada Stern place last year?',
      ['findShoppers', { query: { name: 'Ada Stern' } }],
      ['listOrders', { query: { shopperId: BOUND, from: '2025-01-01', to: '2025-12-31', limit: 100 } }],
    ],
    [
      'List the cancelled orders of last week',
      ['listOrders', { query: { from: '2026-11-16', to: '2026-11-22', status: 'cancelled', limit: 100 } }],
    ],
    [
      'What is the total of the delivered orders of March 2026?',
      ['listOrders', { query: { from: '2026-03-01', to: '2026-03-31', status: 'delivered', limit: 100 } }],
    ],
    ['Show order ORD-88', ['getOrder', { path: { orderId: 'ORD-88' } }]],
    ['Which orders are pending?', ['listOrders', { query: { status: 'pending', limit: 100 } }]],
    ['Show the orders since Monday', ['listOrders', { query: { from: '2026-11-23', limit: 100 } }]],
    [
      'Which orders over 100 euros were delivered this month?',
      ['listOrders', { query: { from: '2026-11-01', to: '2026-11-30', status: 'delivered', limit: 100 } }],
    ],
    ['Show orders by region', ['listOrders', { query: { limit: 100 } }]],
    [
      'Give me a breakdown of the orders of this year by status',
      ['listOrders', { query: { from: '2026-01-01', to: '2026-12-31', limit: 100 } }],
    ],
    ['Show items costing at most 30 dollars', ['searchProducts', { query: { maxPrice: 30, limit: 60 } }]],
    [
      'List the orders and who the shopper is',
      ['listOrders', { query: { limit: 100 } }],
      ['getShopper', { path: { shopperId: BOUND } }],
    ],
    ['Show the top 10 most expensive items', ['searchProducts', { query: { sortBy: 'price_desc', limit: 10 } }]],
    ['Find orders in the region North', ['listOrders', { query: { limit: 100 } }]],
    [
      'Update product SKU-3 with price 5 and name "Mug"',
      ['updateProduct', { path: { sku: 'SKU-3' }, body: { price: 5, name: 'Mug' } }],
    ],
  ]);

  refusals(shop, [
    ['Search for garden chairs', 'I found n'],
    ['Show products in the category toys', 'toys'],
    ['Change the price of product SKU-1 to 12.99', 'price'],
    ['Set the stock of product SKU-2 to 40', 'stock'],
    ['Order 3 of SKU-7', 'I found n'],
    ['Place an order of 2 of SKU-7 for the shopper Ada Stern', 'SKU-7'],
    ['How much did Ada Stern spend?', 'I found n'],
    ['Where does Ada Stern live?', 'I found n'],
    ['Find shoppers in Berlin', 'Berlin'],
    ['How many products are there under 5 euros?', 'no way to all of them'],
    ['What is the newest product?', 'I found n'],
    ['Ship order ORD-5', 'I found n'],
    ['Email Ada Stern about her order', 'I found n'],
    ['Show the orders of the shopper with the email ada@example.com', 'orders'],
    ['Which products are out of stock?', '"'],
  ]);
});
