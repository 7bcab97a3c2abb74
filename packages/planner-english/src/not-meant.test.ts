// What would be done or read though nobody meant it: news of what is decided, the contrary of what is said, who did what, one date for another.
import type { Json } from '@errand/contracts';
import { afterAll, describe, expect, it } from 'vitest';
import { type Call, closeRuns, planOf, run } from './testing/runs.ts';
import { service } from './testing/tools.ts';

afterAll(closeRuns);

const boat = {
  id: 'string: Boat number, e.g. B-101',
  name: 'string',
  state: 'moored|out_of_use|sold',
  fee: 'number: Fee a month in euros.',
  berths: 'integer: How many sleep on it.',
  skipper_id: 'string: Person who sails it.',
  ends_on: 'date: Last day of its contract.',
  created_at: 'time: When it was entered.',
} as const;
const person = { id: 'string', first_name: 'string', last_name: 'string', phone: 'string' } as const;
const bill = {
  id: 'string: Bill number, e.g. 2026-01',
  person_id: 'string: Person who pays.',
  state: 'open|paid|void',
  due_on: 'date: Day by which it is to be paid.',
  paid_on: 'date: Day on which it was paid.',
} as const;
const contract = { id: 'string', boat_id: 'string', state: 'running|ended', ends_on: 'date: Last day.' } as const;

const tools = service('marina', 'Marina', [
  {
    call: 'GET /boats',
    name: 'listBoats',
    title: 'List boats',
    query: { state: 'moored|out_of_use|sold', sort: 'number|-number' },
    answer: { data: [boat] },
  },
  { call: 'GET /boats/{boat_id}', name: 'getBoat', title: 'Get a boat', answer: boat },
  {
    call: 'POST /boats/{boat_id}/take-out',
    name: 'takeOut',
    title: 'Take a boat out of use',
    body: { 'reason!': 'string: Why.' },
    answer: boat,
  },
  { call: 'POST /boats/{boat_id}/put-back', name: 'putBack', title: 'Put a boat back into use', answer: boat },
  {
    call: 'GET /people',
    name: 'listPeople',
    title: 'List people',
    query: { q: 'string: Part of the name.' },
    answer: { data: [person] },
  },
  { call: 'GET /people/{person_id}', name: 'getPerson', title: 'Get a person', answer: person },
  {
    call: 'POST /people',
    name: 'addPerson',
    title: 'Create a person',
    body: { 'first_name!': 'string', 'last_name!': 'string', phone: 'string' },
    answer: person,
  },
  {
    call: 'PATCH /people/{person_id}',
    name: 'updatePerson',
    title: 'Change a person',
    body: { phone: 'string: Phone number.' },
    answer: person,
  },
  {
    call: 'POST /people.amend',
    name: 'amendPerson',
    title: 'Amend a person',
    body: { 'person_id!': 'string', phone: 'string: Phone number.' },
    answer: person,
  },
  {
    call: 'GET /bills',
    name: 'listBills',
    title: 'List bills',
    query: {
      person_id: 'string',
      state: 'open|paid|void',
      due_from: 'date: Due on this day or later.',
      due_to: 'date: Due on this day or earlier.',
    },
    answer: { data: [bill] },
  },
  { call: 'POST /bills/{bill_id}/refund', name: 'refundBill', title: 'Refund a bill', answer: bill },
  {
    call: 'PATCH /bills/{bill_id}',
    name: 'updateBill',
    title: 'Update a bill',
    body: { person_id: 'string: Person who pays.', state: 'open|held|void' },
    answer: bill,
  },
  { call: 'POST /bills/{bill_id}/void', name: 'voidBill', title: 'Void a bill', answer: bill },
  {
    call: 'GET /contracts',
    name: 'listContracts',
    title: 'List contracts',
    query: { state: 'running|ended' },
    answer: { data: [contract] },
  },
]);

const PEOPLE = [{ id: 'p1', first_name: 'Ines', last_name: 'Kolar', phone: '1' }];
const BILLS = [
  ['2026-01', 'paid', '2026-10-20', '2026-11-02'],
  ['2026-02', 'paid', '2026-11-20', '2026-10-09'],
  ['2026-03', 'open', '2026-10-30', null],
].map(([id, state, due_on, paid_on]) => ({ id, person_id: 'p1', state, due_on, paid_on })) as Json[];
const BOATS = [
  { id: 'B-101', name: 'Gull', state: 'moored', skipper_id: 'p1' },
  { id: 'B-102', name: 'Tern', state: 'sold', skipper_id: 'p1' },
];
function answer({ operation, args }: Call): Json {
  const state = (args.query as Record<string, Json> | undefined)?.state;
  const rows = ({ listPeople: PEOPLE, listBills: BILLS, listBoats: BOATS } as Record<string, Json[]>)[operation];
  if (rows) return { data: rows.filter((row) => state === undefined || (row as { state: Json }).state === state) };
  return operation === 'getPerson' ? PEOPLE[0]! : operation.startsWith('list') ? { data: [] } : { id: 'x' };
}

describe('no write', () => {
  it.each([
    ['Bill 2026-01 was refunded', 'refunded'],
    ['Bill 2026-03 has been voided', 'voided'],
    ['Ines Kolar has paid', 'paid'],
    ['Take B-101 out of use', 'take'],
    ['order 10 chains', 'chains'],
    ["Assign all of Ines Kolar's open bills to Otto Falk", 'open bills'],
    ["Change the phone number of Ines Kolar's mother to +44 161 5550199", 'mother'],
    ['X-77 has been sold', 'sold'],
  ])('%s', async (intent, reason) => {
    expect(await planOf(tools, intent)).toMatchObject({ kind: 'none', reason: expect.stringContaining(reason) });
  });
});

describe('no read', () => {
  it.each([
    ['who joined this year?', 'joined'],
    ['who left the marina?', 'left'],
    ['Who created B-101?', 'created'],
    ['Which bills were paid late?', 'late'],
    ["Which bills haven't been paid in October?", 'paid'],
    ['How many bills did Ines Kolar see in November?', 'see'],
    ['Who is the skipper of the skipper of B-101?', 'skipper'],
    ["Ines Kolar's bill was paid", 'paid'],
  ])('%s', async (intent, reason) => {
    expect(await planOf(tools, intent)).toMatchObject({ kind: 'none', reason: expect.stringContaining(reason) });
  });

  it('the biggest boat is not that of the highest number', async () => {
    const { calls } = await run(tools, 'the biggest boat', answer);
    expect(calls.filter(({ args }) => args.query?.sort !== undefined)).toEqual([]);
  });
});

it.each<[string, Json]>([
  ['Bills paid in October', [BILLS[1]!]],
  ['How many boats have not been sold?', { count: 1 }],
])('%s', async (intent, result) => expect((await run(tools, intent, answer)).result).toEqual(result));
