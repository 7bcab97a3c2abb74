// What holds between two figures of a row, sums in other words, and what is said of a thing where nothing is asked.
import type { Json } from '@errand/contracts';
import { afterAll, describe, expect, it } from 'vitest';
import { type Call, closeRuns, planOf, run } from './testing/runs.ts';
import { plans, refusals } from './testing/tables.ts';
import { type Short, service } from './testing/tools.ts';

afterAll(closeRuns);

const item: Short = {
  id: 'string',
  label: 'string',
  in_store: 'integer: Jars in the store.',
  minimumStock: 'integer: Brew again when fewer than this are in_store.',
  shelf: 'string',
};
const course: Short = {
  id: 'string',
  title: 'string',
  places: 'integer: Places that can be booked.',
  booked: 'integer: Places that are booked.',
  status: 'planned|over',
};
const line: Short = {
  id: 'string',
  kind: 'goods|work|travel',
  pieces: 'integer',
  price: 'number: Price of one, in euros.',
};
const bill: Short = {
  id: 'string',
  guest_id: 'string: Guest who pays.',
  season: 'string',
  amount: 'number: What is to be paid.',
  amountPaid: 'number: What was paid of it.',
  status: 'unpaid|partlyPaid|paid',
};
const kitchen = service('kitchen', 'Kitchen', [
  { call: 'GET /jars', name: 'listJars', title: 'List jars', answer: { data: [item] } },
  {
    call: 'GET /spices',
    name: 'listSpices',
    title: 'List spices',
    query: { belowMinimumStock: 'boolean: Spices that are (true) or are not (false) below the minimum stock.' },
    answer: { data: [{ id: 'string', in_store: 'integer', minimumStock: 'integer', price: 'number' }] },
  },
  { call: 'GET /courses', name: 'listCourses', title: 'List courses', answer: { data: [course] } },
  {
    call: 'GET /guests',
    name: 'listGuests',
    title: 'List guests',
    answer: { data: [{ id: 'string', name: 'string' }] },
  },
  {
    call: 'GET /bills',
    name: 'listBills',
    title: 'List bills',
    query: { guest_id: 'string: Only bills of this guest.', status: 'unpaid|partlyPaid|paid' },
    answer: { data: [bill] },
  },
  { call: 'POST /bills/{bill_id}/chase', name: 'chase', title: 'Chase a bill', answer: bill },
  {
    call: 'GET /bills/{bill_id}/lines',
    name: 'listLines',
    title: 'List the goods and work on a bill',
    answer: { data: [line] },
  },
]);
const rows = (names: string, ...lines: string[]) =>
  lines.map((one) => {
    const values = one.split(' ').map((value) => (/^\d/.test(value) ? Number(value) : value));
    return Object.fromEntries(names.split(' ').map((name, index) => [name, values[index]!]));
  });
const TABLES: Record<string, Record<string, Json>[]> = {
  Jars: rows('id label in_store minimumStock shelf', 'j1 plum 3 6 a', 'j2 fig 9 6 b', 'j3 pear 6 6 a'),
  Courses: rows('id title places booked status', 'c1 jam 8 8 planned', 'c2 bread 10 4 planned', 'c3 beer 6 6 over'),
  Guests: [{ id: 'g1', name: 'Nora Lund' }],
  Bills: rows(
    'id guest_id season amount amountPaid status',
    'b1 g1 spring 50 50 paid',
    'b2 g1 spring 40 15 partlyPaid',
    'b3 g1 autumn 30 0 unpaid',
  ),
  Lines: rows('id kind pieces price', 'l1 goods 10 0.9', 'l2 work 2 20', 'l3 travel 1 12'),
};

function answer({ operation, args }: Call): Json {
  const [, list] = /^list(\w+)$/.exec(operation) ?? [];
  const same = Object.entries((args.query ?? {}) as Record<string, Json>);
  return list === undefined
    ? { id: 'done' }
    : { data: TABLES[list]!.filter((row) => same.every(([name, value]) => row[name] === value)) };
}

const ask = (intent: string) => run(kitchen, intent, answer);

describe('rows by two of their figures', () => {
  it.each([
    ['jars below their minimum stock', 'below their minimum stock'],
    ['Which jars have less in store than the minimum stock?', ''],
    ['sold out courses', 'sold'],
    ['Which planned courses are full?', 'full'],
    ['Which courses still have places left?', ''],
    ['jars under their shelf', 'under their shelf'],
    ['bills that come to more than 40', 'come to more'],
    ['bills that are not seasoned', 'not'],
    ['bills with more paid than the amount', 'than the amount'],
  ])('%s is refused', async (intent, reason) => {
    expect(await planOf(kitchen, intent)).toMatchObject({ kind: 'none', reason: expect.stringContaining(reason) });
  });
});

describe('a bound that an argument is', () => {
  plans(kitchen, [
    ['Which spices are below their minimum stock?', ['listSpices', { query: { belowMinimumStock: true } }]],
    ['spices below the minimum stock', ['listSpices', { query: { belowMinimumStock: true } }]],
  ]);
  refusals(kitchen, [
    ['Which spices are above their minimum stock?', '"above their minimum stock"'],
    ['spices above the minimum stock', '"above'],
    ['spices at or below their minimum stock', '"at or below their minimum stock"'],
    ['Which spices are not below their minimum stock?', '"not"'],
    ['Are there no spices below their minimum stock?', '"'],
    ['spices below their minimum price', '"'],
    ['spices below their minimum stock and above their price', '"above their price"'],
  ]);
});

describe('sums', () => {
  it.each<[string, Json]>([
    ['What do the lines of the bill b-1 come to?', { total: 61, count: 3 }],
    ['What do the unpaid bills amount to?', { total: 30, count: 1 }],
    ['total paid in bills', { total: 65, count: 3 }],
    ['How much was paid in bills?', { total: 65, count: 3 }],
  ])('%s', async (intent, result) => {
    expect(await ask(intent)).toMatchObject({ result });
  });
});

it.each([
  ['b-2 is paid now', ''],
  ['The bill b-2 was unpaid', 'was unpaid'],
])('%s asks for nothing', async (intent, reason) => {
  expect(await planOf(kitchen, intent)).toMatchObject({ kind: 'none', reason: expect.stringContaining(reason) });
});

it('chases no bill that nobody said, and each of those that are told', async () => {
  expect(await planOf(kitchen, 'Chase the bills of Nora Lund')).toMatchObject({ kind: 'none' });
  const chased = async (intent: string) => (await ask(intent)).calls.filter(({ operation }) => operation === 'chase');
  expect(await chased('Chase the unpaid bills of Nora Lund')).toHaveLength(1);
  expect(await chased('Chase all bills of Nora Lund')).toHaveLength(3);
});
