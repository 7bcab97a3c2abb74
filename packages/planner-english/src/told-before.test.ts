// What people tell before they ask, several states at once, and what the little words of a document say.
import type { Json } from '@errand/contracts';
import { afterAll, describe, expect, it } from 'vitest';
import { type Call, closeRuns, planOf, run } from './testing/runs.ts';
import { type Short, service } from './testing/tools.ts';

afterAll(closeRuns);

const STATES = 'planned|running|waiting|done|dropped';
const trip: Short = {
  id: 'string',
  title: 'string',
  guest_id: 'string: Guest it is planned for.',
  hut_id: 'string: Hut it is about.',
  state: STATES,
  leaves_on: 'date: Day on which it leaves, as it was promised.',
};
const ride: Short = {
  id: 'string',
  guest_id: 'string',
  at: 'time',
  from: 'harbour|hut|station',
  to: 'harbour|hut|station',
};
const tours = service('tours', 'Tours', [
  {
    call: 'GET /guests',
    name: 'listGuests',
    title: 'List guests',
    query: { q: 'string: Part of the name.' },
    answer: { data: [{ id: 'string', name: 'string', email: 'email' }] },
  },
  {
    call: 'GET /guests/{guest_id}',
    name: 'getGuest',
    title: 'Get a guest',
    answer: { id: 'string', name: 'string', email: 'email' },
  },
  { call: 'GET /huts', name: 'listHuts', title: 'List huts', answer: { data: [{ id: 'string', name: 'string' }] } },
  {
    call: 'GET /trips',
    name: 'listTrips',
    title: 'List trips',
    query: {
      q: 'string: Part of the title.',
      state: STATES,
      guest_id: 'string: Only trips for this guest.',
      hut_id: 'string: Hut they are about.',
    },
    answer: { data: [trip] },
  },
  {
    call: 'POST /trips',
    name: 'takeDownTrip',
    title: 'Take down a trip',
    body: { 'guest_id!': 'string: Guest it is planned for.', 'title!': 'string' },
    answer: trip,
  },
  {
    call: 'POST /guests/{guest_id}/rides',
    name: 'bookRide',
    title: 'Book a ride for a guest',
    body: { 'at!': 'time: When it leaves.', 'from!': 'harbour|hut|station', 'to!': 'harbour|hut|station' },
    answer: ride,
  },
]);

const GUESTS = ['Nora Lund', 'Ada Berg'].map((name, index) => ({
  id: `g${index + 1}`,
  name,
  email: `${index}@mail.example`,
}));
const HUTS = ['Fjell House', 'Lake House'].map((name, index) => ({ id: `h${index + 1}`, name }));
const TRIPS = [
  ['t1', 'Ridge', 'g1', 'h1', 'running', '2026-11-20'],
  ['t2', 'Glacier', 'g2', 'h1', 'done', '2026-11-02'],
  ['t3', 'Lakes', 'g2', 'h2', 'waiting', '2026-12-01'],
  ['t4', 'Forest', 'g2', 'h1', 'dropped', '2026-12-05'],
].map(([id, title, guest_id, hut_id, state, leaves_on]) => ({ id, title, guest_id, hut_id, state, leaves_on }));

function answer({ operation, args }: Call): Json {
  if (operation === 'getGuest') return GUESTS.find(({ id }) => id === args.path!.guest_id)!;
  const { q = '', ...same } = (args.query ?? {}) as Record<string, Json>;
  const rows: Record<string, Record<string, Json | undefined>[]> = {
    listGuests: GUESTS,
    listHuts: HUTS,
    listTrips: TRIPS,
  };
  const isSo = (row: Record<string, Json | undefined>) =>
    String(row.name ?? row.title).includes(String(q)) &&
    Object.entries(same).every(([name, value]) => row[name] === value);
  return rows[operation] === undefined ? { id: 'new' } : { data: rows[operation]!.filter(isSo) as Json };
}
const ask = (intent: string) => run(tours, intent, answer, { user: { name: 'Dana Whitfield' } });

describe('what is told before', () => {
  it.each<[string, string[]]>([
    ["I'm packing the bags. Which trips are running?", ['t1']],
    ['My boss is asking. Which trips are done?', ['t2']],
    ['Nora Lund is on the phone. What is the state of her trip?', ['t1']],
    ['Nora Lund is at the desk, and she is in a hurry. On which day does her trip leave?', ['t1']],
    ['Nora Lund rang this morning. Which day did we promise for her trip?', ['t1']],
  ])('%s', async (intent, ids) => {
    const { result, refused } = await ask(intent);
    expect(refused).toBeUndefined();
    expect([result].flat().map((one) => (one as { id: string }).id)).toEqual(ids);
  });

  it.each([
    ['Only trips that are done matter. Which trips leave in December?', ''],
    ['We have 20 bags. Which trips are running?', '20'],
  ])('%s is refused', async (intent, reason) => {
    const { calls, refused } = await ask(intent);
    expect(refused).toContain(reason);
    expect(calls.filter(({ operation }) => operation === 'listTrips')).toEqual([]);
  });

  it.each<[string, string, Json]>([
    [
      'I met Nora Lund yesterday. Please take down a trip for her with the title "Three lakes"',
      'takeDownTrip',
      { guest_id: 'g1', title: 'Three lakes' },
    ],
    [
      'Ada Berg lands on 4 December. Book her a ride from the harbour to the hut at 15:40 that day.',
      'bookRide',
      { at: '2026-12-04T15:40:00Z', from: 'harbour', to: 'hut' },
    ],
  ])('%s', async (intent, operation, body) => {
    const { calls, refused } = await ask(intent);
    expect([refused, calls.at(-1)!.operation, calls.at(-1)!.args.body]).toEqual([undefined, operation, body]);
  });

  it('books nothing at midnight where nobody says when', async () => {
    const intent = 'Book a ride from the harbour to the hut for Ada Berg on 4 December';
    expect(await planOf(tours, intent)).toMatchObject({ kind: 'none' });
  });
});

describe('what only explains', () => {
  it.each<[string, string[]]>([
    ['Before I write the reminders: which trips are running?', ['t1']],
    ['Before the paper goes to print, which trips are running?', ['t1']],
    ['The mayor asks us for this every autumn: which trips are running?', ['t1']],
    ['For the yearly review I need one figure: which trips are done?', ['t2']],
    ['One quick question: which trips are done?', ['t2']],
    ['The ferry stops at noon tomorrow. Which trips are waiting?', ['t3']],
    ['I want to write to the guests today. Show me the trips that are done.', ['t2']],
    ['We must order more tents, so which trips are waiting?', ['t3']],
    ['A reporter visits Fjell House next week. Which trips about that hut are running?', ['t1']],
    ['I am here until Friday. Which trips are running?', ['t1']],
  ])('%s', async (intent, ids) => {
    const { result, refused } = await ask(intent);
    expect(refused).toBeUndefined();
    expect([result].flat().map((one) => (one as { id: string }).id)).toEqual(ids);
  });

  it.each([
    // Kinds and states that are told before narrow.
    'I want to plan the running ones. Which trips are about Fjell House?',
    // So does a name that nothing of the errand uses.
    'Kim Osei sends his regards. Which trips are running?',
    // When she is away matters.
    'Nora Lund is away next week. Who is her best friend?',
    // A heading is no sentence.
    'Dropped trips: how many guests have a boat?',
  ])('%s is refused', async (intent) => {
    expect(await ask(intent)).toMatchObject({ refused: expect.any(String) });
  });
});

describe('which fields are asked for, in a sentence of its own', () => {
  it.each<[string, string[]]>([
    ['List the running trips. Title and state, please.', ['t1']],
    ['Which trips are running? I need the title and the day on which it leaves.', ['t1']],
    ["Which trips are done? I need the title and the guest's email.", ['t2']],
  ])('%s', async (intent, ids) => {
    const { result, refused } = await ask(intent);
    expect(refused).toBeUndefined();
    expect((result as { id: string }[]).map(({ id }) => id)).toEqual(ids);
  });

  it('is not left out where it is of something else', async () => {
    expect(await planOf(tours, 'Which trips are running? I need the price of a boat.')).toMatchObject({ kind: 'none' });
  });
});

describe('states that are left out', () => {
  it.each<[string, string[]]>([
    ['List the trips without those that are done', ['t1', 't3', 't4']],
    ['List the trips except the ones we dropped', ['t1', 't2', 't3']],
    ['List the trips without those whose state is done', ['t1', 't3', 't4']],
  ])('%s', async (intent, ids) => {
    const { result, refused } = await ask(intent);
    expect(refused).toBeUndefined();
    expect((result as { id: string }[]).map(({ id }) => id)).toEqual(ids);
  });

  it.each(['Which trips are not done, dropped or waiting?', 'Which trips are running and waiting?'])(
    '%s is refused: several states are no condition',
    async (intent) => expect((await ask(intent)).refused).toBeDefined(),
  );
});

describe('a name behind the little word that ends a description', () => {
  it.each<[string, Json]>([
    ['How many trips are about Fjell House?', { count: 3 }],
    ['Which trips are for Nora Lund?', [TRIPS[0]!] as Json],
  ])('%s', async (intent, result) => {
    expect(await ask(intent)).toMatchObject({ result });
  });

  it('is not counted as nothing where nobody is called so', async () => {
    expect(await ask('How many trips about Nowhere House are done?')).toMatchObject({ refused: expect.any(String) });
  });
});
