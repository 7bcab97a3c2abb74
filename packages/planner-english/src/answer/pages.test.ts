// The ways to every page of a list: by what is sent, and what leads there. Without one, none is made up.
import { expect, it } from 'vitest';
import type { Step } from '../match/draft.ts';
import { type Short, service } from '../testing/tools.ts';
import { operationOf } from '../tools/operation.ts';
import { isPaged, withPages } from './pages.ts';

function stepOf(query: Record<string, Short>, more: Record<string, Short>): Step {
  const answer = { orders: [{ id: 'string' }] as [Short], ...more };
  const sketch = { call: 'GET /orders', name: 'listOrders', title: 'List orders', query, answer };
  const operation = operationOf(service('x', 'X', [sketch])[0]!);
  const args = operation.slots.flatMap((slot) =>
    slot.use === 'limit' ? [{ slot, value: slot.shape.maximum ?? 50 }] : [],
  );
  return { id: 'a', operation, purpose: 'goal', args, filled: [], reason: '' };
}

it.each<[Record<string, Short>, Record<string, Short>, string | undefined, string | undefined]>([
  [
    { limit: 'limit100', offset: 'integer' },
    { total: 'integer' },
    'query.offset',
    'itemCount < page.total ? ($count(page.orders) > 0 ? itemCount : $refuse("Not every page of the orders could be read."))',
  ],
  [
    { limit: 'limit100', page: 'integer' },
    { total: 'integer' },
    'query.page',
    'itemCount < page.total ? ($count(page.orders) > 0 ? pageCount + 1 : $refuse("Not every page of the orders could be read."))',
  ],
  [{ page: 'integer' }, { pages: 'integer' }, 'query.page', 'pageCount < page.pages ? pageCount + 1'],
  [{ page: 'integer' }, { totalPages: 'integer' }, 'query.page', 'pageCount < page.totalPages ? pageCount + 1'],
  [{ limit: 'limit100', offset: 'integer' }, {}, 'query.offset', '$count(page.orders) >= 100 ? itemCount'],
  [{ limit: 'integer', offset: 'integer' }, {}, 'query.offset', 'itemCount'],
  [{ page: 'integer' }, {}, 'query.page', 'pageCount + 1'],
  [{ cursor: 'string' }, { nextCursor: 'string' }, 'query.cursor', 'page.nextCursor'],
  [{ cursor: 'string' }, { next: 'string' }, 'query.cursor', 'page.next'],
  [{ marker: 'string' }, { nextMarker: 'string' }, undefined, undefined],
  [
    { starting_after: 'string' },
    { has_more: 'boolean' },
    'query.starting_after',
    'page.has_more = true ? page.orders[-1].id',
  ],
  [
    { limit: 'limit100', offset: 'integer' },
    { total: 'integer', nextCursor: 'string' },
    'query.offset',
    'itemCount < page.total ? ($count(page.orders) > 0 ? itemCount : $refuse("Not every page of the orders could be read."))',
  ],
  [{ cursor: 'string' }, {}, undefined, undefined],
  [{ cursor: 'string' }, { next: 'uri' }, undefined, undefined],
  [{ limit: 'limit100' }, {}, undefined, undefined],
])('takes %j, tells %j', (query, more, into, next) => {
  const step = stepOf(query, more);
  expect(isPaged(step)).toBe(true);
  const read = withPages(step);
  expect([read?.pages?.into, (read?.pages?.next as { $: string } | undefined)?.$]).toEqual([into, next]);
  expect(read?.all).toBe(into && 'steps.a.output');
});

it('a list without pages is read as it comes', () => {
  const step = stepOf({}, {});
  expect([isPaged(step), withPages(step)?.pages, withPages(step)?.all]).toEqual([
    false,
    undefined,
    'steps.a.output.orders',
  ]);
});
