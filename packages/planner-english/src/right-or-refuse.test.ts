// What a plan does not account for ends the run with a sentence; nothing is guessed, nothing dropped.
import type { Json } from '@errand/contracts';
import { afterAll, describe, expect, it } from 'vitest';
import { type Call, closeRuns, planOf, run } from './testing/runs.ts';
import { service } from './testing/tools.ts';

afterAll(closeRuns);

const boat = {
  id: 'string',
  name: 'string',
  state: 'afloat|ashore',
  length_m: 'number',
  keeperId: 'string: Id of the keeper.',
  insured: 'boolean',
  builtOn: 'date',
} as const;
const person = { id: 'string', name: 'string', email: 'email' } as const;
const marina = service('marina', 'Marina', [
  {
    call: 'GET /boats',
    name: 'listBoats',
    title: 'List boats',
    query: {
      state: 'afloat|ashore',
      keeperId: 'string: Id of the keeper.',
      maxLengthM: 'number: Longest boat, in m.',
      cursor: 'string',
    },
    answer: { boats: [boat], nextCursor: 'string' },
  },
  {
    call: 'POST /boats/{boatId}/launch',
    name: 'launchBoat',
    title: 'Launch a boat',
    answer: boat,
  },
  {
    call: 'POST /boats/{boatId}/notes',
    name: 'addNote',
    title: 'Add a note to a boat',
    body: { 'text!': 'string: The note.', pinnedByEmail: 'boolean' },
    answer: { id: 'string' },
  },
  { call: 'GET /keepers', name: 'listKeepers', title: 'List keepers', query: { name: 'string' }, answer: [person] },
  { call: 'GET /keepers/{keeperId}', name: 'getKeeper', title: 'Get a keeper', answer: person },
  {
    call: 'POST /moorings/search',
    name: 'searchMoorings',
    title: 'Search moorings',
    body: { depthCm: 'integer: Least depth, in cm.', pier: 'string' },
    answer: { moorings: [{ id: 'string', pier: 'string' }] },
  },
]);

const people = [
  { id: 'k1', name: 'Ines Duval', email: 'ines@example.com' },
  { id: 'k2', name: 'Jon Hale', email: 'jon@example.com' },
  { id: 'k3', name: 'Jon Hale', email: 'hale@example.com' },
];
const fleet = Array.from({ length: 25 }, (_, index) => ({
  id: `bt_${index}`,
  name: index === 24 ? 'Sea Otter' : `Boat ${index}`,
  state: index % 2 === 0 ? 'afloat' : 'ashore',
  length_m: 8 + index,
  keeperId: 'k1',
  insured: index % 5 === 0,
}));

const ask = (intent: string) => run(marina, intent, answer);

function answer({ operation, args }: Call): unknown {
  const { path, query } = args as Record<string, Record<string, string> | undefined>;
  if (operation === 'listKeepers') return people.filter(({ name }) => name.includes(query?.name ?? ''));
  if (operation === 'getKeeper') return people.find(({ id }) => id === path?.keeperId);
  if (operation !== 'listBoats') return { id: 'x', moorings: [] };
  const from = Number(query?.cursor ?? 0);
  const found = fleet.filter(({ state }) => query?.state === undefined || state === query.state);
  return { boats: found.slice(from, from + 10), ...(from + 10 < found.length && { nextCursor: String(from + 10) }) };
}

describe('before anything is called', () => {
  it.each([
    ['Which boats have no anchor?', /"no anchor"/],
    ['List the boats painted by Zoe Lark', /painted/],
    ['Launch every boat', /./],
    ['Sell the boat bt_1', /./],
    ['Block the keeper Ines Duval', /./],
  ])('%s is refused in words', async (intent, reason) => {
    const draft = await planOf(marina, intent);
    expect(draft).toMatchObject({ kind: 'none', code: 'no_plan', reason: expect.stringMatching(reason) });
    expect(draft).toMatchObject({ reason: expect.not.stringMatching(/steps\.|\$|_1a2b3c4d/) });
  });
});

describe('what a capital or an argument seems to say', () => {
  const sales = service('sales', 'Sales', [
    {
      call: 'GET /sales',
      name: 'listSales',
      title: 'List sales',
      query: { year: 'integer', quarter: 'Q1|Q2|Q3|Q4' },
      answer: { sales: [{ id: 'string', date: 'date', amount: 'number', year: 'integer', quarter: 'string' }] },
    },
  ]);
  const rows = ['2026-11-23', '2026-11-24'].map((date, index) => ({ id: `s${index}`, date, amount: 5 + index }));

  it('a day is no quarter: rows are sifted by their date', async () => {
    const { calls, result } = await run(sales, 'List the sales of yesterday', () => ({ sales: rows }));
    expect(calls.map(({ args }) => args.query ?? {})).toEqual([{}]);
    expect(result).toEqual([rows[1]]);
  });

  it('a month is no quarter, and a quarter is one', async () => {
    const { calls } = await run(sales, 'List the sales of October 2026', () => ({ sales: rows }));
    expect(calls.map(({ args }) => args.query ?? {})).toEqual([{}]);
    const { calls: quarterly } = await run(sales, 'List the sales of Q4 2026', () => ({ sales: rows }));
    expect(quarterly.map(({ args }) => args.query)).toEqual([{ year: 2026, quarter: 'Q4' }]);
  });

  it('a capital that begins the sentence is no name', async () => {
    expect(await planOf(sales, 'Splendid sales')).toMatchObject({ reason: expect.stringContaining('Splendid') });
  });
});

describe('too much at once', () => {
  const many = (count: number, one: (index: number) => string) => Array.from({ length: count }, (_, i) => one(i));
  it.each([
    ['900 names', `List the boats of ${many(900, (i) => `Skipper${i}`).join(', ')}`],
    ['600 clauses', many(600, () => 'List the boats').join('. ')],
  ])('%s are refused at once', async (_, intent) => {
    const draft = await planOf(marina, intent);
    expect(draft).toMatchObject({ kind: 'none', reason: expect.stringContaining('Split it into several runs') });
  });
});

describe('while it runs', () => {
  it.each([
    ['List the boats of the keeper Olga Brandt', 'There is no keeper named Olga Brandt.'],
    ['List the boats of the keeper Jon Hale', 'There are several keepers named Jon Hale. Say which one is meant.'],
    ['Launch the boat Grey Heron', 'There is no boat named Grey Heron.'],
  ])('%s ends with a sentence', async (intent, message) => {
    const { refused, calls } = await ask(intent);
    expect(refused).toBe(message);
    expect(calls.map(({ operation }) => operation)).not.toContain('launchBoat');
  });

  it('finds a name on the last of the pages that cursors lead to', async () => {
    const { calls } = await ask('Launch the boat Sea Otter');
    expect(calls.map(({ args }) => args.query?.cursor)).toEqual([undefined, '10', '20', undefined]);
    expect(calls.at(-1)).toMatchObject({ operation: 'launchBoat', args: { path: { boatId: 'bt_24' } } });
  });

  it('counts over every page', async () => {
    const { result } = await ask('How many boats are ashore?');
    expect(result).toEqual({ count: 12 });
  });

  it('sifts rows by a word that the service takes no filter for', async () => {
    const { result } = await ask('How many insured boats are there?');
    expect(result).toEqual({ count: 5 });
  });

  it('puts what rows refer to into them', async () => {
    const { result } = await ask('List the boats that are ashore and who their keeper is');
    expect(result).toHaveLength(12);
    expect((result as Json[])[0]).toMatchObject({ id: 'bt_1', keeper: { name: 'Ines Duval' } });
  });
});

it('sends free text exactly as it stands, and an address into no switch', async () => {
  const { calls } = await ask('Add a note to the boat bt_3: Ask jon@example.com, he knows; back at 10:00.');
  expect(calls).toEqual([
    {
      operation: 'addNote',
      args: { path: { boatId: 'bt_3' }, body: { text: 'Ask jon@example.com, he knows; back at 10:00.' } },
    },
  ]);
});

it('tells a length in the unit of the argument', async () => {
  const { calls } = await ask('Search moorings with a depth of 2.5 m');
  expect(calls).toMatchObject([{ operation: 'searchMoorings', args: { body: { depthCm: 250 } } }]);
});
