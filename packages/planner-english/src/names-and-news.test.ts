// Names as people say them: in small letters, with little words in them, of things that no noun tells, of things within things; and news for orders.
import type { Json } from '@errand/contracts';
import { afterAll, describe, expect, it } from 'vitest';
import { type Call, closeRuns, run } from './testing/runs.ts';
import { service } from './testing/tools.ts';

afterAll(closeRuns);

const shed = { id: 'string', name: 'string', address: 'string' } as const;
const gear = {
  id: 'string',
  name: 'string',
  fee: 'number: Fee a day in euros.',
  strength: 'number: How much it lifts.',
} as const;
const grower = { id: 'string', name: 'string', phone: 'string', guests: 'integer: How many come along.' } as const;
const piece = {
  id: 'string: Number on the piece.',
  gear_id: 'string: Gear that it is one of.',
  shed_id: 'string: Shed that it stands in.',
  state: 'there|lent|gone',
} as const;
const lending = {
  id: 'string',
  grower_id: 'string: Grower who has it.',
  gear_name: 'string: Name of the gear.',
  due_on: 'date: Day by which it must be back.',
} as const;
const duty = { id: 'string', title: 'string', done: 'boolean' } as const;
const bill = { id: 'string', grower_id: 'string: Grower who pays.', state: 'open|paid', paid_on: 'date?' } as const;

const tools = service('plots', 'Plots', [
  { call: 'GET /sheds', name: 'listSheds', title: 'List the sheds', answer: { data: [shed] } },
  { call: 'GET /gear', name: 'listGear', title: 'List gear', answer: { data: [gear] } },
  {
    call: 'GET /gear/{gear_id}/pieces',
    name: 'listPieces',
    title: 'List the pieces of gear',
    answer: { data: [piece] },
  },
  {
    call: 'PATCH /gear/{gear_id}/pieces/{piece_id}',
    name: 'updatePiece',
    title: 'Update a piece of gear',
    body: { state: 'there|lent|gone' },
    answer: piece,
  },
  { call: 'GET /growers', name: 'listGrowers', title: 'List growers', answer: { data: [grower] } },
  {
    call: 'PATCH /growers/{grower_id}',
    name: 'updateGrower',
    title: 'Change a grower',
    body: { phone: 'string: Phone number.', guests: 'integer: How many come along.' },
    answer: grower,
  },
  {
    call: 'GET /growers/{grower_id}/duties',
    name: 'listDuties',
    title: 'List the duties of a grower',
    answer: { data: [duty] },
  },
  {
    call: 'POST /growers/{grower_id}/duties/{duty_id}/done',
    name: 'completeDuty',
    title: 'Mark a duty as done',
    answer: duty,
  },
  { call: 'GET /lendings', name: 'listLendings', title: 'List lendings', answer: { data: [lending] } },
  {
    call: 'PATCH /lendings/{lending_id}',
    name: 'extendLending',
    title: 'Extend a lending',
    body: { 'due_on!': 'date: New day by which it must be back.' },
    answer: lending,
  },
  { call: 'GET /bills', name: 'listBills', title: 'List bills', answer: { data: [bill] } },
  {
    call: 'POST /bills/{bill_id}/paid',
    name: 'markPaid',
    title: 'Mark a bill as paid',
    body: { 'paid_on!': 'date: Day of the payment.' },
    answer: bill,
  },
]);

const GEAR = [
  { id: 'g1', name: 'Steam Kettle', fee: 4, strength: 2 },
  { id: 'g2', name: 'Fork for Beginners', fee: 1, strength: 9 },
];
const GROWERS = [
  { id: 'w1', name: 'Ines Kolar', phone: '1', guests: 0 },
  { id: 'w2', name: 'Otto Falk', phone: '2', guests: 0 },
];
const ROWS: Readonly<Record<string, Json[]>> = {
  listSheds: [
    { id: 's1', name: 'Northgate', address: 'a' },
    { id: 's2', name: 'Hill', address: 'b' },
  ],
  listGear: GEAR,
  listPieces: [
    { id: 'p1', gear_id: 'g1', shed_id: 's1', state: 'there' },
    { id: 'p2', gear_id: 'g1', shed_id: 's2', state: 'there' },
  ],
  listGrowers: GROWERS,
  listDuties: [
    { id: 'd1', title: 'Rake leaves', done: false },
    { id: 'd2', title: 'Cut hedge', done: false },
  ],
  listLendings: [
    { id: 'l1', grower_id: 'w1', gear_name: 'Steam Kettle', due_on: '2026-12-01' },
    { id: 'l2', grower_id: 'w1', gear_name: 'Fork for Beginners', due_on: '2026-12-02' },
    { id: 'l3', grower_id: 'w2', gear_name: 'Fork for Beginners', due_on: '2026-12-03' },
  ],
  listBills: [{ id: 'B-17', grower_id: 'w1', state: 'open', paid_on: null }],
};
const ask = (intent: string) => run(tools, intent, ({ operation }: Call) => ({ data: ROWS[operation] ?? [] }));

describe('what stands on a thing that only its name tells', () => {
  it.each(['when does the steam kettle move', 'how high is otto falk', 'the lead grower of Otto Falk'])(
    '%s is not answered by a list of other things',
    async (intent) => expect((await ask(intent)).refused).toBeDefined(),
  );

  it.each(['what does the copper kettle cost', 'how strong is the ladder'])('%s ends the run', async (intent) =>
    expect((await ask(intent)).refused).toMatch(/no gear|found nothing|could not place/),
  );
});

describe('what is done', () => {
  it.each<[string, string, unknown]>([
    ['Mark the duty "Rake leaves" of Ines Kolar as done', 'completeDuty', { path: { grower_id: 'w1', duty_id: 'd1' } }],
    [
      'bill B-17 was paid on 24 November 2026',
      'markPaid',
      { path: { bill_id: 'B-17' }, body: { paid_on: '2026-11-24' } },
    ],
  ])('%s', async (intent, operation, args) => {
    const { calls, refused } = await ask(intent);
    expect(refused).toBeUndefined();
    expect(calls.filter((one) => !one.operation.startsWith('list'))).toEqual([{ operation, args }]);
  });

  it.each([
    'Mark the duty "Wash pots" of Ines Kolar as done',
    'Which bill was paid on 24 November 2026?',
    'lending l1 was returned today',
    'lending l1 is due on 9 December 2026',
    'grower w1 is broken',
    'the bills that were paid yesterday',
    'bill B-17 was forgotten yesterday',
    'bill B-17 was paid yesterday by the wrong grower',
    'mara lund has a new phone number: +44 161 5550177',
  ])('%s changes nothing', async (intent) => {
    const { calls } = await ask(intent);
    expect(calls.filter((one) => !one.operation.startsWith('list'))).toEqual([]);
  });
});

describe('what is of somebody', () => {
  const booking = { id: 'string', title: 'string', client_id: 'string: Client who booked it.' } as const;
  const hall = service('hall', 'Hall', [
    {
      call: 'GET /bookings',
      name: 'listBookings',
      title: 'List bookings',
      query: { q: 'string: Part of the title.', client_id: 'string: Only bookings of this client.' },
      answer: { data: [booking] },
    },
    {
      call: 'GET /clients',
      name: 'listClients',
      title: 'List clients',
      query: { q: 'string: Part of the name.' },
      answer: { data: [{ id: 'string', name: 'string' }] },
    },
    { call: 'POST /bookings/{booking_id}/cancel', name: 'cancelBooking', title: 'Cancel a booking', answer: booking },
  ]);
  it.each(['Cancel the booking of Ines Kolar', "Cancel Ines Kolar's booking"])('%s', async (intent) => {
    const { calls } = await run(hall, intent, ({ operation, args }) => {
      if (operation === 'listClients') return { data: [{ id: 'c1', name: 'Ines Kolar' }] };
      return { data: args.query?.client_id === 'c1' ? [{ id: 'b1', title: 'Ball', client_id: 'c1' }] : [] };
    });
    expect(calls.at(-1)).toEqual({ operation: 'cancelBooking', args: { path: { booking_id: 'b1' } } });
  });
});
