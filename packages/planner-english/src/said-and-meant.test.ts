// What documents describe in their own words, and what people call the same: states, switches, clocks, ids, verbs, the user.
import type { Json } from '@errand/contracts';
import { afterAll, describe, expect, it } from 'vitest';
import { closeRuns, planOf, run } from './testing/runs.ts';
import { studio, studioAnswer } from './testing/studio.ts';

afterAll(closeRuns);

const user = { name: 'Dana Whitfield' };
const ask = (intent: string) => run(studio, intent, studioAnswer, { user, userId: 'dana@example.com' });

describe('what is asked of a service', () => {
  it.each<[string, operation: string, query: Record<string, Json>]>([
    ['Which rooms cannot be hired at the moment?', 'listRooms', { open: false }],
    ['Which rooms can be hired right now?', 'listRooms', { open: true }],
    ['For which bookings was the deposit paid?', 'listBookings', { state: 'firm' }],
    ['List the bookings that nobody has answered', 'listBookings', { state: 'asked' }],
    ['Show the firm bookings', 'listBookings', { state: 'firm' }],
    ['Which rooms are good?', 'listRooms', { rank: 2 }],
    [
      'How many repairs were reported this month?',
      'listRepairs',
      { reportedFrom: '2026-11-01', reportedTo: '2026-11-30' },
    ],
    ['How many repairs are reported?', 'listRepairs', { state: 'reported' }],
    ['my bookings in December', 'listBookings', { producer: 'dana@example.com', from: '2026-12-01', to: '2026-12-31' }],
    ['Show the bookings that I look after', 'listBookings', { producer: 'dana@example.com' }],
    ["I'd like the phone number of Ada Berg", 'listArtists', { q: 'Ada Berg' }],
    ['Could you please tell me the phone number of Cora Vance', 'listArtists', { q: 'Cora Vance' }],
  ])('%s', async (intent, operation, query) => {
    const { calls, refused } = await ask(intent);
    expect(refused).toBeUndefined();
    const { perPage: _, page: __, ...asked } = calls.at(-1)!.args.query ?? {};
    expect([calls.at(-1)!.operation, asked]).toEqual([operation, query]);
  });
});

describe('what is answered', () => {
  it.each<[string, Json]>([
    ['What did the repairs cost altogether?', { total: 65.5, count: 3 }],
    ['What did the repair rp-3 cost?', [{ id: 'rp-3', cost: 25.5 }]],
    ['Which room has the highest rate?', { name: 'Old Lounge' }],
    ['the cheapest room', { name: 'Red Booth' }],
    ['How many repairs have been reported since 1 November?', { count: 2 }],
    ['How many bookings are gone?', { count: 17 }],
    ['Which rooms are halls? Give me a list of { name, dayRate }', [{ name: 'Great Hall', dayRate: 200 }]],
    [
      'The two firm bookings with the most seats, as { title, seats }',
      [
        { title: 'Take 66', seats: 66 },
        { title: 'Take 62', seats: 62 },
      ],
    ],
    ['What is the average price of a day of the rooms?', { average: 200, count: 3 }],
  ])('%s', async (intent, result) => {
    expect(await ask(intent)).toMatchObject({ result });
  });

  it('the next one is the first that is to come', async () => {
    const { result } = await ask('When is the next booking of Ada Berg?');
    expect(result).toMatchObject({ date: '2026-11-26', artistId: 'ar_1' });
  });

  it.each([
    ["What is Bo Lind's phone number?", 'There are several artists named Bo Lind. Say which one is meant.'],
    ['Text Bo Lind: "Come at noon"', 'There are several artists named Bo Lind. Say which one is meant.'],
    ['Show the bookings of Zoe Quill', 'There is no artist named Zoe Quill.'],
  ])('%s ends with a sentence', async (intent, message) => {
    const { refused, calls } = await ask(intent);
    expect(refused).toBe(message);
    expect(calls.filter(({ operation }) => operation === 'sendMessage')).toEqual([]);
  });
});

describe('what is done', () => {
  it.each<[string, operation: string, args: Record<string, Record<string, Json>>]>([
    [
      'Move booking bk-12 to next Monday',
      'rescheduleBooking',
      { path: { bookingId: 'bk-12' }, body: { date: '2026-11-30' } },
    ],
    [
      'Set the phone of Ada Berg to 0151 555 0142 and its email to ada@berg.example',
      'updateArtist',
      { path: { artistId: 'ar_1' }, body: { phone: '0151 555 0142', email: 'ada@berg.example' } },
    ],
    ['Report key K-12 as lost', 'reportKeyLost', { path: { keyId: 'K-12' } }],
    ['Set the rate of R-12 to 350', 'setRate', { path: { roomCode: 'R-12' }, body: { dayRate: 350 } }],
    [
      'Register the guest Max von Holt, max@holt.example',
      'addGuest',
      { body: { first_name: 'Max', last_name: 'von Holt', email: 'max@holt.example' } },
    ],
    ['Report a repair in R-11: "No light"', 'reportRepair', { body: { roomCode: 'R-11', what: 'No light' } }],
    [
      'Text Ada Berg: "Come at noon"',
      'sendMessage',
      { body: { artistId: 'ar_1', channel: 'sms', text: 'Come at noon' } },
    ],
    [
      'Send Cora Vance an email: "Come at one"',
      'sendMessage',
      { body: { artistId: 'ar_4', channel: 'email', text: 'Come at one' } },
    ],
    [
      'Hold R-10 for Ada Berg on 4 December from 18:00 to 21:30: "Late take", 12 guests',
      'holdRoom',
      {
        body: {
          artistId: 'ar_1',
          roomCode: 'R-10',
          title: 'Late take',
          date: '2026-12-04',
          starts: '18:00',
          ends: '21:30',
          seats: 12,
        },
      },
    ],
  ])('%s', async (intent, operation, args) => {
    const { calls, refused } = await ask(intent);
    expect(refused).toBeUndefined();
    expect(calls.filter((call) => !call.operation.startsWith('list'))).toEqual([{ operation, args }]);
  });
});

it.each([
  ['Which rooms are halls? Give me a list of { name, colour }', 'colour'],
  ['Report the repair rp-2 to the police', 'police'],
  ['When was the last repair, and by whom?', 'by whom'],
  ['Move booking bk-12', 'date'],
  ['Lower the rate of R-12 by 50', '50'],
  ['Report key K-12 as found', 'found'],
  ['Cancel the key K-12', 'key'],
  ['Set ar_1 to let', 'let'],
  ['Which rooms are free on 12 December?', 'free'],
  ['Which bookings does Ada Berg need?', 'need'],
  ['Which repairs are to be fixed?', 'fixed'],
  ['How many artists have fixed a repair?', 'fixed'],
])('%s is refused', async (intent, reason) => {
  expect(await planOf(studio, intent, { user })).toMatchObject({
    kind: 'none',
    reason: expect.stringContaining(reason),
  });
});
