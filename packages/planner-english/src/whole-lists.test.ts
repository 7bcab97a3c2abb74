// A count, a sum or a filtered list is of all rows, or it is refused.
import { afterAll, describe, expect, it } from 'vitest';
import { type Call, closeRuns, run } from './testing/runs.ts';
import { type Short, service } from './testing/tools.ts';

afterAll(closeRuns);

const ticket = { id: 'string', subject: 'string', status: 'open|closed', minutes: 'integer' } as const;
const PAGING = { limit: 'limit100', offset: 'integer: Number of tickets to skip.' } as const;

/** A help desk that lists tickets by GET. */
const desk = (query: Record<string, Short>, more: Record<string, Short> = {}) =>
  service('desk', 'Help desk', [
    {
      call: 'GET /tickets',
      name: 'listTickets',
      title: 'List tickets',
      query: { status: 'open|closed', ...query },
      answer: { tickets: [ticket], ...more },
    },
  ]);

const rows = (count: number) =>
  Array.from({ length: count }, (_, index) => ({ id: `t${index}`, subject: 'Leak', status: 'open', minutes: 1 }));

/** Answers with rows from an offset on, in pages of no more than `most`. */
const pages =
  (count: number, most = 100, told: Record<string, number> = {}) =>
  ({ args }: Call) => {
    const asked = { ...args.query, ...args.body } as Record<string, number>;
    const { offset = 0, limit = asked.max ?? 20 } = asked;
    return { tickets: rows(count).slice(offset, offset + Math.min(limit, most)), ...told };
  };

describe('a count', () => {
  it('is what the service tells, and no further page is read', async () => {
    const tools = desk(PAGING, { total: 'integer' });
    const { calls, result } = await run(tools, 'How many tickets are open?', pages(250, 100, { total: 250 }));
    expect(result).toEqual({ count: 250 });
    expect(calls.map(({ args }) => args.query)).toEqual([{ status: 'open', limit: 1 }]);
  });

  it('is over all pages of which none is of one row where something else is added up', async () => {
    const tools = desk(PAGING, { total: 'integer' });
    const { calls, result } = await run(
      tools,
      'How many minutes do the open tickets have?',
      pages(150, 100, { total: 150 }),
    );
    expect(result).toMatchObject({ total: 150 });
    expect(calls.map(({ args }) => args.query!.limit)).toEqual([100, 100]);
  });
});

describe('a list by filter', () => {
  it.each([
    ['no total', desk(PAGING), undefined],
    ['a total', desk(PAGING, { total: 'integer' }), 5600],
  ])('of more pages than are read is refused: %s', async (_, tools, total) => {
    const answer = pages(5600, 100, total === undefined ? {} : { total });
    const { refused, code } = await run(tools, 'List the open tickets', answer);
    expect(refused).toContain('has more than the first 5000 items');
    expect(code).toBe('nothing_found');
  });

  it('goes on by what a page held, not by what was asked for', async () => {
    const unbounded = { limit: 'integer: Most tickets to return.', offset: PAGING.offset };
    const { calls, result } = await run(desk(unbounded), 'List the open tickets', pages(120, 50));
    expect(result).toHaveLength(120);
    expect(calls.map(({ args }) => args.query!.offset)).toEqual([undefined, 50, 100, 120]);
  });

  it('goes on by what a page held where the service tells how many there are', async () => {
    const unbounded = { limit: 'integer: Most tickets to return.', offset: PAGING.offset };
    const tools = desk(unbounded, { total: 'integer' });
    const { calls, result } = await run(tools, 'List the open tickets', pages(120, 50, { total: 120 }));
    expect(result).toHaveLength(120);
    expect(calls.map(({ args }) => args.query!.offset)).toEqual([undefined, 50, 100]);
  });
});

describe('a search by POST', () => {
  const search = (body: Record<string, Short>) =>
    service('desk', 'Help desk', [
      {
        call: 'POST /tickets/search',
        name: 'searchTickets',
        title: 'Search tickets',
        body: { status: 'open|closed', ...body },
        answer: { tickets: [ticket], total: 'integer' },
      },
    ]);

  it.each<[string, Record<string, Short>]>([
    ['max', { offset: 'integer: Number of results to skip.', max: 'integer: Most results to return.' }],
    ['limit', { offset: 'integer: How many rows are skipped.', limit: 'integer' }],
    ['neither', { offset: 'integer: Number of entries before the first result.' }],
  ])('is read from its first page on: %s', async (_, body) => {
    const { calls, result } = await run(search(body), 'List the open tickets', pages(250, 100, { total: 250 }));
    expect(result).toHaveLength(250);
    expect(calls[0]!.args.body).not.toHaveProperty('offset');
    expect(calls[1]!.args.body).toHaveProperty('offset');
  });

  it('takes a page for no size of a page', async () => {
    const tools = desk({ page: 'integer: Number of the page of results.', limit: 'limit100' });
    const { calls } = await run(tools, 'List the open tickets', () => ({ tickets: rows(3) }));
    expect(calls.map(({ args }) => args.query)).toEqual([{ status: 'open', limit: 100 }]);
  });
});
