// What people say in passing: a name without its noun, money with its currency, a country by its name, "still open", "came in".
import type { Json } from '@errand/contracts';
import { afterAll, describe, expect, it } from 'vitest';
import { type Call, closeRuns, planOf, run } from './testing/runs.ts';
import { service } from './testing/tools.ts';

afterAll(closeRuns);

const COUNTRY = 'string: Country, ISO 3166-1 alpha-2.';
const friend = { id: 'string', name: 'string', email: 'email?', phone: 'string', country: COUNTRY } as const;
const offering = {
  id: 'string',
  friend_id: 'string: Friend who offered it.',
  amount: 'number: Amount in the main unit of the currency, e.g. 25 for €25.',
  currency: 'EUR|GBP|SEK: Currency.',
  method: 'card|cheque',
  came_on: 'date: Day of the offering.',
} as const;
const loan = {
  id: 'string',
  friend_id: 'string: Friend who keeps it.',
  amount: 'number',
  currency: 'string: ISO 4217.',
  state: 'open|repaid: State; open: not paid back yet.',
} as const;
const job = { id: 'string', title: 'string', done: 'boolean: Whether it is done.', due_on: 'date' } as const;

const club = service('club', 'Club', [
  {
    call: 'GET /friends',
    name: 'listFriends',
    title: 'List friends',
    query: { q: 'string: Part of the name.', country: COUNTRY },
    answer: { data: [friend] },
  },
  { call: 'GET /friends/{friend_id}', name: 'getFriend', title: 'Get a friend', answer: friend },
  {
    call: 'GET /offerings',
    name: 'listOfferings',
    title: 'List offerings',
    query: {
      friend_id: 'string: Only offerings of this friend.',
      currency: 'EUR|GBP|SEK: Only in this currency.',
      from: 'date: Offered on this day or later.',
      to: 'date: Offered on this day or earlier.',
    },
    answer: { data: [offering] },
  },
  {
    call: 'POST /offerings',
    name: 'addOffering',
    title: 'Record an offering',
    body: {
      'friend_id!': 'string: Friend who offered it.',
      'amount!': 'number: Amount in the main unit of the currency, e.g. 25 for €25.',
      'currency!': 'EUR|GBP|SEK: Currency.',
      'method!': 'card|cheque',
    },
    answer: offering,
  },
  {
    call: 'GET /loans',
    name: 'listLoans',
    title: 'List loans',
    query: { friend_id: 'string: Only loans to this friend.', state: 'open|repaid' },
    answer: { data: [loan] },
  },
  {
    call: 'PATCH /loans/{loan_id}',
    name: 'updateLoan',
    title: 'Change a loan',
    body: { amount: 'number: What is lent, in its currency.' },
    answer: loan,
  },
  {
    call: 'GET /jobs',
    name: 'listJobs',
    title: 'List jobs',
    query: { done: 'boolean: Only jobs that are (true) or are not (false) done.' },
    answer: { data: [job] },
  },
  {
    call: 'POST /jobs',
    name: 'addJob',
    title: 'Create a job',
    body: {
      'title!': 'string',
      'due_on!': 'date: Day by which it is to be done.',
      'assignee!': 'string: Full name of the colleague who does it.',
    },
    answer: job,
  },
  {
    call: 'PATCH /jobs/{job_id}',
    name: 'updateJob',
    title: 'Change a job',
    body: { title: 'string', assignee: 'string: Full name of the colleague who does it.' },
    answer: job,
  },
  {
    call: 'GET /drives',
    name: 'listDrives',
    title: 'List drives',
    query: { q: 'string: Part of the name.' },
    answer: { data: [{ id: 'string', name: 'string' }] },
  },
  {
    call: 'GET /drives/{drive_id}/helpers',
    name: 'listHelpers',
    title: 'List the helpers of a drive',
    answer: { data: [{ id: 'string', name: 'string' }] },
  },
]);

const FRIENDS: readonly { [field: string]: Json; id: string; name: string }[] = [
  { id: 'f1', name: 'Fiona Gall', email: 'fiona@mail.example', country: 'IE' },
  { id: 'f2', name: 'Jasper Holm', email: null, phone: '555 0101', country: 'DE' },
  { id: 'f3', name: 'Adele Kern', email: 'adele@mail.example', phone: '555 0102', country: 'DE' },
];
const OFFERINGS = [
  ['o1', 'f1', 150, 'EUR', 'cheque', '2026-10-02'],
  ['o2', 'f1', 50, 'EUR', 'card', '2026-11-17'],
  ['o3', 'f2', 40, 'GBP', 'cheque', '2026-11-18'],
  ['o4', 'f2', 90, 'EUR', 'card', '2026-09-18'],
].map(([id, friend_id, amount, currency, method, came_on]) => ({ id, friend_id, amount, currency, method, came_on }));

const LOANS = [
  ['l1', 'f1', 30, 'EUR', 'open'],
  ['l2', 'f1', 70, 'EUR', 'repaid'],
  ['l3', 'f3', 12.5, 'EUR', 'open'],
].map(([id, friend_id, amount, currency, state]) => ({ id, friend_id, amount, currency, state }));
const DRIVES = ['Winter Shelter 2025', 'Winter Shelter 2026'].map((name, index) => ({ id: `d${index + 1}`, name }));

function clubAnswer({ operation, args }: Call): Json {
  const query = (args.query ?? {}) as Record<string, Json | undefined>;
  const isOf = (row: Record<string, Json | undefined>) =>
    ['friend_id', 'currency', 'country', 'state'].every(
      (name) => query[name] === undefined || row[name] === query[name],
    );
  if (operation === 'getFriend') return FRIENDS.find(({ id }) => id === args.path!.friend_id)!;
  if (operation === 'listFriends')
    return { data: FRIENDS.filter((one) => isOf(one) && one.name.includes(String(query.q ?? ''))) };
  if (operation === 'listLoans') return { data: LOANS.filter((one) => isOf(one as never)) as Json };
  if (operation === 'listDrives') return { data: DRIVES.filter(({ name }) => name.includes(String(query.q ?? ''))) };
  if (operation === 'listOfferings')
    return {
      data: OFFERINGS.filter(
        (one) =>
          isOf(one as never) && one.came_on! >= String(query.from ?? '') && one.came_on! <= String(query.to ?? '9'),
      ) as Json,
    };
  return operation.startsWith('list') ? { data: [] } : { id: 'new' };
}

const ask = (intent: string) => run(club, intent, clubAnswer, { user: { name: 'Dana Whitfield' } });

describe('what is answered', () => {
  it.each<[string, Json]>([
    ['What are the offerings of Fiona Gall together?', { total: 200, count: 2 }],
    ['How much has Fiona Gall offered us altogether?', { total: 200, count: 2 }],
    ['How many offerings came in by cheque last week?', { count: 1 }],
    ['Which friends have no phone number?', [FRIENDS[0]!]],
    ['How much does Fiona Gall still owe us?', { total: 30, count: 1 }],
    ['What does Fiona Gall owe us?', { total: 30, count: 1 }],
    ['Which friends in Germany have no email address on file?', [FRIENDS[1]!]],
    ['What is the total of the offerings in pounds?', { total: 40, count: 1 }],
    ['Add up the euro offerings', { total: 290, count: 3 }],
  ])('%s', async (intent, result) => {
    expect(await ask(intent)).toMatchObject({ result });
  });

  it('what each of the biggest ones was', async () => {
    const { result } = await ask('top 2 offerings in euros: who offered how much?');
    expect(result).toMatchObject([
      { id: 'o1', friend: { name: 'Fiona Gall' } },
      { id: 'o4', friend: { name: 'Jasper Holm' } },
    ]);
  });

  it('the biggest one of last month', async () => {
    expect(await ask('What was the biggest offering last month?')).toMatchObject({ result: { id: 'o1' } });
  });

  it('amounts of several currencies have no sum', async () => {
    const { refused } = await ask('How much has Jasper Holm offered us altogether?');
    expect(refused).toContain('several currencies');
  });
});

it.each([
  ['France', 'FR'],
  ['the United Kingdom', 'GB'],
  ['Germany', 'DE'],
])('%s has one code', async (country, code) => {
  const { calls } = await ask(`List the friends in ${country}`);
  expect(calls[0]!.args.query!.country).toBe(code);
});

describe('what is sent', () => {
  it.each<[string, operation: string, sent: Record<string, Json>]>([
    ['Which jobs are still open?', 'listJobs', { done: false }],
    ['List the friends in Ireland', 'listFriends', { country: 'IE' }],
    [
      'Record an offering of 250 euros from Fiona Gall by card',
      'addOffering',
      { friend_id: 'f1', amount: 250, currency: 'EUR', method: 'card' },
    ],
    [
      'Create a job "Clean up" for me, due Friday next week',
      'addJob',
      { title: 'Clean up', assignee: 'Dana Whitfield', due_on: '2026-12-04' },
    ],
    ['Set the title of job jo_1 to "Wash up" for me', 'updateJob', { title: 'Wash up' }],
  ])('%s', async (intent, operation, sent) => {
    const { calls, refused } = await ask(intent);
    expect(refused).toBeUndefined();
    const { path: _, ...args } = calls.at(-1)!.args;
    expect([calls.at(-1)!.operation, Object.assign({}, ...Object.values(args))]).toEqual([operation, sent]);
  });
});

it.each([
  ['Record an offering of 250 dollars from Fiona Gall by card', '250 dollars'],
  ['Which friends owe us money?', 'owe'],
  ['How much does Fiona Gall owe on offerings?', 'offerings'],
  ['How much do we owe Fiona Gall on open loans?', 'owe'],
  ['Set the amount of loan lo_1 to 200 pounds', '200 pounds'],
  ['Create a job "Clean up" for me and Adele Kern, due Friday', 'Adele Kern'],
])('%s is refused', async (intent, reason) => {
  expect(await planOf(club, intent)).toMatchObject({ kind: 'none', reason: expect.stringContaining(reason) });
});
