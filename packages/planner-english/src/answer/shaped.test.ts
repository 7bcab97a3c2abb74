// What a plan finds in the shape that was wanted: fields, rows, groups, figures, and what the intent itself tells.
import type { JsonSchema } from '@errand/contracts';
import { afterAll, expect, it } from 'vitest';
import { type Call, closeRuns, run } from '../testing/runs.ts';
import { shop } from '../testing/shop.ts';
import { type Short, schema } from '../testing/tools.ts';

afterAll(closeRuns);

const order = (id: number, region: string, total: number) => ({
  orderId: `o_${id}`,
  placedAt: `2026-08-0${id}T10:00:00Z`,
  status: 'shipped',
  total,
  shopperId: 's_1',
  region,
});
const ORDERS = [order(1, 'north', 10), order(2, 'south', 20), order(3, 'north', 5.5)];
const shopper = (shopperId: string, name: string, city: string) => ({
  shopperId,
  name,
  city,
  email: `${shopperId}@a.example`,
});
const SHOPPERS = [
  shopper('s_1', 'Ana Berg', 'Oslo'),
  shopper('s_2', 'Ben Holm', 'Bonn'),
  shopper('s_3', 'Ben Holm', 'Bonn'),
];

function answer({ operation, args }: Call): unknown {
  if (operation === 'listOrders') return { orders: ORDERS, total: ORDERS.length };
  if (operation === 'getOrder') return ORDERS[0];
  const wanted = String(args.query?.name ?? '');
  return { shoppers: SHOPPERS.filter(({ name }) => name.includes(wanted)) };
}

const shaped = (intent: string, wanted: JsonSchema) => run(shop, intent, answer, { outputSchema: wanted });

it.each<[string, Short, unknown]>([
  [
    'List the orders',
    { orders: [{ id: 'string', total: 'number' }] },
    { orders: ORDERS.map(({ orderId: id, total }) => ({ id, total })) },
  ],
  [
    'List the orders',
    { count: 'integer', total: 'number', orders: [{ orderId: 'string' }] },
    { count: 3, total: 35.5, orders: [{ orderId: 'o_1' }, { orderId: 'o_2' }, { orderId: 'o_3' }] },
  ],
  [
    'List the orders by region',
    { regions: [{ region: 'string', total: 'number' }] },
    {
      regions: [
        { region: 'north', total: 15.5 },
        { region: 'south', total: 20 },
      ],
    },
  ],
  [
    'List the orders',
    { regions: [{ region: 'string', total: 'number' }], total: 'number' },
    {
      regions: [
        { region: 'north', total: 15.5 },
        { region: 'south', total: 20 },
      ],
      total: 35.5,
    },
  ],
  [
    'List the orders',
    { statuses: [{ status: 'string', count: 'integer' }] },
    { statuses: [{ status: 'shipped', count: 3 }] },
  ],
  [
    'List the orders',
    { max_total: 'number', min_total: 'number', orders: ['any'] },
    { max_total: 20, min_total: 5.5, orders: ORDERS },
  ],
  ['List the orders', [{ region: 'string' }], [{ region: 'north' }, { region: 'south' }, { region: 'north' }]],
  ['Get order o_1', { status: 'string', total: 'number' }, { status: 'shipped', total: 10 }],
  ['Get order o_1', { order: { status: 'string' } }, { order: { status: 'shipped' } }],
  ['Get order o_1', { kind: 'order|', total: 'number' }, { total: 10 }],
  ['Get order o_1', { colour: 'string' }, {}],
  ['Get order o_1', {}, ORDERS[0]],
  ['List the shoppers', { cities: ['string'] }, { cities: ['Oslo', 'Bonn'] }],
  [
    'Find the shopper named Ana Berg',
    { name: 'string', email: 'string' },
    { name: 'Ana Berg', email: 's_1@a.example' },
  ],
  ['The latest order', { orderId: 'string' }, { orderId: 'o_3' }],
  ['List the orders', { count: 'integer', total: 'number' }, { count: 3, total: 35.5 }],
  ['Orders from last quarter', { quarter: 'string', count: 'integer' }, { quarter: 'Q3 2026', count: 3 }],
])('%s as %j', async (intent, wanted, expected) => {
  expect((await shaped(intent, schema(wanted))).result).toEqual(expected);
});

it.each([
  ['Find the shopper named Ben Holm', 'There are several shoppers named Ben Holm'],
  ['Find the shopper named Zoe Lark', 'I found no shopper for Zoe Lark'],
])('%s: of none or several nobody is picked', async (intent, reason) => {
  const { result, refused } = await shaped(intent, schema({ name: 'string', email: 'string' }));
  expect([result, refused]).toEqual([undefined, expect.stringContaining(reason)]);
});

it('a fact of one row is asked of no list', async () => {
  const { result, refused } = await shaped('List the orders', schema({ status: 'string' }));
  expect([result, refused]).toEqual([undefined, expect.stringContaining('Several orders fit')]);
});

it('what is needed and not there is not made up', async () => {
  const { result } = await shaped('Get order o_1', schema({ 'colour!': 'string', total: 'number' }));
  expect(result).toEqual({ colour: null, total: 10 });
});
