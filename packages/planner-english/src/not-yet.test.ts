// States that documents tell in other ways than people: overdue, due back, not done yet; who does what; fields that are asked for in a sentence of their own.
import type { Json } from '@errand/contracts';
import { afterAll, describe, expect, it } from 'vitest';
import { closeRuns, run } from './testing/runs.ts';
import { service } from './testing/tools.ts';

afterAll(closeRuns);

const kayak = {
  id: 'string',
  name: 'string',
  fee: 'number: Fee a day.',
  in_stock: 'boolean: Whether there are any.',
  state: 'here|no_show: Where it is; here: on the rack.',
  bought_on: 'date: Day on which it was bought.',
  total: 'number: What it cost.',
  balance: 'number: What is still to be paid.',
} as const;
const loan = {
  id: 'string',
  kayak_name: 'string: Name of the kayak.',
  guide_id: 'string: Guide who works on it.',
  state: 'open|back: State; open: not brought back yet.',
  due_on: 'date: Day by which it must be back.',
  total: 'number: What is charged.',
} as const;
const guide = {
  id: 'string',
  name: 'string',
  email: 'email',
  company: 'string: Company that sent the guide.',
  pass_expires_on: 'date: Day on which the pass of the guide expires.',
  acceptingGroups: 'boolean: Whether groups can be sent to the guide.',
} as const;
const chore = {
  id: 'string',
  title: 'string',
  due_on: 'date',
  done: 'boolean: Whether it is finished.',
  country: 'string: Country in which it is done, ISO code.',
} as const;

const tools = service('pier', 'Pier', [
  {
    call: 'GET /kayaks',
    name: 'listKayaks',
    title: 'List kayaks',
    query: { in_stock: 'boolean', state: 'here|no_show' },
    answer: { data: [kayak] },
  },
  {
    call: 'GET /loans',
    name: 'listLoans',
    title: 'List loans',
    query: { due_from: 'date: Due on this day or later.', due_to: 'date: Due on this day or earlier.' },
    answer: { data: [loan] },
  },
  {
    call: 'GET /guides',
    name: 'listGuides',
    title: 'List guides',
    query: { company: 'string' },
    answer: { data: [guide] },
  },
  { call: 'GET /guides/{guide_id}', name: 'getGuide', title: 'Get a guide', answer: guide },
  { call: 'GET /chores', name: 'listChores', title: 'List chores', answer: { data: [chore] } },
  { call: 'GET /loans/{loan_id}', name: 'getLoan', title: 'Get a loan', answer: loan },
]);

const lent = (id: string, state: string, due_on: string, kayak_name: string) => ({
  id,
  state,
  due_on,
  kayak_name,
  guide_id: 'u1',
  total: 10,
});
const LOANS = [
  lent('L-1', 'open', '2026-11-20', 'Blue Heron'),
  lent('L-2', 'back', '2026-11-20', 'Blue Heron'),
  lent('L-3', 'open', '2026-11-26', 'Otter'),
];
const GUIDES = [
  {
    id: 'u1',
    name: 'Ana Berg',
    email: 'ana@pier.example',
    company: 'Fjord AS',
    pass_expires_on: '2026-12-05',
    acceptingGroups: true,
  },
  {
    id: 'u2',
    name: 'Bo Lind',
    email: 'bo@pier.example',
    company: 'Sund AS',
    pass_expires_on: '2027-05-05',
    acceptingGroups: false,
  },
];
const CHORES = [
  { id: 'c1', title: 'Paint', done: true, due_on: '2026-11-01', country: 'NO' },
  { id: 'c2', title: 'Sweep', done: false, due_on: '2026-11-02', country: 'DE' },
];
const KAYAKS = [
  { id: 'k1', name: 'Otter', in_stock: true, state: 'here', bought_on: '2026-02-01', total: 900, balance: 100 },
  { id: 'k2', name: 'Seal', in_stock: false, state: 'no_show', bought_on: '2026-01-01', total: 500, balance: 50 },
];
const ROWS: Readonly<Record<string, Json[]>> = {
  listKayaks: KAYAKS,
  listLoans: LOANS,
  listGuides: GUIDES,
  listChores: CHORES,
};

const ask = (intent: string) =>
  run(tools, intent, ({ operation, args }) => {
    if (operation === 'getGuide') return GUIDES.find(({ id }) => id === args.path!.guide_id);
    if (operation === 'getLoan') return LOANS.find(({ id }) => id === args.path!.loan_id);
    const { due_from, due_to, company, in_stock, state } = (args.query ?? {}) as Record<string, string>;
    const rows = (ROWS[operation] ?? []) as Record<string, string>[];
    const isIn = (row: Record<string, string>) =>
      (due_from === undefined || row.due_on! >= due_from) &&
      (due_to === undefined || row.due_on! <= due_to) &&
      (company === undefined || row.company === company) &&
      (in_stock === undefined || row.in_stock === in_stock) &&
      (state === undefined || row.state === state);
    return { data: rows.filter(isIn) };
  });

describe('what is answered', () => {
  it.each<[string, unknown]>([
    ['Which kayaks are out of stock?', [KAYAKS[1]]],
    ['Which kayaks are on the rack?', [KAYAKS[0]]],
    ['How many kayaks are no-shows?', { count: 1 }],
    ['When was the first kayak bought?', KAYAKS[1]],
    ['The chores in Germany', [CHORES[1]]],
    ["What's due back tomorrow?", [LOANS[2]]],
    ['Which loans fall due tomorrow?', [LOANS[2]]],
    ['Which chores are not done yet?', [CHORES[1]]],
    ['Which guides are not taking groups?', [GUIDES[1]]],
    ['The guides at Fjord AS, please', [GUIDES[0]]],
    ['Whose pass expires next month?', [GUIDES[0]]],
    ['Which chores are not done yet? Title please', [CHORES[1]]],
    ['List the loans due tomorrow with kayak name, due date and total', [LOANS[2]]],
    ['Who is working on loan L-1?', { ...LOANS[0], guide: GUIDES[0] }],
    ['I need a list of the chores. Which are done?', [CHORES[0]]],
  ])('%s', async (intent, result) => expect((await ask(intent)).result).toEqual(result));
});

describe('what is not answered', () => {
  it.each([
    'Which kayaks are overdue?',
    'Which loans are overdue?',
    'Which chores are overdue?',
    'How many no-goes do we have?',
    'loans in the boathouse in December',
    'Which guides are overdue?',
    'Who was dancing on loan L-1?',
    'Which guides have no loan?',
    'How many guides have an open loan?',
    'Which guides are not taking kayaks?',
    'Which chores are not done yet? Colour please',
  ])('%s', async (intent) => expect((await ask(intent)).refused).toBeDefined());
});
