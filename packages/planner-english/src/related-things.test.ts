// What is asked of a thing that rows refer to is brought by a further call, stands in the rows, or ends the run.
import { afterAll, describe, expect, it } from 'vitest';
import { type Call, closeRuns, planOf, run } from './testing/runs.ts';
import { type Short, service } from './testing/tools.ts';

afterAll(closeRuns);

const pupil = { id: 'string', name: 'string', email: 'email', phone: 'string' } as const;
const listOf = (row: Short): Short => ({ lessons: [row] as const });

/** A school that lists lessons; `row` is what one has, and pupils are told singly, only all together, or not at all. */
const school = (row: Record<string, Short>, pupils: 'singly' | 'together' | 'never') =>
  service('school', 'School', [
    {
      call: 'GET /lessons',
      name: 'listLessons',
      title: 'List lessons',
      query: { state: 'planned|held' },
      answer: listOf({ id: 'string', subject: 'string', state: 'planned|held', ...row }),
    },
    ...(pupils === 'singly'
      ? [{ call: 'GET /pupils/{pupilId}', name: 'getPupil', title: 'Get a pupil', answer: pupil }]
      : []),
    ...(pupils === 'together'
      ? [{ call: 'GET /pupils', name: 'listPupils', title: 'List pupils', answer: { pupils: [pupil] as const } }]
      : []),
  ]);

const ID = { pupilId: 'string: Id of the pupil.' };
const mia = { id: 'p1', name: 'Mia Falk', email: 'mia@example.com', phone: '0123' };
const answer = ({ operation }: Call) =>
  operation === 'listLessons' ? { lessons: [{ id: 'l1', subject: 'Harp', pupilId: 'p1' }] } : mia;

const ASKING = [
  "List the planned lessons, each one with the pupil's email address",
  "Which lessons are planned? I need each one with the pupil's email address and phone number",
  "Which lessons are planned? Give me the pupils' names and phone numbers too",
  "List the planned lessons and the pupils' names and phone numbers",
  'Show the planned lessons with the email address of the pupil',
];

describe('of a thing that rows refer to', () => {
  it.each(ASKING)('%s: it is got for each row', async (intent) => {
    const { calls, result } = await run(school(ID, 'singly'), intent, answer);
    expect(calls.map(({ operation }) => operation)).toEqual(['listLessons', 'getPupil']);
    expect(result).toMatchObject([{ id: 'l1', pupil: { email: 'mia@example.com', phone: '0123' } }]);
  });

  it.each(ASKING)('%s: it is found in the list of all', async (intent) => {
    const all = { pupils: [{ id: 'p0', name: 'Bo Dahl', email: 'bo@example.com', phone: '0' }, mia] };
    const { calls, result } = await run(school(ID, 'together'), intent, (call) =>
      call.operation === 'listPupils' ? all : answer(call),
    );
    expect(calls.map(({ operation }) => operation)).toEqual(['listLessons', 'listPupils']);
    expect(result).toMatchObject([{ id: 'l1', pupil: { email: 'mia@example.com', phone: '0123' } }]);
  });

  it.each(ASKING)('%s: refused where nothing gets it', async (intent) => {
    const draft = await planOf(school(ID, 'never'), intent);
    expect(draft).toMatchObject({ kind: 'none', reason: expect.stringMatching(/pupil|phone|email/) });
  });

  it('is refused where the thing that is got has no such field', async () => {
    const draft = await planOf(school(ID, 'singly'), "List the planned lessons with the pupil's shoe size");
    expect(draft).toMatchObject({ kind: 'none', reason: expect.stringMatching(/shoe size/) });
    const more = await planOf(
      school(ID, 'singly'),
      'List the planned lessons. Who is the pupil, and where is the piano?',
    );
    expect(more).toMatchObject({ kind: 'none', reason: expect.stringMatching(/piano/) });
  });

  it('is in the rows already', async () => {
    const tools = school({ ...ID, pupilEmail: 'email' }, 'together');
    const { result } = await run(tools, ASKING[0]!, () => ({ lessons: [{ id: 'l1', pupilEmail: 'mia@example.com' }] }));
    expect(result).toMatchObject([{ pupilEmail: 'mia@example.com' }]);
  });

  it('is not asked beside a count', async () => {
    const draft = await planOf(school(ID, 'singly'), "How many lessons are planned, and what are the pupils' names?");
    expect(draft).toMatchObject({ kind: 'none' });
  });
});

it('calls what several sentences ask for by their nouns', async () => {
  const { result } = await run(
    school({}, 'together'),
    'List the planned lessons. Then list all pupils',
    ({ operation }) => (operation === 'listLessons' ? { lessons: [{ id: 'l1' }] } : { pupils: [mia] }),
  );
  expect(Object.keys(result as object)).toEqual(['lessons', 'pupils']);
});

it('takes no word of what is asked for a word of the name of the service', async () => {
  const tools = service('freight', 'Freight desk', [
    {
      call: 'GET /charges',
      name: 'listCharges',
      title: 'List charges',
      query: { kind: 'FRT|WAIT' },
      answer: { charges: [{ id: 'string', kind: 'FRT|WAIT', amount: 'number' }] },
    },
  ]);
  expect(await planOf(tools, 'What is the total of the freight charges?')).toMatchObject({ kind: 'none' });
  expect(await planOf(tools, 'List the charges of the freight desk')).toMatchObject({ kind: 'plan' });
});

describe('a name behind "of"', () => {
  const person = {
    id: 'string: Id of the member.',
    name: 'string: Full name of the member.',
    email: 'email',
    crewId: 'string: Id of the crew.',
  } as const;
  const crew = { id: 'string', name: 'string' } as const;
  const rowing = service('rowing', 'Rowing Club', [
    {
      call: 'GET /members',
      name: 'listMembers',
      title: 'List members',
      query: { name: 'string: Part of the name.', crewId: 'string: Id of the crew.' },
      answer: { members: [person] },
    },
    { call: 'GET /members/{memberId}', name: 'getMember', title: 'Get a member', answer: person },
    {
      call: 'GET /crews',
      name: 'listCrews',
      title: 'List crews',
      query: { name: 'string: Part of the name.' },
      answer: { crews: [crew] },
    },
  ]);
  const rows = ({ operation }: Call) =>
    operation === 'listCrews'
      ? { crews: [{ id: 'c1', name: 'Kingfisher' }] }
      : { members: [{ id: 'm1', name: 'Ada Stern', email: 'ada@example.com', crewId: 'c1' }] };

  it('is none of several things, but what they belong to', async () => {
    const { calls } = await run(rowing, 'List the members of Kingfisher with their email addresses', rows);
    expect(calls.map(({ operation, args }) => [operation, args.query])).toEqual([
      ['listCrews', { name: 'Kingfisher' }],
      ['listMembers', { crewId: 'c1' }],
    ]);
  });
});
