// What answers hold: their rows, how many there are in all, and the ids that can be read in them.
import { expect, it } from 'vitest';
import { type Short, service } from '../testing/tools.ts';
import { operationOf } from './operation.ts';
import { sourcesOf } from './sources.ts';

it.each<[string, Short, ...(string | undefined)[]]>([
  ['GET /orders', [{ id: 'string' }], '', undefined, 'orders [] id main'],
  ['GET /orders', { orders: [{ id: 'string' }], total: 'integer' }, 'orders', 'total', 'orders [orders] id main'],
  [
    'GET /orders',
    { data: { items: [{ id: 'string' }] }, count: 'integer' },
    'data.items',
    'count',
    'orders [data.items] id main',
  ],
  [
    'GET /orders/{id}',
    { id: 'string', lines: [{ sku: 'string' }] },
    undefined,
    undefined,
    'lines orders [lines] sku',
    'orders id main',
  ],
  [
    'GET /orders',
    { orders: [{ id: 'string' }], customers: [{ id: 'string' }] },
    undefined,
    undefined,
    'orders orders [orders] id',
    'customers orders [customers] id',
  ],
  [
    'GET /orders',
    { found: [{ number: 'string', customerId: 'string' }], grandTotal: 'integer' },
    'found',
    'grandTotal',
    'orders [found] number main',
    'customer [found] customerId',
  ],
  [
    'GET /staff',
    [{ id: 'string', role: 'vet|nurse' }],
    '',
    undefined,
    'staff [] id main',
    'vet [] id main some',
    'nurse [] id main some',
  ],
  [
    'GET /people/{id}/credits',
    { cast: [{ id: 'integer' }], crew: [{ id: 'integer' }] },
    undefined,
    undefined,
    'cast credits people [cast] id',
    'crew credits people [crew] id',
  ],
  [
    'GET /orders',
    [{ orderId: 'string', customer: { id: 'string', name: 'string' } }],
    '',
    undefined,
    'orders [] orderId main',
    'customer [] customer.id',
  ],
  [
    'GET /orders',
    { matches: [{ id: 'string' }], n: 'integer: How many there are in all.' },
    'matches',
    'n',
    'orders [matches] id main',
  ],
  ['GET /orders', { list: [{ id: 'string' }], pages: 'integer' }, 'list', undefined, 'orders [list] id main'],
  ['GET /orders', [{ code: 'string', name: 'string' }], '', undefined, 'orders [] code main'],
  ['GET /orders', [{ no: 'string: Order number.' }], '', undefined, 'orders [] no main'],
  ['GET /orders', [{ name: 'string' }], '', undefined],
  [
    'GET /orders/{id}',
    { id: 'string', owner: 'string: Id of the owner.' },
    undefined,
    undefined,
    'orders id main',
    'owner owner owner',
  ],
])('%s, %j', (call, answer, ...expected) => {
  const operation = operationOf(service('x', 'X', [{ call, name: 'op', title: 'X', answer }])[0]!);
  const { rows, total } = operation.outline;
  const sources = sourcesOf(operation).map(({ nouns, rows: path, id, main, some }) =>
    [
      nouns.map(({ text }) => text).join(' '),
      path === undefined ? [] : `[${path.join('.')}]`,
      id.join('.'),
      main ? 'main' : [],
      some ? 'some' : [],
    ]
      .flat()
      .join(' '),
  );
  expect([rows?.path.join('.'), total?.name, ...sources]).toEqual(expected);
});
