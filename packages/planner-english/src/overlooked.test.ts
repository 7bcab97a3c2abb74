// Small words that pick, measure or tell, and that must not be overlooked: "a florist", "under 4 %", "nobody", "who left".
import type { Json } from '@errand/contracts';
import { afterAll, describe, expect, it } from 'vitest';
import { type Call, closeRuns, planOf, run } from './testing/runs.ts';
import { service } from './testing/tools.ts';

afterAll(closeRuns);

const ale = {
  id: 'string',
  name: 'string',
  price: 'number: Price of a keg in pounds.',
  abv: 'number: Alcohol by volume, in per cent.',
  stock: 'integer: Kegs in stock.',
} as const;
const hall = { id: 'string', name: 'string', town: 'string' } as const;
const show = {
  id: 'string: Show number, e.g. S-101',
  hall_id: 'string: Hall that it is in.',
  artist_id: 'string: Artist who plays.',
  state: 'planned|in_review|held',
  review: 'string?: What the papers said.',
  tickets_sold: 'integer: Tickets sold so far.',
  starts_at: 'time: Start.',
} as const;
const artist = { id: 'string', name: 'string', kind: 'singer|drummer', state: 'active|left' } as const;
const rent = {
  id: 'string',
  artist_id: 'string: Artist who pays.',
  amount: 'number: Pounds.',
  issued_on: 'date',
} as const;

const tools = service('venue', 'Venue', [
  {
    call: 'GET /ales',
    name: 'listAles',
    title: 'List ales',
    query: { q: 'string: Words in the name.' },
    answer: { data: [ale] },
  },
  { call: 'GET /halls', name: 'listHalls', title: 'List halls', answer: { data: [hall] } },
  {
    call: 'GET /shows',
    name: 'listShows',
    title: 'List shows',
    query: {
      artist_id: 'string: Only shows of this artist.',
      from: 'date: On this day or later.',
      to: 'date: On this day or earlier.',
    },
    answer: { data: [show] },
  },
  {
    call: 'PATCH /shows/{show_id}',
    name: 'moveShow',
    title: 'Move a show to another time or artist',
    body: { starts_at: 'time: Start.', artist_id: 'string: Artist who plays.' },
    answer: show,
  },
  { call: 'POST /shows/{show_id}/accept', name: 'acceptShow', title: 'Accept a show', answer: show },
  {
    call: 'POST /shows/{show_id}/artists',
    name: 'engageArtist',
    title: 'Engage an artist for a show',
    body: { 'artist_id!': 'string: Artist.', 'fee!': 'number: Fee in pounds.' },
    answer: show,
  },
  {
    call: 'GET /artists',
    name: 'listArtists',
    title: 'List artists',
    query: { kind: 'singer|drummer' },
    answer: { data: [artist] },
  },
  { call: 'GET /artists/{artist_id}', name: 'getArtist', title: 'Get an artist', answer: artist },
  { call: 'GET /rents', name: 'listRents', title: 'List rents', answer: { data: [rent] } },
]);

const SHOWS = [
  { id: 'S-101', state: 'planned', review: null },
  { id: 'S-102', state: 'in_review', review: null },
  { id: 'S-103', state: 'held', review: 'Loud' },
];
const answer = ({ operation }: Call): Json =>
  operation === 'listShows' ? { data: SHOWS } : operation.startsWith('list') ? { data: [] } : { id: 'x' };

it.each([
  ['S-101 was accepted', 'accepted'],
  ['Engage a singer for S-101 for 300 pounds', 'singer'],
  ['Ales under 4%', '4'],
  ['Ales with less than 5 pieces below', '5 pieces'],
  ['How many ales are in Antwerp?', 'Antwerp'],
  ['Shows with fewer than 50 tickets left', '50 tickets left'],
  ['Shows that nobody looks after', 'nobody'],
  ['Shows missed by drummers', 'drummers'],
  ['Show is accepted', 'accepted'],
  ['artists who withdrew this year', 'withdrew'],
  ['the strangest artist', 'strangest'],
  ['total rent a month', 'a month'],
])('%s is refused', async (intent, reason) => {
  expect(await planOf(tools, intent)).toMatchObject({ kind: 'none', reason: expect.stringContaining(reason) });
});

describe('what is answered', () => {
  it.each<[string, Json]>([['Shows without a review', SHOWS.slice(0, 2) as Json]])('%s', async (intent, result) =>
    expect((await run(tools, intent, answer)).result).toEqual(result),
  );

  it('a month to come, also where what is left out is done', async () => {
    const { calls } = await run(tools, 'shows in December without cancelled ones', answer);
    expect(calls.filter(({ args }) => args.query?.from === '2025-12-01')).toEqual([]);
  });
});
