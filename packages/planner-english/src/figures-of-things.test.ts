// Figures that stand on what is called so, kinds without the noun, asides, and what is late in a state that is asked for.
import type { Json } from '@errand/contracts';
import { afterAll, describe, expect, it } from 'vitest';
import { type Call, closeRuns, run } from './testing/runs.ts';
import { service } from './testing/tools.ts';

afterAll(closeRuns);

const host = { id: 'string', name: 'string', email: 'email' } as const;
const party = {
  id: 'string',
  host_id: 'string: Host who booked it',
  title: 'string',
  guests: 'integer: Number of guests',
  price_per_guest: 'number: Price for each guest',
} as const;
const dish = { id: 'string', name: 'string', course: 'starter|main|dessert', diet: 'vegan|vegetarian|none' } as const;
const task = {
  id: 'string',
  helper_id: 'string: Helper who does it',
  due_at: 'time: When the helper must be done',
  state: 'open|given|checked: State; open: nobody does it yet',
} as const;
const helper = { id: 'string', name: 'string', email: 'email' } as const;

const tools = service('feasts', 'Feasts', [
  {
    call: 'GET /hosts',
    name: 'listHosts',
    title: 'List hosts (clients)',
    query: { search: 'string: Hosts whose name contains this.' },
    answer: { data: [host] },
  },
  {
    call: 'GET /parties',
    name: 'listParties',
    title: 'List parties',
    query: { search: 'string: Parties whose title contains this.', host_id: 'string: Parties of this host.' },
    answer: { data: [party] },
  },
  {
    call: 'PATCH /parties/{party_id}',
    name: 'updateParty',
    title: 'Change a party',
    body: { guests: 'integer: Number of guests', price_per_guest: 'number: Price for each guest' },
    answer: party,
  },
  {
    call: 'GET /dishes',
    name: 'listDishes',
    title: 'List the recipes of the kitchen',
    query: { course: 'starter|main|dessert', diet: 'vegan|vegetarian|none' },
    answer: { data: [dish] },
  },
  {
    call: 'GET /tasks',
    name: 'listTasks',
    title: 'List tasks',
    query: { state: 'open|given|checked' },
    answer: { data: [task] },
  },
  { call: 'GET /helpers/{helper_id}', name: 'getHelper', title: 'Get a helper', answer: helper },
]);

const ROWS: Readonly<Record<string, readonly Record<string, Json>[]>> = {
  listHosts: [
    { id: 'h1', name: 'Ines Kolar', email: 'i@x.example' },
    { id: 'h2', name: 'Otto Falk', email: 'o@x.example' },
  ],
  listParties: [
    { id: 'p1', host_id: 'h1', title: 'Harvest Supper', guests: 60, price_per_guest: 30 },
    { id: 'p2', host_id: 'h2', title: 'Pier Picnic', guests: 25, price_per_guest: 12 },
  ],
  listDishes: [
    { id: 'd1', name: 'Lentil Pie', course: 'main', diet: 'vegan' },
    { id: 'd2', name: 'Plum Tart', course: 'dessert', diet: 'vegan' },
  ],
  listTasks: [
    { id: 't1', helper_id: 'w1', due_at: '2026-11-20T10:00:00Z', state: 'given' },
    { id: 't2', helper_id: 'w1', due_at: '2026-11-29T10:00:00Z', state: 'given' },
    { id: 't3', helper_id: 'w1', due_at: '2026-11-20T10:00:00Z', state: 'checked' },
  ],
};
const ask = (intent: string) =>
  run(tools, intent, ({ operation, args: { query = {} } }: Call) =>
    operation === 'getHelper'
      ? { id: 'w1', name: 'Mila Roth', email: 'm@x.example' }
      : {
          data: (ROWS[operation] ?? []).filter((row) =>
            Object.entries(query).every(([name, value]) =>
              String(row[name] ?? row.title ?? row.name).includes(String(value)),
            ),
          ),
        },
  );

describe('a figure that stands on what is called so', () => {
  it.each([
    ['How many guests are coming to the Harvest Supper?', 60],
    ['How many guests do we expect at the Pier Picnic?', 25],
    ['How many guests does the Harvest Supper have?', 60],
  ])('%s', async (intent, total) => expect((await ask(intent)).result).toEqual({ total, count: 1 }));

  it.each([
    ['change the number of guests of the Harvest Supper to 62', { guests: 62 }],
    ['Set the price per guest of the Pier Picnic to 14', { price_per_guest: 14 }],
  ])('%s', async (intent, body) => expect((await ask(intent)).calls.at(-1)).toMatchObject({ args: { body } }));
});

it('takes a kind for what is listed', async () =>
  expect((await ask('vegan main courses')).calls).toEqual([
    { operation: 'listDishes', args: { query: { course: 'main', diet: 'vegan' } } },
  ]));

describe('who only told it', () => {
  it.each([
    'Otto Falk called, a few more are coming. Please change the number of guests of the Harvest Supper to 62.',
    'Ines Kolar rang. Change the number of guests of the Harvest Supper to 62.',
  ])('%s', async (intent) =>
    expect((await ask(intent)).calls.at(-1)).toEqual({
      operation: 'updateParty',
      args: { path: { party_id: 'p1' }, body: { guests: 62 } },
    }),
  );
});

describe('what is late', () => {
  it.each(['overdue tasks', 'Which given tasks are overdue?'])('%s is refused', async (intent) =>
    expect((await ask(intent)).refused).toMatch(/overdue/),
  );
});
