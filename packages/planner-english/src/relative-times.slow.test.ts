// A time that is said relative to the present is bound to `now`: a plan that is executed later writes what a plan made then would.
import type { Json, Plan } from '@errand/contracts';
import { afterAll, expect, test } from 'vitest';
import { closeRuns, computed, planOf } from './testing/runs.ts';
import { billing, calendar } from './testing/services.ts';
import { shop } from './testing/shop.ts';
import { service } from './testing/tools.ts';

afterAll(closeRuns);

const reports = service('bi', 'Reports', [
  {
    call: 'GET /revenue',
    name: 'getRevenue',
    title: 'Get the revenue of a quarter',
    query: { 'year!': 'integer', 'quarter!': 'Q1|Q2|Q3|Q4' },
    answer: { revenue: 'number' },
  },
  {
    call: 'GET /visits',
    name: 'getVisits',
    title: 'Count visits in a time frame',
    query: { 'since!': 'integer: Unix timestamp', 'until!': 'integer: Unix timestamp' },
    answer: { visits: 'number' },
  },
]);
const tools = [...calendar, ...billing, ...shop, ...reports];

async function planAt(now: string, intent: string) {
  const draft = await planOf(tools, intent, { now });
  if (draft.kind !== 'plan') throw new Error(JSON.stringify(draft));
  return draft.plan;
}

/** The arguments that a plan sends when its run is created at a moment; what hangs on outputs stays as it is. */
const argsAt = (now: string, plan: Plan): Promise<Json[]> =>
  Promise.all(plan.steps.map(({ args }) => computed(args as Json, { now })));

const FIRST = '2026-11-25T15:57:27.123Z';
const moments = [
  '2026-11-25T15:57:29.500Z',
  // Ends of months and years, a leap day, and either side of the summer times of Europe and America.
  '2026-12-31T23:59:59.999Z',
  '2027-01-01T00:00:00.000Z',
  '2027-01-31T10:00:00.000Z',
  '2027-02-28T23:30:00.000Z',
  '2028-02-29T08:00:00.000Z',
  '2027-03-14T07:30:00.000Z',
  '2027-03-28T01:30:00.000Z',
  '2027-07-09T14:30:00.000Z',
  '2027-10-31T00:30:00.000Z',
  '2027-05-31T12:00:00.000Z',
];

const book = (when: string) => `Schedule a meeting called "Kickoff" ${when} for 30 minutes`;

test.each([
  ...[
    'tomorrow at 10:00',
    'tomorrow at ten',
    'in 5 minutes',
    'in 36 hours',
    'on Friday at 15:00',
    'next Monday at 9am',
    'at 16:30',
    'tomorrow at 10:00 EST',
    'tomorrow at 10:00 +02:00',
    'in 2 weeks at 9:00',
    'on March 3 at 8:00',
  ].map(book),
  'Schedule a meeting called "Kickoff" tomorrow from 14:00 to 15:30',
  'Schedule a meeting called "Kickoff" on Friday from 9:00 to 10:00',
  'What is on my calendar tomorrow?',
  'What is on my calendar today?',
  'Show the meetings of next week',
  'Show the meetings of the next 7 days',
  'Which orders were shipped last month?',
  'Which orders were placed in the latest 7 days?',
  'Which orders were placed in the past two quarters?',
  'Which orders were placed this year?',
  'Which orders were placed month to date?',
  'Which orders were placed between last Monday and yesterday?',
  'Show invoices that are due before next month',
  'Get the revenue of last quarter',
  'Get the revenue of Q2',
  'How many visits were there last week?',
])('%s', async (intent) => {
  const plan = await planAt(FIRST, intent);
  expect(JSON.stringify(plan.steps)).toMatch(/\bnow\b/);
  expect(JSON.stringify(plan.steps)).not.toMatch(/\b20\d\d\b/);
  for (const now of [FIRST, ...moments])
    expect(await argsAt(now, plan), now).toEqual(await argsAt(now, await planAt(now, intent)));
});

test('a month after the 31st of January is the last of February', async () => {
  const plan = await planAt(FIRST, book('in a month at 10:00'));
  expect(await argsAt('2027-01-31T10:00:00.000Z', plan)).toMatchObject([{ body: { start: '2027-02-28T10:00:00Z' } }]);
});

test('both times of an intent that names two are bound', async () => {
  const plan = await planAt(FIRST, 'Which orders were placed between last Monday and yesterday?');
  const [args] = await argsAt('2027-01-01T00:30:00.000Z', plan);
  expect(args).toMatchObject({ query: { from: '2026-12-28', to: '2026-12-31' } });
});

test('the clock of a place that has a summer time is refused', async () => {
  await expect(planAt(FIRST, book('tomorrow at 9am PT'))).rejects.toThrow('could not place');
});

test('a clock that is told in words is that of the digits', async () => {
  const [words, digits] = await Promise.all(['ten', '10:00'].map((at) => planAt(FIRST, book(`tomorrow at ${at}`))));
  expect(words!.steps[0]!.args).toEqual(digits!.steps[0]!.args);
});

test.each(['on 2027-03-03 at 10:00', 'on March 3, 2027 at 10:00'])('what is absolute stays so: %s', async (when) => {
  const plan = await planAt(FIRST, book(when));
  expect(plan.steps[0]!.args).toMatchObject({ body: { start: '2027-03-03T10:00:00Z' } });
});
