// What tools do, by which verb, to what, and what that belongs to.
import { expect, it } from 'vitest';
import { type Short, service } from '../testing/tools.ts';
import { operationOf } from './operation.ts';

const texts = (list: readonly { text: string }[]) => list.map(({ text }) => text).join(' ');

it.each<[string, string, Short, string, string, string, string]>([
  ['GET /orders', 'List orders', [{ id: 'string' }], 'list reads', 'list', 'orders', ''],
  ['GET /orders/{id}', 'Get an order', { id: 'string' }, 'get reads', 'get', 'orders', ''],
  ['POST /orders/search', 'Search orders', { orders: [{ id: 'string' }] }, 'list reads', 'search', 'orders', ''],
  ['POST /orders', 'Create an order', {}, 'create', 'create', 'orders', ''],
  ['POST /orders/{id}/cancel', 'Cancel an order', {}, 'act', 'cancel', 'orders', ''],
  ['POST /orders/{id}/notes', 'Add a note', {}, 'create', 'add', 'notes', 'orders'],
  ['POST /order-updates', 'Update orders', {}, 'update', 'update', 'order', ''],
  ['PUT /orders/{id}', 'Replace an order', {}, 'update', 'replace', 'orders', ''],
  ['PUT /orders/{id}/archive', 'Archive an order', {}, 'act', 'archive', 'orders', ''],
  ['DELETE /orders/{id}', 'Delete an order', {}, 'delete', 'delete', 'orders', ''],
  ['GET /orders/overdue', 'List overdue orders', [{ id: 'string' }], 'list reads', 'list', 'overdue', 'orders'],
  ['GET /sales/summary', 'Summary of sales', { total: 'number' }, 'get reads', '', 'sales', 'summary'],
  [
    'GET /customers/{id}/orders',
    'List orders of a customer',
    [{ id: 'string' }],
    'list reads',
    'list',
    'orders',
    'customers',
  ],
  ['GET /api/v2/orders', 'List orders', [{ id: 'string' }], 'list reads', 'list', 'orders', ''],
  ['POST /smp/{ref_no}/rej', 'Reject sample', {}, 'act', 'reject', 'sample', 'smp'],
])('%s, %s', (call, title, answer, ...expected) => {
  const name = call.endsWith('search') ? 'searchOrders' : 'op';
  const { action, reads, verbs, nouns, parents } = operationOf(service('x', 'X', [{ call, name, title, answer }])[0]!);
  expect([reads ? `${action} reads` : action, texts(verbs), texts(nouns), texts(parents)]).toEqual(expected);
});
