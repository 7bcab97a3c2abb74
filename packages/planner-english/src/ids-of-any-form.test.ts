// An id of which no document tells the form, and no word of what it is.
import { afterAll, expect, it } from 'vitest';
import { closeRuns, run } from './testing/runs.ts';
import { plans } from './testing/tables.ts';
import { service } from './testing/tools.ts';

afterAll(closeRuns);

const cover = { id: 'string', holder_id: 'string', sum: 'number: Most that is paid.', state: 'active|ended' } as const;
const damage = {
  id: 'string',
  cover_id: 'string',
  state: 'open|closed',
  keeper_id: 'string: Who handles it.',
} as const;
const sent = {
  id: 'string',
  damage_id: 'string',
  amount: 'number: Amount paid.',
  paid_on: 'date: Day of it.',
} as const;

const tools = service('hull', 'Hull', [
  {
    call: 'GET /covers',
    name: 'listCovers',
    title: 'List covers',
    query: { holder_id: 'string' },
    answer: { data: [cover] },
  },
  { call: 'GET /covers/{cover_id}', name: 'getCover', title: 'Get a cover', answer: cover },
  {
    call: 'GET /damages',
    name: 'listDamages',
    title: 'List damages',
    query: { cover_id: 'string' },
    answer: { data: [damage] },
  },
  { call: 'GET /damages/{damage_id}', name: 'getDamage', title: 'Get a damage', answer: damage },
  {
    call: 'GET /damages/{damage_id}/remittances',
    name: 'listRemittances',
    title: 'List the remittances on a damage',
    answer: { data: [sent] },
  },
]);

plans(tools, [
  ['total paid on D-504', ['listRemittances', { path: { damage_id: 'D-504' } }]],
  ['How much have we paid on D-504?', ['listRemittances', { path: { damage_id: 'D-504' } }]],
  ['state of the damage D-504', ['getDamage', { path: { damage_id: 'D-504' } }]],
]);

it.each(['state of D-504', 'who handles D-504'])('guesses no kind of thing: %s', async (intent) => {
  const { refused, calls } = await run(tools, intent, () => ({ data: [] }));
  expect(calls).toEqual([]);
  expect(refused).toBeDefined();
});
