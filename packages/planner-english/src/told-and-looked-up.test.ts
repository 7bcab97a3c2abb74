// Orders and figures by what they are of, languages by their codes, those who are told of before, and look-ups before the first change.
import type { Json } from '@errand/contracts';
import { afterAll, describe, expect, it } from 'vitest';
import { type Call, closeRuns, run } from './testing/runs.ts';
import { service } from './testing/tools.ts';

afterAll(closeRuns);

const SPEAKS = 'Language that the pilot speaks, ISO 639-1 code such as de';
const owner = { id: 'string', name: 'string', phone: 'string: Phone number.' } as const;
const pilot = { id: 'string', name: 'string', language: `string: ${SPEAKS}`, fee_per_trip: 'number' } as const;
const trip = {
  id: 'string',
  owner_id: 'string: Owner who ordered it.',
  title: 'string',
  trip_day: 'date: Day of the trip',
  seats: 'integer: Number of seats',
  price_per_seat: 'number: Price for each seat',
  status: 'asked|confirmed|cancelled',
} as const;
const pass = {
  id: 'string',
  owner_id: 'string: Holder.',
  harbour_id: 'string: Harbour in which it is valid.',
  kind: 'owner|visitor',
  reason: 'no_pass|old_pass',
  valid_to: 'date: Last day.',
} as const;

const tools = service('ferries', 'Ferries', [
  {
    call: 'GET /owners',
    name: 'listOwners',
    title: 'List owners',
    query: { name: 'string: Owners whose name contains this.' },
    answer: { data: [{ ...owner, harbour_id: 'string: Harbour of the owner.' }] },
  },
  {
    call: 'GET /harbours',
    name: 'listHarbours',
    title: 'List harbours',
    answer: { data: [{ id: 'string', name: 'string' }] },
  },
  {
    call: 'PATCH /owners/{owner_id}',
    name: 'updateOwner',
    title: 'Change an owner',
    body: { phone: 'string: Phone number.' },
    answer: owner,
  },
  {
    call: 'GET /pilots',
    name: 'listPilots',
    title: 'List pilots',
    query: {
      name: 'string: Pilots whose name contains this.',
      language: 'string: Pilots who speak this language, ISO 639-1 code such as de',
    },
    answer: { data: [pilot] },
  },
  {
    call: 'PATCH /pilots/{pilot_id}',
    name: 'updatePilot',
    title: 'Change a pilot',
    body: { fee_per_trip: 'number: Fee per trip in EUR' },
    answer: pilot,
  },
  {
    call: 'GET /trips',
    name: 'listTrips',
    title: 'List trips',
    query: {
      owner_id: 'string: Trips of this owner.',
      status: 'asked|confirmed|cancelled',
      sort: 'trip_day|-trip_day|seats|-seats',
    },
    answer: { data: [trip] },
  },
  { call: 'POST /trips/{trip_id}/confirm', name: 'confirmTrip', title: 'Confirm a trip', answer: trip },
  {
    call: 'GET /passes',
    name: 'listPasses',
    title: 'List passes',
    query: {
      owner_id: 'string: Passes of this holder.',
      harbour_id: 'string: Passes for this harbour.',
      kind: 'owner|visitor',
    },
    answer: { data: [pass] },
  },
]);

const trips = [
  {
    id: 't1',
    owner_id: 'o1',
    title: 'Autumn Run',
    trip_day: '2026-12-02',
    seats: 40,
    price_per_seat: 120,
    status: 'asked',
  },
  {
    id: 't2',
    owner_id: 'o2',
    title: 'Seal Watch',
    trip_day: '2026-12-20',
    seats: 12,
    price_per_seat: 30,
    status: 'confirmed',
  },
  {
    id: 't3',
    owner_id: 'o2',
    title: 'Island Fair',
    trip_day: '2026-12-09',
    seats: 150,
    price_per_seat: 8,
    status: 'asked',
  },
];
const passes = [
  { id: 'p1', owner_id: 'o1', harbour_id: 'h1', kind: 'owner', reason: 'no_pass', valid_to: '2027-01-31' },
  { id: 'p2', owner_id: 'o2', harbour_id: 'h1', kind: 'owner', reason: 'old_pass', valid_to: '2026-11-30' },
  { id: 'p3', owner_id: 'o2', harbour_id: 'h1', kind: 'visitor', reason: 'old_pass', valid_to: '2026-12-04' },
];
const pilots = [
  { id: 'k1', name: 'Rosa Anders', language: 'es', fee_per_trip: 90 },
  { id: 'k2', name: 'Leif Holm', language: 'da', fee_per_trip: 80 },
];
const ROWS: Readonly<Record<string, readonly Record<string, Json>[]>> = {
  listOwners: [
    { id: 'o1', name: 'St. Brendan Lines', phone: '1', harbour_id: 'h1' },
    { id: 'o2', name: 'Ines Kolar', phone: '2', harbour_id: 'h1' },
  ],
  listHarbours: [{ id: 'h1', name: 'North' }],
  listPilots: pilots,
  listTrips: trips,
  listPasses: passes,
};
const ask = (intent: string) =>
  run(tools, intent, ({ operation, args: { query = {} } }: Call) => ({
    data: (ROWS[operation] ?? []).filter((row) =>
      Object.entries(query).every(([name, value]) => name === 'sort' || String(row[name]).includes(String(value))),
    ),
  }));

describe('what an order goes by', () => {
  it.each([
    ['two largest trips by seats', '-seats'],
    ['the two biggest trips by number of seats', '-seats'],
    ['the two latest trips', '-trip_day'],
  ])('%s', async (intent, sort) =>
    expect((await ask(intent)).calls).toMatchObject([{ operation: 'listTrips', args: { query: { sort } } }]),
  );

  it('is no time where a size is asked', async () =>
    expect((await ask('the two largest trips by owner')).refused).toMatch(/largest/));
});

describe('what is told for one', () => {
  it.each([
    ['Which trips have more than 100 seats?', ['t3']],
    ['trips for more than 100 per seat', ['t1']],
  ])('%s', async (intent, ids) =>
    expect(((await ask(intent)).result as { id: string }[]).map(({ id }) => id)).toEqual(ids),
  );

  it.each([
    ["Set Leif Holm's fee to 85 EUR per trip", 85],
    ['Set the fee per trip of Leif Holm to 85', 85],
  ])('%s', async (intent, fee_per_trip) =>
    expect((await ask(intent)).calls.at(-1)).toEqual({
      operation: 'updatePilot',
      args: { path: { pilot_id: 'k2' }, body: { fee_per_trip } },
    }),
  );

  it('is no group', async () => expect((await ask('price per seat of the Seal Watch')).result).toEqual([trips[1]]));
});

describe('a language where its code is taken', () => {
  it.each([
    ['pilots who speak Danish', 'da'],
    ['Spanish pilots', 'es'],
  ])('%s', async (intent, language) =>
    expect((await ask(intent)).calls).toEqual([{ operation: 'listPilots', args: { query: { language } } }]),
  );
});

describe('who is told of before', () => {
  it.each([
    ['Ines Kolar is on the phone. Until when is her owner pass valid?', ['p2']],
    ['Ines Kolar is here. Show me her passes.', ['p2', 'p3']],
    ['Ines Kolar rang. Her visitor passes, please.', ['p3']],
    ['Ines Kolar wants to talk. Which passes does she have?', ['p2', 'p3']],
    ["Ines Kolar's passes", ['p2', 'p3']],
  ])('%s', async (intent, ids) =>
    expect(((await ask(intent)).result as { id: string }[]).map(({ id }) => id)).toEqual(ids),
  );

  it('is never dropped', async () =>
    expect((await ask('Nobody Known is here. Show me her passes.')).refused).toMatch(/Nobody Known/));
});

describe('two things to do', () => {
  it.each([
    'Confirm the Autumn Run and change the phone number of Otto Falk to 030 123 456',
    'Confirm the Autumn Run. Then confirm the Summer Ball.',
    'Change the phone number of Otto Falk to 030 123 456 and confirm the Autumn Run',
    'Show the passes of Otto Falk, then confirm the Autumn Run',
  ])('%s changes nothing where a name is not there', async (intent) => {
    const { calls, refused } = await ask(intent);
    expect(refused).toMatch(/no (?:owner|trip)|Otto Falk/);
    expect(calls.filter(({ operation }) => !operation.startsWith('list'))).toEqual([]);
  });

  it('are done where all names are found', async () => {
    const { calls } = await ask(
      'Confirm the Autumn Run and change the phone number of St. Brendan Lines to 030 123 456',
    );
    expect(calls.slice(-2)).toEqual([
      { operation: 'confirmTrip', args: { path: { trip_id: 't1' } } },
      { operation: 'updateOwner', args: { path: { owner_id: 'o1' }, body: { phone: '030 123 456' } } },
    ]);
  });
});

it('says each word once that it could not place', async () =>
  expect((await ask('the largest passes owned by Ines Kolar')).refused).not.toMatch(/"(\w+)", "\1"/));
