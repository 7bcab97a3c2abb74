// Lengths, people who work on something, what only a list tells, fees in several currencies, and states that stand in other words.
import type { Json } from '@errand/contracts';
import { afterAll, describe, expect, it } from 'vitest';
import { type Call, closeRuns, planOf, run } from './testing/runs.ts';
import { type Short, service } from './testing/tools.ts';

afterAll(closeRuns);

const STATES = 'booked|running|ready|fetched';
const job: Short = {
  id: 'string',
  title: 'string',
  state: STATES,
  rider_id: 'string: Rider who asked for it.',
  helper_id: 'string: Helper it is assigned to.',
  run_minutes: 'integer: Length of the job in minutes.',
  fee_amount: 'number',
  fee_currency: 'EUR|GBP: Currency of the fee.',
  fee_paid: 'boolean: Whether the fee is paid.',
  mark: 'number: Mean mark, 1 (worst) to 10 (best).',
  payment: 'unpaid|partlyPaid|paid|waived',
};
const person: Short = { id: 'string', name: 'string', email: 'email' };
const stable = service('stable', 'Stable', [
  {
    call: 'GET /jobs',
    name: 'listJobs',
    title: 'List jobs',
    query: { state: STATES, fee_paid: 'boolean: Only jobs whose fee is (true) or is not (false) paid.' },
    answer: { data: [job] },
  },
  { call: 'GET /jobs/{job_id}', name: 'getJob', title: 'Get a job', answer: job },
  {
    call: 'POST /jobs/{job_id}/assign',
    name: 'jobs_assign',
    title: 'Make a helper do a job',
    body: { 'helper_id!': 'string: Helper it is assigned to.' },
    answer: job,
  },
  { call: 'GET /riders', name: 'listRiders', title: 'List riders', answer: { data: [person] } },
  { call: 'GET /helpers', name: 'listHelpers', title: 'List helpers', answer: { data: [person] } },
]);

const JOBS = [
  ['j-1', 'Groom Star', 'running', 'r1', 'h1', 95, 10, 'EUR', false, 8.5, 'unpaid'],
  ['j-2', 'Shoe Bolt', 'ready', 'r1', 'h2', 90, 20, 'EUR', true, 7, 'paid'],
  ['j-3', 'Clip Dusk', 'ready', 'r2', 'h1', 30, 40, 'GBP', false, 9, 'partlyPaid'],
].map(([id, title, state, rider_id, helper_id, run_minutes, fee_amount, fee_currency, fee_paid, mark, payment]) => ({
  id,
  title,
  state,
  rider_id,
  helper_id,
  run_minutes,
  fee_amount,
  fee_currency,
  fee_paid,
  mark,
  payment,
}));
const people = (...list: string[]) =>
  list.map((one) => ({ id: one.split(' ')[0]!, name: one.slice(3), email: 'x@mail.example' }));

function answer({ operation, args }: Call): Json {
  const same = Object.entries((args.query ?? {}) as Record<string, Json>);
  if (operation === 'listRiders') return { data: people('r1 Nora Lund', 'r2 Ada Berg') };
  if (operation === 'listHelpers') return { data: people('h1 Kim Osei', 'h2 Bo Dahl') };
  if (operation === 'getJob') return JOBS.find(({ id }) => id === args.path!.job_id) as Json;
  if (operation !== 'listJobs') return { id: 'done' };
  return { data: JOBS.filter((one) => same.every(([name, value]) => (one as never)[name] === value)) as Json };
}
const ask = (intent: string) => run(stable, intent, answer);

const shelf = service('shelf', 'Shelf', [
  {
    call: 'GET /goods',
    name: 'listGoods',
    title: 'List goods',
    query: {
      max_price: 'number: Highest price.',
      in_stock: 'boolean: Only goods in stock.',
      state: 'available|on_hire',
    },
    answer: { data: [{ id: 'string', name: 'string', price: 'number', stock: 'integer', state: 'available|on_hire' }] },
  },
]);

it.each<[string, Json]>([
  ['goods with stock below 5', {}],
  ['goods under 5 euros', { max_price: 5 }],
  ['goods in stock', { in_stock: true }],
  ['goods on hire', { state: 'on_hire' }],
])('%s', async (intent, query) => {
  const draft = await planOf(shelf, intent);
  const [step] = draft.kind === 'plan' ? draft.plan.steps : [];
  expect(step?.args).toEqual(Object.keys(query as object).length > 0 ? { query } : {});
});

it('takes what is for hire for no state', async () => {
  expect(JSON.stringify(await planOf(shelf, 'goods for hire'))).not.toContain('on_hire');
});

describe('which jobs', () => {
  it.each<[string, string[]]>([
    ['Which jobs run longer than an hour and a half?', ['j-1']],
    ['jobs longer than 1 hour', ['j-1', 'j-2']],
    ['jobs shorter than 45 minutes', ['j-3']],
    ['Which jobs take at least 90 minutes?', ['j-1', 'j-2']],
    ['jobs ready for pickup', ['j-2', 'j-3']],
    ['Which jobs are ready for the rider?', ['j-2', 'j-3']],
    ['Which jobs are not paid?', ['j-1']],
    ['Which of the ready jobs has the best mark?', ['j-3']],
    ['the job with the worst mark', ['j-2']],
  ])('%s', async (intent, ids) => {
    const { result, refused } = await ask(intent);
    expect(refused).toBeUndefined();
    expect([result].flat().map((one) => (one as { id: string }).id)).toEqual(ids);
  });

  it.each(['Which jobs are the best?', 'jobs heavier than 2 hours'])('%s is refused', async (intent) => {
    expect(await planOf(stable, intent)).toMatchObject({ kind: 'none' });
  });
});

describe('what only a list tells', () => {
  it.each<[string, Json]>([
    ['Who is working on j-2?', { id: 'j-2', helper: { name: 'Bo Dahl' } }],
    ['Who is looking after the job j-1?', { id: 'j-1', helper: { name: 'Kim Osei' } }],
    ['List the running jobs with their riders', [{ id: 'j-1', rider: { name: 'Nora Lund' } }]],
  ])('%s', async (intent, result) => {
    expect(await ask(intent)).toMatchObject({ refused: undefined, result });
  });
});

it('takes nobody else for the one that something is assigned to', async () => {
  const tools = stable.filter(({ operation }) => operation !== 'listHelpers');
  expect(await planOf(tools, 'Who is working on j-2?')).toMatchObject({ kind: 'none' });
});

describe('fees', () => {
  it.each<[string, Json]>([
    ['How many euros of fees are still unpaid?', { total: 10, count: 1 }],
    ['How many pounds of fees are unpaid?', { total: 40, count: 1 }],
    ['Add up the job fees in euros', { total: 30, count: 2 }],
  ])('%s', async (intent, result) => {
    expect(await ask(intent)).toMatchObject({ refused: undefined, result });
  });

  it('of several currencies have no sum', async () => {
    expect((await ask('How much are the unpaid fees altogether?')).refused).toContain('several currencies');
  });
});

it('gives a job to a helper', async () => {
  const { calls, refused } = await ask('Give the job j-1 to Bo Dahl');
  expect(refused).toBeUndefined();
  expect(calls.at(-1)).toMatchObject({
    operation: 'jobs_assign',
    args: { path: { job_id: 'j-1' }, body: { helper_id: 'h2' } },
  });
});
