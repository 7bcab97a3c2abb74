import { afterAll, describe, expect, it } from 'vitest';
import { closeRuns, planOf, run } from './testing/runs.ts';
import { BOUND, plans, refusals } from './testing/tables.ts';
import { type Short, service } from './testing/tools.ts';

afterAll(closeRuns);

const pupil: Short = {
  id: 'string',
  first_name: 'string',
  last_name: 'string',
  class_name: 'string: Class, e.g. 7B',
  photo_consent: 'boolean',
  left_on: 'date?',
};
const absence: Short = { id: 'string', pupil_id: 'string', day: 'date', excused: 'boolean' };
const school = service('school', 'School', [
  {
    call: 'GET /pupils',
    name: 'getPupils',
    title: 'List pupils',
    query: { name: 'string', className: 'string: Class, e.g. 7B' },
    answer: [pupil],
  },
  {
    call: 'PUT /pupils/{pupilId}/class',
    name: 'putPupilClass',
    title: 'Move a pupil to another class',
    body: { 'class_name!': 'string' },
    answer: pupil,
  },
  {
    call: 'PATCH /pupils/{pupilId}',
    name: 'patchPupil',
    title: 'Change a pupil',
    body: { first_name: 'string', last_name: 'string' },
    answer: pupil,
  },
  {
    call: 'GET /absences',
    name: 'getAbsences',
    title: 'List absences',
    query: { from: 'date', to: 'date', pupilId: 'string', excused: 'boolean' },
    answer: [absence],
  },
  {
    call: 'POST /absences',
    name: 'postAbsence',
    title: 'Record that a pupil is absent',
    body: { 'pupil_id!': 'string', 'day!': 'date' },
    answer: absence,
  },
  {
    call: 'PATCH /absences/{absenceId}',
    name: 'patchAbsence',
    title: 'Change an absence',
    body: { excused: 'boolean' },
    answer: absence,
  },
]);

describe('a school', () => {
  plans(school, [
    ['Which pupils are in class 7B?', ['getPupils', { query: { className: '7B' } }]],
    [
      'Rename Ida Voss to Ida Berg',
      ['getPupils', { query: { name: 'Ida Voss' } }],
      ['patchPupil', { path: { pupilId: BOUND }, body: { first_name: 'Ida', last_name: 'Berg' } }],
    ],
    [
      "Change Ida Voss's last name to Berg",
      ['getPupils', { query: { name: 'Ida Voss' } }],
      ['patchPupil', { path: { pupilId: BOUND }, body: { last_name: 'Berg' } }],
    ],
  ]);
  it.each(["Excuse yesterday's absence of Ben Okafor", 'Ida Voss left on 30 November'])(
    '%s: no list of absences answers that',
    async (intent) => {
      const draft = await planOf(school, intent);
      const tools = draft.kind === 'plan' ? draft.plan.steps.map(({ tool }) => tool.split('.')[1]) : [];
      expect(tools.at(-1)).not.toBe('getAbsences');
    },
  );
  it('records no half of what is stated', async () => {
    const { calls } = await run(school, 'Ida Voss is ill today and tomorrow, record it', () => [
      { id: 'pu1', first_name: 'Ida', last_name: 'Voss', left_on: null },
    ]);
    expect(calls.filter(({ operation }) => operation === 'postAbsence')).toEqual([]);
  });
  it('denies a switch of two words', async () => {
    const { result } = await run(school, 'Pupils without photo consent', () => [
      { id: 'a', photo_consent: true },
      { id: 'b', photo_consent: false },
    ]);
    expect(result).toEqual([{ id: 'b', photo_consent: false }]);
  });
});

const dish: Short = { id: 'string', name: 'string', hidden: 'boolean: Not on the menu' };
const kitchen = service('kitchen', 'Kitchen', [
  { call: 'GET /dishes', name: 'listDishes', title: 'List dishes', answer: { dishes: [dish] } },
  {
    call: 'GET /events',
    name: 'listEvents',
    title: 'List events',
    answer: { events: [{ id: 'integer', title: 'string', starts_at: 'time' }] },
  },
  {
    call: 'PATCH /events/{id}',
    name: 'updateEvent',
    title: 'Update an event',
    body: { title: 'string', starts_at: 'time' },
    answer: { id: 'integer' },
  },
  {
    call: 'POST /clients',
    name: 'createClient',
    title: 'Add a client',
    body: { 'name!': 'string', 'email!': 'email' },
    answer: { id: 'string' },
  },
]);

describe('a kitchen', () => {
  plans(kitchen, [
    ['Which dishes are hidden?', ['listDishes', {}]],
    [
      'Add a client Nordlys AS, post@nordlys.example',
      ['createClient', { body: { name: 'Nordlys AS', email: 'post@nordlys.example' } }],
    ],
  ]);
  refusals(kitchen, [
    ['Which dishes are on the menu?', '"menu"'],
    ['Move the Board Lunch one hour later', '"'],
  ]);
});
