// Which rows, in what order: what holds until a day, what there is none of, states that are denied, the longest and the newest.
import type { Json } from '@errand/contracts';
import { afterAll, describe, expect, it } from 'vitest';
import { type Call, closeRuns, run } from './testing/runs.ts';
import { service } from './testing/tools.ts';

afterAll(closeRuns);

const boat = {
  id: 'string',
  kind: 'dinghy|yacht',
  length_m: 'number: Length in metres.',
  bought_on: 'date',
  state: 'afloat|in_repair|sold',
  warranty_until: 'date: Last day of the warranty, if there is one.',
} as const;
const part = { id: 'string', name: 'string', stock: 'number: How many are in the store.', price: 'number' } as const;
const skipper = {
  id: 'string',
  name: 'string',
  paused_until: 'date: Day on which the skipper sails again.',
  started_on: 'date',
  licence_valid_until: 'date: Last day on which the licence to sail is valid; missing if there is none.',
} as const;
const bill = {
  id: 'string',
  amount: 'number',
  due_on: 'date',
  state: 'draft|sent|paid: draft: not sent yet; sent: not paid and with the customer.',
} as const;
const shift = {
  id: 'string',
  date: 'date: Day of the work.',
  minutes: 'integer: Length in minutes.',
  status: 'planned|done|cancelled',
} as const;

const berth = {
  id: 'string',
  state: 'active|expired',
  seats: 'integer: Places for boats.',
  currency: 'string: ISO 4217',
  seats_used: 'integer: Places that boats have.',
  seat_price: 'number: Price of a place.',
  contract_ends_on: 'date: Last day of the contract.',
} as const;

const entry = { id: 'string', date: 'date', minutes: 'integer' } as const;

const tools = service('jetty', 'Jetty', [
  {
    call: 'GET /boats',
    name: 'listBoats',
    title: 'List boats',
    query: { kind: 'dinghy|yacht' },
    answer: { data: [boat] },
  },
  { call: 'GET /parts', name: 'listParts', title: 'List the parts with their stock', answer: { data: [part] } },
  { call: 'GET /skippers', name: 'listSkippers', title: 'List skippers', answer: { data: [skipper] } },
  {
    call: 'GET /bills',
    name: 'listBills',
    title: 'List bills',
    query: { state: 'draft|sent|paid', due_from: 'date: Due on or after this day', due_to: 'date: Due up to this day' },
    answer: { data: [bill] },
  },
  {
    call: 'GET /work-shifts',
    name: 'listWorkShifts',
    title: 'List work shifts',
    query: { from: 'date: First day', to: 'date: Last day', sort: 'date|-date' },
    answer: { data: [shift] },
  },
  {
    call: 'GET /berths',
    name: 'listBerths',
    title: 'List berths',
    query: { state: 'active|expired', sort: 'seat_price|-seat_price' },
    answer: { data: [berth] },
  },
  { call: 'GET /time-entries', name: 'listTimeEntries', title: 'List time entries', answer: { data: [entry] } },
  { call: 'POST /work-shifts/{id}/cancel', name: 'cancelWorkShift', title: 'Cancel a work shift', answer: shift },
]);

const DATA: Record<string, Json[]> = {
  listBoats: [
    { id: 'b1', kind: 'yacht', length_m: 9, state: 'afloat', bought_on: '2023-01-02', warranty_until: '2025-01-02' },
    {
      id: 'b2',
      kind: 'yacht',
      length_m: 12,
      state: 'in_repair',
      bought_on: '2026-01-02',
      warranty_until: '2028-01-02',
    },
    { id: 'b3', kind: 'dinghy', length_m: 4, state: 'sold', bought_on: '2024-01-02' },
  ],
  listParts: [
    { id: 'p1', name: 'Shackle', stock: 4, price: 3 },
    { id: 'p2', name: 'Cleat', stock: 0, price: 9 },
  ],
  listSkippers: [
    { id: 's1', name: 'Ana', started_on: '2024-03-01', licence_valid_until: '2026-10-31', paused_until: '2027-05-01' },
    { id: 's2', name: 'Ben', started_on: '2026-03-01', licence_valid_until: '2027-10-31' },
    { id: 's3', name: 'Cleo', started_on: '2025-03-01' },
  ],
  listBills: [
    { id: 'i1', amount: 20, due_on: '2026-10-01', state: 'sent' },
    { id: 'i2', amount: 50, due_on: '2026-12-25', state: 'sent' },
    { id: 'i3', amount: 90, due_on: '2026-10-01', state: 'paid' },
    { id: 'i4', amount: 30, due_on: '2026-12-27', state: 'draft' },
  ],
  listBerths: [
    ...[
      { id: 'c1', state: 'active', contract_ends_on: '2027-06-30', seats: 9, seats_used: 4, seat_price: 5 },
      { id: 'c2', state: 'active', contract_ends_on: '2026-12-20', seats: 3, seats_used: 3, seat_price: 8 },
      { id: 'c3', state: 'expired', contract_ends_on: '2025-12-20', seats: 2, seats_used: 0, seat_price: 7 },
    ].map((one) => ({ ...one, currency: one.id === 'c1' ? 'EUR' : 'CHF' })),
  ],
  listTimeEntries: [
    { id: 't1', date: '2026-11-24', minutes: 20 },
    { id: 't2', date: '2026-11-21', minutes: 30 },
  ],
  listWorkShifts: [
    { id: 'w0', date: '2026-11-20', minutes: 90, status: 'done' },
    { id: 'w1', date: '2026-11-28', minutes: 60, status: 'planned' },
    { id: 'w2', date: '2026-11-29', minutes: 240, status: 'cancelled' },
    { id: 'w3', date: '2026-11-30', minutes: 120, status: 'planned' },
  ],
};

function answer({ operation, args: { query = {} } }: Call): Json {
  const rows = (DATA[operation] ?? []) as Record<string, Json>[];
  const isKept = (row: Record<string, Json>) =>
    Object.entries(query).every(([name, value]) => {
      if (/(?:^|_)from$/.test(name)) return String(row.date ?? row.due_on) >= String(value);
      if (/(?:^|_)to$/.test(name)) return String(row.date ?? row.due_on) <= String(value);
      return name === 'sort' || row[name] === value;
    });
  return { data: rows.filter(isKept) };
}

const ids = (result: unknown): string[] =>
  (Array.isArray(result) ? result : [result]).map((row) => (row as { id: string }).id);

const found = async (intent: string) => {
  const { result, refused } = await run(tools, intent, answer);
  return refused ?? ids(result);
};

describe('what holds until a day, or while there is some of it', () => {
  it.each([
    ['boats whose warranty has expired', 'expired'],
    ['Which yachts are still under warranty?', 'warranty'],
    ['skippers with a valid licence', 'valid'],
    ['which parts are out of stock', 'out of stock'],
    ['parts in stock', 'in stock'],
    ['Which boats are out of service?', 'out of service'],
    ['boats that we do not need any more', 'any more'],
  ])('%s is refused', async (intent, reason) => {
    expect((await run(tools, intent, answer)).refused).toContain(reason);
  });
});

describe('states that are denied', () => {
  it.each([
    ['bills that are not paid', 'i1', 'i2', 'i4'],
    ['bills that are sent and not paid', 'i1', 'i2'],
    ['Which shifts do we have from Saturday to Monday? Leave out cancelled ones.', 'w1', 'w3'],
  ])('%s', async (intent, ...expected) => {
    expect(await found(intent)).toEqual(expected);
  });
});

describe('orders and days', () => {
  it.each([
    ['the 2 longest work shifts', 'w2', 'w3'],
    ['shortest work shift', 'w1'],
    ['berths in CHF', 'c2', 'c3'],
    ['berths that are no longer active', 'c3'],
    ['bills due before January that are not paid', 'i1', 'i2', 'i4'],
    ['Which two bills have the highest amount?', 'i3', 'i2'],
    ['who is our newest skipper', 's2'],
    ['bills due in the next 30 days', 'i2'],
    ['Which work shifts are this weekend?', 'w1', 'w2'],
    ['berths whose contract ends this year', 'c2'],
    ['berths that expire in the next 30 days', 'c2'],
    ['last work shift', 'w0'],
    ['last time entry', 't1'],
    ['berth with the most seats', 'c1'],
  ])('%s', async (intent, ...expected) => {
    expect(await found(intent)).toEqual(expected);
  });
});

describe('figures', () => {
  it.each<[string, Record<string, number>]>([
    ['How many hours of work shifts do we have this month?', { total: 8.5, count: 4 }],
  ])('%s', async (intent, expected) => {
    const { result, refused } = await run(tools, intent, answer);
    expect(refused ?? result).toEqual(expected);
  });

  it.each([
    ['What is the total weight of the boats?', 'weight'],
    ['boats that were bought in the next 30 days and have no keel any more', 'keel'],
  ])('%s is refused', async (intent, reason) => {
    expect((await run(tools, intent, answer)).refused).toContain(reason);
  });
});
