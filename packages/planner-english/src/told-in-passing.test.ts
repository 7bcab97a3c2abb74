// Orders that are told in passing: "make it urgent", "is in repair", "set her membership to active", "I don't need the urgent ones".
import type { Json } from '@errand/contracts';
import { afterAll, describe, expect, it } from 'vitest';
import { type Call, closeRuns, run } from './testing/runs.ts';
import { service } from './testing/tools.ts';

afterAll(closeRuns);

const STATES = 'open|in_review|done';
const swimmer = {
  id: 'string',
  first_name: 'string',
  last_name: 'string',
  status: 'trial|active|left: State of the membership',
  cap_number: 'integer?: Number on the cap',
  guardian: { name: 'string: Name of the guardian', phone: 'string' },
} as const;
const job = {
  key: 'string: Key of the job, e.g. PB-101',
  title: 'string',
  state: STATES,
  urgent: 'boolean: Whether it is urgent',
  due_on: 'date: Day by which it must be done',
} as const;
const tool = { tag: 'string: Tag, e.g. TL-11', status: 'in_use|in_repair|retired', shed: 'north|south' } as const;
const club = service('club', 'Club', [
  {
    call: 'GET /swimmers',
    name: 'listSwimmers',
    title: 'List swimmers',
    query: { search: 'string: Only swimmers whose first or last name contains this' },
    answer: { data: [swimmer] },
  },
  {
    call: 'PATCH /swimmers/{swimmer_id}',
    name: 'changeSwimmer',
    title: 'Change a swimmer',
    body: { status: 'trial|active|left: State of the membership', cap_number: 'integer: Number on the cap' },
    answer: swimmer,
  },
  { call: 'GET /jobs', name: 'listJobs', title: 'List jobs', query: { state: STATES }, answer: { data: [job] } },
  {
    call: 'PATCH /jobs/{job_key}',
    name: 'changeJob',
    title: 'Change a job',
    body: { state: STATES, urgent: 'boolean: Whether it is urgent', due_on: 'date: Day by which it must be done' },
    answer: job,
  },
  {
    call: 'GET /basins',
    name: 'listBasins',
    title: 'List basins',
    answer: { data: [{ id: 'string', name: 'string', keeper: 'string' }] },
  },
  {
    call: 'PATCH /basins/{basin_id}',
    name: 'changeBasin',
    title: 'Change the keeper of a basin',
    body: { keeper: 'string: Name of the keeper' },
    answer: { id: 'string', name: 'string', keeper: 'string' },
  },
  {
    call: 'POST /returnTool',
    name: 'returnTool',
    title: 'Take a tool back into a shed',
    body: { 'tag!': 'string: Tag', 'shed!': 'north|south: Shed in which it lies from now on' },
    answer: tool,
  },
  {
    call: 'POST /setToolStatus',
    name: 'setToolStatus',
    title: 'Set the status of a tool',
    body: { 'tag!': 'string: Tag', 'status!': 'in_use|in_repair|retired: Status from now on' },
    answer: tool,
  },
]);

const SWIMMERS = [
  ['s1', 'Lotte', 'Peters', 'trial', 'Jan Peters'],
  ['s2', 'Noah', 'Kaya', 'active', 'Lotte Kaya'],
].map(([id, first_name, last_name, status, name]) => ({ id, first_name, last_name, status, guardian: { name } }));
const JOBS = [
  { key: 'PB-101', title: 'Paint the gate', state: 'open', urgent: false, due_on: '2026-11-30' },
  { key: 'PB-102', title: 'Mend the pump', state: 'open', urgent: true, due_on: '2026-12-02' },
];
const BASINS = [{ id: 'l1', name: 'Town', keeper: 'Gwen' }];

function answer({ operation, args }: Call): unknown {
  const { search = '', state } = (args.query ?? {}) as { search?: string; state?: Json };
  // Neither name holds both.
  const hasName = ({ first_name = '', last_name = '' }: (typeof SWIMMERS)[number]) =>
    [first_name, last_name].some((one) => one.includes(search));
  if (operation === 'listSwimmers') return { data: SWIMMERS.filter(hasName) };
  if (operation === 'listJobs') return { data: JOBS.filter((one) => state === undefined || one.state === state) };
  return operation === 'listBasins' ? { data: BASINS } : {};
}
const ask = (intent: string) => run(club, intent, answer);

describe('what is told in passing', () => {
  it.each<[string, string, string, Json]>([
    [
      'Lotte Peters stays with us: set her to active and give her cap number 12',
      'changeSwimmer',
      's1',
      { cap_number: 12, status: 'active' },
    ],
    [
      'Lotte Peters wants to go on, so please set her membership to active',
      'changeSwimmer',
      's1',
      { status: 'active' },
    ],
    ['PB-101 looks fine to me now, set it to done', 'changeJob', 'PB-101', { state: 'done' }],
    ['PB-101 can wait no longer. Make it due on Friday', 'changeJob', 'PB-101', { due_on: '2026-11-27' }],
    ['Job PB-102 is in review', 'changeJob', 'PB-102', { state: 'in_review' }],
    ['Change the keeper of the Town basin to Ravi Anand', 'changeBasin', 'l1', { keeper: 'Ravi Anand' }],
  ])('%s', async (intent, operation, id, body) => {
    const { calls, refused } = await ask(intent);
    expect(refused).toBeUndefined();
    const { operation: done, args } = calls.at(-1)!;
    expect([done, Object.values(args.path!), args.body]).toEqual([operation, [id], body]);
  });

  it.each<[string, string, Json]>([
    ['TL-11 is in repair from today', 'setToolStatus', { tag: 'TL-11', status: 'in_repair' }],
    ['Take TL-11 back into the north shed', 'returnTool', { tag: 'TL-11', shed: 'north' }],
  ])('%s', async (intent, operation, body) => {
    const { calls, refused } = await ask(intent);
    expect([refused, calls.at(-1)?.operation, calls.at(-1)?.args.body]).toEqual([undefined, operation, body]);
  });

  it('does two things to what is told first', async () => {
    const { calls, refused } = await ask('Set PB-101 to done and make it due on Friday');
    expect(refused).toBeUndefined();
    expect(calls.map(({ args }) => args.path?.job_key)).toEqual(['PB-101', 'PB-101']);
  });

  it.each([
    'TL-11 is in the river',
    'TL-11 is in repair from Monday',
    'PB-101 is fine. Make it green',
    'Set the colour of her membership to active',
  ])('%s is refused', async (intent) => {
    const { calls, refused } = await ask(intent);
    expect([typeof refused, calls.filter(({ operation }) => /^(?:change|set|return)/.test(operation))]).toEqual([
      'string',
      [],
    ]);
  });
});

describe('what is told behind a question', () => {
  it.each<[string, string[]]>([
    ['Which jobs are open? I want to ring the painters today', ['PB-101', 'PB-102']],
    ["Which jobs are open? I don't need the urgent ones.", ['PB-101']],
    ['Which jobs are open? I have to order the paint by Friday', ['PB-101', 'PB-102']],
  ])('%s', async (intent, keys) => {
    const { refused, result } = await ask(intent);
    expect(refused).toBeUndefined();
    expect((result as { key: string }[]).map(({ key }) => key)).toEqual(keys);
  });

  it.each(["Which jobs are open? I don't need the blue ones.", 'Which jobs are open? I want to give them to Kim Osei'])(
    '%s is refused',
    async (intent) => {
      expect(await ask(intent)).toMatchObject({ refused: expect.any(String) });
    },
  );
});
