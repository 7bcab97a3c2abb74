import { afterAll, describe, expect, it } from 'vitest';
import { closeRuns, planOf, run } from './testing/runs.ts';
import { BOUND, plans, refusals } from './testing/tables.ts';
import { type Short, service } from './testing/tools.ts';

afterAll(closeRuns);

const GROUPS = 'A+|A-|O+|O-';
const donor: Short = {
  id: 'integer',
  number: 'integer: Donor number, as on the card',
  name: 'string',
  blood_group: GROUPS,
  last_donated_on: 'date?',
};
const unit: Short = {
  id: 'integer',
  label: 'string: Label of the bag, e.g. U-26-0001',
  blood_group: GROUPS,
  status: 'in_stock|quarantine|discarded',
  donor_id: 'integer',
  expires_on: 'date',
};
const bank = service('bank', 'Blood bank', [
  {
    call: 'GET /donors',
    name: 'listDonors',
    title: 'List donors',
    query: { name: 'string: Part of the name', blood_group: GROUPS },
    answer: { results: [donor] },
  },
  { call: 'GET /donors/{id}', name: 'getDonor', title: 'Get a donor', answer: donor },
  { call: 'DELETE /donors/{id}', name: 'deleteDonor', title: 'Remove a donor' },
  {
    call: 'POST /donors/{id}/defer',
    name: 'deferDonor',
    title: 'Defer a donor',
    body: { 'until!': 'date', 'reason!': 'travel|illness' },
    answer: donor,
  },
  {
    call: 'GET /units',
    name: 'listUnits',
    title: 'List blood units',
    query: { status: 'in_stock|quarantine|discarded', expires_before: 'date: Expiry on or before this day' },
    answer: { results: [unit] },
  },
  {
    call: 'POST /units/discard',
    name: 'discardUnits',
    title: 'Discard blood units',
    body: { 'unit_ids!': ['integer: Ids of the units'], 'reason!': 'expired|damaged' },
    answer: { discarded: 'integer' },
  },
  {
    call: 'GET /orders',
    name: 'listOrders',
    title: 'List orders',
    query: { state: 'pending|shipped' },
    answer: { results: [{ id: 'integer', hospital: 'string', units: 'integer: Number of units' }] },
  },
  {
    call: 'POST /orders',
    name: 'createOrder',
    title: 'Order blood for a hospital',
    body: { 'hospital!': 'string: Name of the hospital', 'blood_group!': GROUPS, 'units!': 'integer' },
    answer: { id: 'integer' },
  },
  {
    call: 'POST /sessions/{id}/appointments',
    name: 'book',
    title: 'Book an appointment at a session',
    body: { 'donor_id!': 'integer', 'time!': 'string: HH:MM' },
    answer: { id: 'integer' },
  },
]);

describe('members of a list that signs tell apart', () => {
  plans(bank, [
    ['Donors with blood group O-', ['listDonors', { query: { blood_group: 'O-' } }]],
    [
      'Order 3 units of O- for Harbour Hospital',
      ['createOrder', { body: { hospital: 'Harbour Hospital', blood_group: 'O-', units: 3 } }],
    ],
  ]);
  refusals(bank, [['Order 3 units of O for Harbour Hospital', '"']]);
});

describe('what has a number beside its id', () => {
  plans(bank, [['Remove donor 2041', ['listDonors', {}], ['deleteDonor', { path: { id: BOUND } }]]]);
  refusals(bank, [['Units of donor 2041', '"']]);
  it('is told by the number', async () => {
    const donors = [
      { id: 2041, number: 1, name: 'Noor' },
      { id: 1, number: 2041, name: 'Ada' },
    ];
    const { calls } = await run(bank, 'Remove donor 2041', ({ operation }) =>
      operation === 'listDonors' ? { results: donors } : null,
    );
    expect(calls.at(-1)).toEqual({ operation: 'deleteDonor', args: { path: { id: '1' } } });
  });
});

describe('a list of things', () => {
  plans(bank, [
    [
      'Discard units 501 and 504, they are damaged',
      ['discardUnits', { body: { unit_ids: [501, 504], reason: 'damaged' } }],
    ],
    [
      'Discard U-26-0004, it is damaged',
      ['listUnits', {}],
      ['discardUnits', { body: { unit_ids: [BOUND], reason: 'damaged' } }],
    ],
  ]);
  it.each([[[502]], [[502, 503]]])('is taken in one call: %j', async (ids) => {
    const { calls } = await run(bank, 'Discard all units in quarantine as damaged', ({ operation }) =>
      operation === 'listUnits' ? { results: ids.map((id) => ({ id })) } : { discarded: ids.length },
    );
    expect(calls.slice(1)).toEqual([
      { operation: 'discardUnits', args: { body: { unit_ids: ids, reason: 'damaged' } } },
    ]);
  });
});

describe('times and states', () => {
  plans(bank, [
    ['Which units expire before Monday?', ['listUnits', { query: { expires_before: '2026-11-29' } }]],
    [
      'Defer Ada until 1 February because of travel',
      ['listDonors', { query: { name: 'Ada' } }],
      ['deferDonor', { path: { id: BOUND }, body: { until: '2027-02-01', reason: 'travel' } }],
    ],
    [
      'Book Milo at session 62 at 10:30',
      ['listDonors', { query: { name: 'Milo' } }],
      ['book', { path: { id: '62' }, body: { donor_id: BOUND, time: '10:30' } }],
    ],
  ]);
  refusals(bank, [
    ['Which donors have not donated since September?', '"not"'],
    ['Which hospital ordered the most units?', '"the most units"'],
  ]);
  it('has no time where a row does not tell it', async () => {
    const { result } = await run(bank, 'Which donors donated this month?', () => ({
      results: [
        { id: 1, last_donated_on: null },
        { id: 2, last_donated_on: '2026-11-03' },
      ],
    }));
    expect(result).toEqual([{ id: 2, last_donated_on: '2026-11-03' }]);
  });
});

const property: Short = {
  id: 'integer',
  number: 'string: Number on our books, e.g. P-0007',
  address: 'string',
  monthly_rent: 'number',
  owner_id: 'string',
};
const lets = service('lets', 'Lettings', [
  {
    call: 'GET /properties',
    name: 'listProperties',
    title: 'List properties',
    query: { owner_id: 'string' },
    answer: { properties: [property] },
  },
  { call: 'GET /properties/{id}', name: 'getProperty', title: 'Get a property', answer: property },
  {
    call: 'PUT /properties/{id}/rent',
    name: 'setRent',
    title: 'Set the rent of a property',
    body: { 'monthly_rent!': 'number' },
    answer: property,
  },
  {
    call: 'GET /owners',
    name: 'listOwners',
    title: 'List owners',
    query: { search: 'string: Part of a name' },
    answer: { owners: [{ id: 'string', name: 'string' }] },
  },
  {
    call: 'GET /tenancies',
    name: 'listTenancies',
    title: 'List tenancies',
    query: { ends_before: 'date', ends_after: 'date' },
    answer: { tenancies: [{ id: 'string', ends_on: 'date', ended_on: 'date?' }] },
  },
  {
    call: 'POST /tenancies/{id}/extend',
    name: 'extendTenancy',
    title: 'Extend a tenancy',
    body: { 'months!': 'integer: By how many months' },
    answer: { id: 'string' },
  },
]);

describe('lettings', () => {
  plans(lets, [
    [
      'Set the rent of P-0007 to £975',
      ['listProperties', {}],
      ['setRent', { path: { id: BOUND }, body: { monthly_rent: 975 } }],
    ],
    [
      'Set the rent of 12 Mill Road to £975',
      ['listProperties', {}],
      ['setRent', { path: { id: BOUND }, body: { monthly_rent: 975 } }],
    ],
    [
      'Which tenancies end this month?',
      ['listTenancies', { query: { ends_after: '2026-10-31', ends_before: '2026-12-01' } }],
    ],
    ['Extend tenancy T-1 by 6 months', ['extendTenancy', { path: { id: 'T-1' }, body: { months: 6 } }]],
  ]);
  refusals(lets, [['Who owns P-0012?', '']]);
  it('tells by a time that something has happened', async () => {
    const { result } = await run(lets, 'Which tenancies have ended?', () => ({
      tenancies: [
        { id: 'a', ended_on: null },
        { id: 'b', ended_on: '2026-08-31' },
      ],
    }));
    expect(result).toEqual([{ id: 'b', ended_on: '2026-08-31' }]);
  });
  it('does not order rows of one page only', async () => {
    const draft = await planOf(lets, 'the three tenancies with the latest ends on');
    expect(JSON.stringify(draft)).not.toContain('\\"3\\"');
  });
});
