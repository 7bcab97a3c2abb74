// A recording studio: states that the document describes, switches, clocks, ids by example, people by name and by address.
import type { Json } from '@errand/contracts';
import type { Call } from './runs.ts';
import { service } from './tools.ts';

const STATE =
  'asked|held|firm|gone: asked: nobody has answered; held: room is kept; firm: deposit was paid; gone: called off';
const booking = {
  id: 'string: Id of the booking.',
  title: 'string: What it is called.',
  artistId: 'string: Artist who books.',
  date: 'date: Day.',
  starts: 'string: Start, as HH:MM.',
  ends: 'string: End, as HH:MM.',
  seats: 'integer: Expected guests.',
  state: STATE,
  producer: 'email: Address of the producer.',
} as const;
const artist = { id: 'string', name: 'string', phone: 'string', email: 'email' } as const;
const room = {
  code: 'string: Code of the room.',
  name: 'string',
  kind: 'booth|hall|lounge',
  open: 'boolean: Whether it can be hired now.',
  step_free: 'boolean: Reached without steps.',
  dayRate: 'number: Price of a day in pounds.',
  rank: 'integer: 1 best, 2 good, 3 plain.',
  lastCleanedOn: 'date',
} as const;
const repair = {
  id: 'string',
  what: 'string: What is broken.',
  state: 'reported|fixed: How it stands.',
  reportedOn: 'date: Day of the report.',
  cost: 'number: Price in pounds.',
} as const;

export const studio = service('studio', 'Studio', [
  {
    call: 'GET /rooms',
    name: 'listRooms',
    title: 'List rooms',
    query: {
      kind: 'booth|hall|lounge: Only this kind.',
      rank: 'integer: 1 best, 2 good, 3 plain.',
      open: 'boolean: true: only what can be hired now; false: only what cannot.',
    },
    answer: [room],
  },
  {
    call: 'PUT /rooms/{roomCode}/rate',
    name: 'setRate',
    title: 'Set the rate of a room',
    body: { 'dayRate!': 'number: Price of a day in pounds.' },
    answer: room,
  },
  {
    call: 'PATCH /artists/{artistId}',
    name: 'updateArtist',
    title: 'Change how an artist is reached',
    body: { phone: 'string: Phone number.', email: 'email: Address.' },
    answer: artist,
  },
  { call: 'POST /keys/{keyId}/lost', name: 'reportKeyLost', title: 'Report a key as lost', answer: { id: 'string' } },
  {
    call: 'POST /guests',
    name: 'addGuest',
    title: 'Register a guest',
    body: { 'first_name!': 'string: First name.', 'last_name!': 'string: Last name.', email: 'email' },
    answer: { id: 'string' },
  },
  {
    call: 'GET /artists',
    name: 'listArtists',
    title: 'List artists',
    query: { q: 'string: Part of the name.' },
    answer: [artist],
  },
  {
    call: 'GET /bookings',
    name: 'listBookings',
    title: 'List bookings',
    query: {
      artistId: 'string: Only bookings of this artist.',
      state: STATE,
      producer: 'email: Only bookings of this producer, by address.',
      from: 'date: First day.',
      to: 'date: Last day.',
      page: 'integer: Page, from 1.',
      perPage: 'limit50: Rows on a page.',
    },
    answer: { items: [booking], page: 'integer', pages: 'integer: How many pages there are.' },
  },
  {
    call: 'POST /bookings',
    name: 'holdRoom',
    title: 'Hold a room for an artist',
    body: {
      'artistId!': 'string: Artist who books.',
      'roomCode!': 'string: Code of the room, such as R-12.',
      'title!': 'string: What it is called.',
      'date!': 'date: Day.',
      'starts!': 'string: Start, as HH:MM.',
      'ends!': 'string: End, as HH:MM.',
      'seats!': 'integer: Expected guests.',
    },
    answer: booking,
  },
  {
    call: 'POST /bookings/{bookingId}/reschedule',
    name: 'rescheduleBooking',
    title: 'Move a booking to another day',
    body: { 'date!': 'date: New day.' },
    answer: booking,
  },
  {
    call: 'GET /repairs',
    name: 'listRepairs',
    title: 'List repairs',
    query: {
      state: 'reported|fixed: How it stands.',
      reportedFrom: 'date: Reported on this day or later.',
      reportedTo: 'date: Reported on this day or earlier.',
    },
    answer: [repair],
  },
  {
    call: 'POST /repairs',
    name: 'reportRepair',
    title: 'Report a repair',
    body: { 'roomCode!': 'string: Code of the room, such as R-12.', 'what!': 'string: What is broken.' },
    answer: repair,
  },
  {
    call: 'POST /repairs/{repairId}/give',
    name: 'giveRepair',
    title: 'Give a repair to an artist',
    body: { 'artistId!': 'string: Artist who mends it.', visitOn: 'date: Day on which the artist comes.' },
    answer: repair,
  },
  {
    call: 'POST /messages',
    name: 'sendMessage',
    title: 'Send a message to an artist',
    body: {
      'artistId!': 'string: Artist id.',
      'channel!': 'sms|email: How it is sent.',
      'text!': 'string: What it says.',
    },
    answer: { id: 'string' },
  },
]);

const people = ['Ada Berg', 'Bo Lind', 'Bo Lind', 'Cora Vance'].map((name, index) => ({
  id: `ar_${index + 1}`,
  name,
  phone: `555 010${index}`,
  email: `artist${index}@example.com`,
}));
const rooms = ['Red Booth', 'Great Hall', 'Old Lounge'].map((name, index) => ({
  code: `R-1${index}`,
  name,
  kind: ['booth', 'hall', 'lounge'][index]!,
  open: index < 2,
  step_free: index > 0,
  rank: index + 1,
  dayRate: 100 * (index + 1),
  lastCleanedOn: `2026-11-0${index + 1}`,
}));
const bookings = Array.from({ length: 70 }, (_, index) => ({
  id: `bk-${index}`,
  title: `Take ${index}`,
  artistId: `ar_${(index % 4) + 1}`,
  starts: '10:00',
  ends: '12:00',
  date: new Date(Date.UTC(2026, 9, 1 + index)).toISOString().slice(0, 10),
  seats: index,
  state: ['asked', 'held', 'firm', 'gone'][index % 4]!,
  producer: index % 7 === 0 ? 'dana@example.com' : 'x@example.com',
}));
const repairs = [
  { id: 'rp-1', what: 'Lamp', state: 'fixed', reportedOn: '2026-11-03', cost: 40 },
  { id: 'rp-2', what: 'Desk', state: 'reported', reportedOn: '2026-11-20', cost: null },
  { id: 'rp-3', what: 'Sink', state: 'reported', reportedOn: '2026-10-20', cost: 25.5 },
];

/** What the studio answers, by its own filters. */
export function studioAnswer({ operation, args }: Call): Json {
  const query = (args.query ?? {}) as Record<string, Json | undefined>;
  const kept = <T extends Record<string, Json>>(rows: readonly T[], names: readonly string[]) =>
    rows.filter((row) => names.every((name) => query[name] === undefined || row[name] === query[name]));
  const between = (day: string, from: Json | undefined, to: Json | undefined) =>
    day >= String(from ?? '') && day <= String(to ?? '9');
  if (operation === 'listRooms') return kept(rooms, ['kind', 'open', 'rank']);
  if (operation === 'listArtists')
    return people.filter(({ name }) => name.toLowerCase().includes(String(query.q ?? '').toLowerCase()));
  if (operation === 'listRepairs')
    return kept(repairs, ['state']).filter((row) => between(row.reportedOn, query.reportedFrom, query.reportedTo));
  if (operation !== 'listBookings') return { id: 'new' };
  const own = kept(bookings, ['artistId', 'state', 'producer']).filter(({ date }) =>
    between(date, query.from, query.to),
  );
  const [page, size] = [Number(query.page ?? 1), Number(query.perPage ?? 20)];
  return { items: own.slice((page - 1) * size, page * size), page, pages: Math.max(1, Math.ceil(own.length / size)) };
}
