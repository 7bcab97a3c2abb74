// Things that are known by what holds of them, names that may be of several kinds, statements, lists, and the user.
import { afterAll, describe, expect, it } from 'vitest';
import { answerOf, practice } from './testing/practice.ts';
import { closeRuns, planOf, run } from './testing/runs.ts';

afterAll(closeRuns);

const user = { name: 'Dana Whitfield' };
const isWrite = ({ operation }: { operation: string }) => !/^(?:list|get)/.test(operation);

type Write = [operation: string, id: string, body?: object];

/** What an intent changes, and the sentence with which it ends where it does not succeed. */
async function changes(intent: string) {
  const { calls, refused } = await run(practice, intent, answerOf, { user });
  const writes = calls.filter(isWrite).map(({ operation, args: { path, body } }): Write => {
    const [id] = Object.values(path ?? {});
    return body === undefined ? [operation, String(id)] : [operation, String(id), body];
  });
  return { writes, refused };
}

describe('what is done to a thing that is described', () => {
  it.each<[string, ...Write[]]>([
    ["Cancel Ada Berg's session", ['cancelSession', 'se_3']],
    ["cancel Nora Lund's session on Friday", ['cancelSession', 'se_1']],
    ['Cancel the session of Nora Lund with Kim Osei', ['cancelSession', 'se_2']],
    ["Move Ada Berg's session to Monday at 15:00", ['moveSession', 'se_3', { day: '2026-11-30', starts_at: '15:00' }]],
    ['Move the session se_1 to 4 December at 8:30', ['moveSession', 'se_1', { day: '2026-12-04', starts_at: '08:30' }]],
    ['Remind of the open invoice of Ada Berg', ['remind', 'in_4']],
    ['Mark the open invoice of Ada Berg as paid', ['updateInvoice', 'in_4', { status: 'paid' }]],
    ['Mark the paid invoice of Ada Berg as void', ['updateInvoice', 'in_3', { status: 'void' }]],
  ])('%s', async (intent, ...writes) => {
    const made = await changes(intent);
    expect(made.writes, made.refused).toEqual(writes);
  });
});

describe('what is done to each of several', () => {
  it.each<[string, ...Write[]]>([
    ['Cancel the sessions on Friday', ['cancelSession', 'se_1'], ['cancelSession', 'se_3'], ['cancelSession', 'se_4']],
    ['Remind of every open invoice of Nora Lund', ['remind', 'in_1'], ['remind', 'in_2']],
    ['Remind of the invoices over 100 euros that are open', ['remind', 'in_2']],
    ['Cancel the sessions se_1 and se_3', ['cancelSession', 'se_1'], ['cancelSession', 'se_3']],
    ['cancel se_1, se_2 and se_3', ['cancelSession', 'se_1'], ['cancelSession', 'se_2'], ['cancelSession', 'se_3']],
    [
      'Mark the invoices in_1 and in_2 as paid',
      ['updateInvoice', 'in_1', { status: 'paid' }],
      ['updateInvoice', 'in_2', { status: 'paid' }],
    ],
    ['Cancel my sessions on Friday', ['cancelSession', 'se_1'], ['cancelSession', 'se_3']],
  ])('%s', async (intent, ...writes) => {
    const made = await changes(intent);
    expect(made.writes, made.refused).toEqual(writes);
  });
});

describe('a statement and the command after it', () => {
  it.each<[string, ...Write[]]>([
    [
      'Nora Lund has a new phone number, 0151 555 0999. Please change it',
      ['updatePatient', 'p1', { phone: '0151 555 0999' }],
    ],
    ["Ada Berg can't come on Friday, please cancel her session", ['cancelSession', 'se_3']],
    [
      'Good morning! The invoice in_1 has been paid, please mark it as paid',
      ['updateInvoice', 'in_1', { status: 'paid' }],
    ],
    ['se_1 and se_3 have been called off, cancel both', ['cancelSession', 'se_1'], ['cancelSession', 'se_3']],
    ['Change the email of Mrs Nora Lund to nora@new.example', ['updatePatient', 'p1', { email: 'nora@new.example' }]],
  ])('%s', async (intent, ...writes) => {
    const made = await changes(intent);
    expect(made.writes, made.refused).toEqual(writes);
  });
});

describe('what changes nothing, and says why', () => {
  it.each([
    ["Cancel Nora Lund's session", 'Several sessions fit "Nora Lund". Say which one is meant.'],
    ["Cancel Ada Berg's session on 3 December", 'No session fits "3 December", "Ada Berg".'],
    ["Cancel Luna's session", 'There are several patients named Luna. Say which one is meant.'],
    ['Cancel all sessions except those of Ada Berg', 'except'],
    ['Cancel all sessions of Kim Osei that were booked by phone', 'could not place'],
    ['Mark the open invoice of Ada Berg void and paid', 'could not place'],
    ['Cancel the session of Nora Lund and Ada Berg with Kim Osei and Dana Whitfield', 'could not place'],
    ['Move everyone on Friday to Monday', 'everyone'],
    ['Nora Lund has moved, send her flowers', '.'],
    ['Delete the patient Nora Lund', '.'],
  ])('%s', async (intent, reason) => {
    const { writes, refused } = await changes(intent);
    expect(writes).toEqual([]);
    expect(refused).toContain(reason);
  });

  it('cancels nobody else’s sessions where it is not known who asks', async () => {
    const draft = await planOf(practice, 'Cancel my sessions on Friday');
    expect(draft).toMatchObject({ kind: 'none', reason: expect.stringContaining('my') });
  });
});

describe('names', () => {
  const ids = async (intent: string, more = {}) => {
    const { result, refused } = await run(practice, intent, answerOf, more);
    return refused ?? (result as { id: string }[]).map(({ id }) => id);
  };

  it.each<[string, string[] | string]>([
    ['List the sessions of Nora Lund', ['se_1', 'se_2', 'se_5']],
    ['List the sessions of the patient Otto Berg', []],
    ["Nora Lund's open invoices", ['in_1', 'in_2']],
    ['Which patients live in Narvik?', ['p4', 'p5']],
    ['Show the patient Zoe Lark', 'I found no patient for Zoe Lark.'],
  ])('%s', async (intent, expected) => {
    const found = await ids(intent);
    if (typeof expected === 'string') expect(found).toContain(expected);
    else expect(found).toEqual(expected);
  });

  it('takes what is mine by the name of the user', async () => {
    expect(await ids('Which sessions do I have on Friday?', { user })).toEqual(['se_1', 'se_3']);
    expect(await ids('Show my missed sessions', { user })).toEqual(['se_5']);
    expect(await ids('Show my sessions', { user: { name: 'Mo Hill' } })).toBe('There is no therapist named Mo Hill.');
    expect(await ids('Which sessions do I have on Friday?')).toContain('"do I"');
  });

  it('asks for each of two, and calls them apart', async () => {
    const { result } = await run(practice, 'List the open invoices of Nora Lund and Ada Berg', answerOf);
    const lists = Object.values(result as Record<string, { id: string }[]>);
    expect(lists.map((list) => list.map(({ id }) => id))).toEqual([['in_1', 'in_2'], ['in_4']]);
  });
});

describe('which day, which figure, which state', () => {
  it.each<[string, string[]]>([
    ['Which invoices are due this month?', ['in_1', 'in_3']],
    ['Which invoices were issued this month?', ['in_2', 'in_3', 'in_4']],
    ['Which invoices should have been paid before today?', ['in_1', 'in_3']],
    ['Which sessions are in December?', ['se_2']],
    ['Which sessions were held in December?', []],
    ['Show the sessions between 20 and 27 November', ['se_1', 'se_3', 'se_4', 'se_5']],
    ['Show the invoices over 100 euros', ['in_2', 'in_3']],
    ['Show the two largest invoices', ['in_3', 'in_2']],
    ['Which sessions are not planned?', ['se_5']],
  ])('%s', async (intent, expected) => {
    const { result } = await run(practice, intent, answerOf);
    expect((result as { id: string }[]).map(({ id }) => id).sort()).toEqual([...expected].sort());
  });

  it.each([
    ['Which session is on Friday at 11:00?', /./],
    ['How many sessions does each therapist have?', /each therapist/],
    ['Which therapist has the most sessions?', /./],
    ['Show the invoices of which fewer than 3 are left', /./],
    ['Show the invoices above 2000 metres', /2000 metres/],
  ])('%s is refused', async (intent, reason) => {
    expect(await planOf(practice, intent)).toMatchObject({ kind: 'none', reason: expect.stringMatching(reason) });
  });
});
