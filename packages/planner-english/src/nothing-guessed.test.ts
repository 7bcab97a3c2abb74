import { afterAll, describe, expect, it } from 'vitest';
import { closeRuns, planOf, run } from './testing/runs.ts';
import { BOUND, plans, refusals } from './testing/tables.ts';
import { type Short, service } from './testing/tools.ts';

afterAll(closeRuns);

const member: Short = {
  member_id: 'integer: Card number',
  first_name: 'string',
  last_name: 'string',
  fines: 'number: Unpaid fines in euros',
};
const loan: Short = {
  loan_id: 'string',
  member_id: 'integer: Member who borrowed it',
  due_on: 'date: Day by which it must be back',
};
const title: Short = { title_id: 'string', name: 'string', copies: 'integer: Copies on the shelf', genre: 'string' };
const library = service('library', 'Library', [
  {
    call: 'GET /members',
    name: 'listMembers',
    title: 'List members',
    query: { last_name: 'string: Exact last name', page: 'integer' },
    answer: { results: [member], total_pages: 'integer' },
  },
  {
    call: 'GET /members/{member_id}/loans',
    name: 'listMemberLoans',
    title: 'List what a member has borrowed',
    query: { open_only: 'boolean: Leave out what was returned' },
    answer: { results: [loan] },
  },
  {
    call: 'GET /loans',
    name: 'listLoans',
    title: 'List loans',
    query: { due_after: 'date: Due after this day', due_before: 'date: Due before this day' },
    answer: { results: [loan] },
  },
  {
    call: 'POST /loans/{loan_id}/renew',
    name: 'renewLoan',
    title: 'Renew a loan',
    body: { weeks: 'integer: By how many weeks' },
    answer: loan,
  },
  {
    call: 'GET /titles',
    name: 'searchTitles',
    title: 'Search titles',
    query: { q: 'string: Words of the name', genre: 'fiction|history' },
    answer: { results: [title] },
  },
  {
    call: 'GET /titles/{title_id}/holds',
    name: 'listTitleHolds',
    title: 'List the holds on a title',
    answer: { holds: [{ hold_id: 'string', title_id: 'string', member_id: 'integer', state: 'waiting|ready' }] },
  },
  {
    call: 'GET /holds',
    name: 'listHolds',
    title: 'List holds',
    query: { state: 'waiting|ready', member_id: 'integer' },
    answer: { results: [{ hold_id: 'string', title_id: 'string', member_id: 'integer', state: 'waiting|ready' }] },
  },
]);

describe('a library', () => {
  plans(library, [
    ['Which loans are due next week?', ['listLoans', { query: { due_after: '2026-11-29', due_before: '2026-12-07' } }]],
    ['Which member has the highest fines?', ['listMembers', {}]],
    [
      "Renew all of Greta Olsen's loans",
      ['listMembers', { query: { last_name: 'Olsen' } }],
      ['listMemberLoans', { path: { member_id: BOUND } }],
      ['renewLoan', { path: { loan_id: BOUND }, body: {} }],
    ],
  ]);
  refusals(library, [
    ['Which fiction titles are on the shelf?', '"shelf"'],
    ['What does Greta Olsen still have out?', '"'],
    ['Which members are out?', '"out"'],
  ]);
  it('does not take the first of several for all of them', async () => {
    const draft = await planOf(library, 'How many holds are waiting for Deep Water?');
    const steps = draft.kind === 'plan' ? draft.plan.steps : [];
    expect(steps.filter(({ args }) => JSON.stringify(args).includes('[0].member_id'))).toEqual([]);
  });
  it('renews each of several, and not the first', async () => {
    const draft = await planOf(library, "Renew all of Greta Olsen's loans");
    expect(draft).toMatchObject({ plan: { steps: [{}, {}, { forEach: { $: expect.stringContaining('.loan_id') } }] } });
  });
  it('reads all pages before it says which is the highest', async () => {
    const pages = [[{ member_id: 1, fines: 2 }], [{ member_id: 2, fines: 9 }]];
    const { result } = await run(library, 'Which member has the highest fines?', ({ args }) => ({
      results: pages[Number(args.query?.page ?? 1) - 1],
      total_pages: 2,
    }));
    expect(result).toMatchObject({ member_id: 2 });
  });
  it('keeps out the day before a week where the service takes it in', async () => {
    const { result } = await run(library, 'Which loans are due next week?', () => ({
      results: ['2026-11-29', '2026-11-30', '2026-12-06'].map((due_on) => ({ loan_id: due_on, due_on })),
    }));
    expect(JSON.stringify(result)).not.toContain('2026-11-29');
    expect(JSON.stringify(result)).toContain('2026-12-06');
  });
});

const bike: Short = { code: 'string', condition: 'ok|lost', stationId: 'string' };
const trip: Short = { tripId: 'integer', riderId: 'string', startedAt: 'time', endedAt: 'time' };
const rides = service('rides', 'Rides', [
  {
    call: 'GET /bikes',
    name: 'listBikes',
    title: 'List bikes',
    query: { stationId: 'string: Station where they are docked' },
    answer: { items: [bike] },
  },
  {
    call: 'GET /riders',
    name: 'listRiders',
    title: 'List riders',
    query: { name: 'string' },
    answer: { items: [{ riderId: 'string', fullName: 'string' }] },
  },
  {
    call: 'GET /trips',
    name: 'listTrips',
    title: 'Lists trips',
    query: { riderId: 'string', ongoing: 'boolean: Only trips that have not ended' },
    answer: { items: [trip] },
  },
  {
    call: 'POST /trips.end',
    name: 'trips_end',
    title: 'Ends a trip',
    body: { 'tripId!': 'integer' },
    answer: { ok: 'boolean' },
  },
]);

describe('a fleet of bikes', () => {
  plans(rides, [['End trip 9003', ['trips_end', { body: { tripId: 9003 } }]]]);
  refusals(rides, [
    ['Where is BK-80?', ''],
    ['Which trips are still going on?', '"'],
  ]);
  it('reads nobody else’s trips for "my trips"', async () => {
    const draft = await planOf(rides, 'My trips', { user: { name: 'Dana Whitfield' } });
    expect(draft).toMatchObject({
      plan: { steps: [{ args: { query: { name: 'Dana Whitfield' } } }, { args: { query: { riderId: BOUND } } }] },
    });
  });
});

const order: Short = {
  id: 'integer',
  reference: 'string: Booking reference',
  show_id: 'integer',
  quantity: 'integer: Number of tickets',
  total: { amount: 'integer: In cents', currency: 'string' },
  paid_at: 'time',
};
const show: Short = {
  id: 'integer',
  name: 'string',
  starts_at: 'time',
  capacity: 'integer: Seats',
  sold: 'integer: Seats sold so far',
};
const tickets = service('tickets', 'Tickets', [
  {
    call: 'GET /shows',
    name: 'listShows',
    title: 'List shows',
    query: { name: 'string: Part of the name', from: 'date: First day', to: 'date: Last day' },
    answer: { data: [show] },
  },
  {
    call: 'PATCH /shows/{id}',
    name: 'updateShow',
    title: 'Change a show',
    body: { 'show!': { name: 'string', starts_at: 'time' } },
    answer: show,
  },
  {
    call: 'GET /orders',
    name: 'listOrders',
    title: 'List orders',
    query: { paid: 'boolean', show_id: 'integer' },
    answer: { data: [order] },
  },
  {
    call: 'GET /orders/{reference}',
    name: 'getOrder',
    title: 'Get an order by its booking reference',
    answer: order,
  },
  {
    call: 'POST /orders/{reference}/refund',
    name: 'refundOrder',
    title: 'Refund an order',
    body: { amount: 'integer: In cents; all of it if left out' },
    answer: order,
  },
  {
    call: 'POST /orders/{reference}/check_in',
    name: 'checkIn',
    title: 'Check in the people of an order',
    body: { people: 'integer: How many came' },
    answer: order,
  },
]);

describe('a festival', () => {
  plans(tickets, [
    ['Refund order FX7K2', ['refundOrder', { path: { reference: 'FX7K2' }, body: {} }]],
    ['Refund €20 of order FX7K2', ['refundOrder', { path: { reference: 'FX7K2' }, body: { amount: 2000 } }]],
    ['Check in order FX7K2', ['checkIn', { path: { reference: 'FX7K2' }, body: {} }]],
    ['When was order FX7K2 paid?', ['getOrder', { path: { reference: 'FX7K2' } }]],
    [
      'Move Paper Kites to 6 December at 20:00',
      ['listShows', { query: { name: 'Paper Kites' } }],
      ['updateShow', { path: { id: BOUND }, body: { show: { starts_at: '2026-12-06T20:00:00Z' } } }],
    ],
  ]);
  refusals(tickets, [
    ['Move Paper Kites to 20:00', '"'],
    ['Which show is order FX7K2 for?', '"show"'],
    ['Which shows are on?', '"on"'],
  ]);
  it('answers when a show starts by no time of an order', async () => {
    const draft = await planOf(tickets, 'When does Moonlit Brass start?');
    const tools = draft.kind === 'plan' ? draft.plan.steps.map(({ tool }) => tool) : [];
    expect(tools.filter((tool) => tool.includes('listOrders'))).toEqual([]);
  });
  it('sums the money, and not the tickets', async () => {
    const { result } = await run(tickets, 'Total of all paid orders', () => ({
      data: [{ quantity: 2, total: { amount: 900, currency: 'EUR' } }],
    }));
    expect(result).toEqual({ total: 900, count: 1 });
  });
  it('compares the number that the words beside it name', async () => {
    const { result } = await run(tickets, 'Shows with fewer than 100 seats sold', () => ({
      data: [{ id: 1, name: 'Owls', capacity: 300, sold: 10 }],
    }));
    expect(result).toHaveLength(1);
  });
});
