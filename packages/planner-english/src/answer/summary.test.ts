import type { Json, ToolSpec } from '@errand/contracts';
import { afterAll, describe, expect, test } from 'vitest';
import { closeRuns, planOf, run } from '../testing/runs.ts';
import { type Short, service } from '../testing/tools.ts';

afterAll(closeRuns);
const NOW = '2026-11-25T16:00:00.000Z';

const order = {
  id: 'string',
  placedAt: 'time',
  status: 'open|shipped',
  amount: 'number',
  currency: 'EUR|USD',
} as const;
const paged = { limit: 'limit100', offset: 'integer' } as const;

/** A service that lists orders. */
const orders = (row: Short, query: Record<string, Short>, total: Record<string, Short> = { total: 'integer' }) =>
  service('shop', 'Shop', [
    { call: 'GET /orders', name: 'listOrders', title: 'List orders', query, answer: { orders: [row], ...total } },
  ]);

type Order = Record<keyof typeof order, Json>;

const runOver = (tools: readonly ToolSpec[], intent: string, rows: readonly Order[], total = rows.length) =>
  run(
    tools,
    intent,
    ({ args }) => {
      const { limit = 100, offset = 0, status } = (args as { query?: Record<string, number> }).query ?? {};
      const found = rows.filter((row) => status === undefined || row.status === status);
      return { orders: found.slice(offset, offset + limit), total };
    },
    { now: NOW },
  );

const anOrder = (index: number, more: Partial<Order> = {}): Order => ({
  id: `o${index}`,
  placedAt: '2026-10-01T00:00:00Z',
  status: index % 3 === 0 ? 'open' : 'shipped',
  amount: 0.1,
  currency: 'EUR',
  ...more,
});

describe('rows without a period of their own', () => {
  const tools = orders(order, paged);

  test('are those of the newest month, by the moment and not by the text', async () => {
    const rows = Array.from({ length: 250 }, (_, index) => anOrder(index));
    // 23:30 west of us on 31 October is November already, but 1 November east of us is not yet.
    rows[240] = anOrder(240, { placedAt: '2026-11-01T00:30:00+05:00' });
    rows[120] = anOrder(120, { placedAt: '2026-10-31T23:30:00-05:00', amount: 7 });
    const { result } = await runOver(tools, 'Create a summary of the latest orders', rows);
    expect(result).toMatchObject({ period: '2026-10', count: 249 });
  });

  test('have no total over several currencies, but one in each', async () => {
    const rows = [anOrder(1), anOrder(2), anOrder(3, { currency: 'USD', amount: 5 })];
    const { result } = await runOver(tools, 'Summarize the orders', rows);
    expect(result).toMatchObject({
      count: 3,
      total: null,
      byCurrency: [
        { currency: 'EUR', count: 2, total: 0.2 },
        { currency: 'USD', count: 1, total: 5 },
      ],
    });
  });

  test('that are none are counted as none', async () => {
    const { result } = await runOver(tools, 'Create a summary of the latest orders', []);
    expect(result).toMatchObject({ count: 0 });
  });
});

test('figures are not made of a part: neither of more pages than are read, nor of pages that did not come', async () => {
  const tools = orders(order, paged);
  const rows = Array.from({ length: 150 }, (_, index) => anOrder(index));
  for (const total of [5101, 151]) {
    const { refused, code } = await runOver(tools, 'Summarize the orders', rows, total);
    expect(refused).toMatch(/orders/i);
    expect(code).toBe('nothing_found');
  }
});

test.each<[string, readonly ToolSpec[], string, RegExp]>([
  [
    'no date',
    orders({ id: 'string', status: 'open|shipped', amount: 'number' }, paged),
    'the latest orders',
    /"latest"/,
  ],
  ['no way to all pages', orders(order, { limit: 'limit100' }, {}), 'the orders', /no way to all|how many there are/],
  ['no such group', orders(order, paged), 'the orders by warehouse', /"warehouse"/],
  ['a name that it takes nowhere', orders(order, paged), 'the orders of "Blue Whale"', /Blue Whale/],
])('a summary is refused in words where there is %s', async (_, tools, what, reason) => {
  const draft = await planOf(tools, `Create a summary of ${what}`, { now: NOW });
  expect(draft).toMatchObject({ kind: 'none', reason: expect.stringMatching(reason) });
});
