// What is read in an intent, before any tool is looked at: clauses, statements, names, values and how an answer is to be cut.
import { describe, expect, it } from 'vitest';
import { type Intent, readIntent } from './intent.ts';

const NOW = new Date('2026-11-25T09:00:00Z');
const SPOKEN = new Set(['vault', 'crm', 'lesson', 'lessons']);
const said = {
  isSpoken: ({ text }: { text: string }) => SPOKEN.has(text),
  isMentioned: ({ text }: { text: string }) => text === 'mot',
  commands: (word: string) => word === 'release',
};
const read = (intent: string, user?: { name: string }): Intent =>
  readIntent({ intent, context: '', ...(user && { user }) }, NOW, said);
const valuesOf = (intent: string, ...kinds: string[]) =>
  read(intent)
    .values.filter(({ kind }) => kinds.includes(kind))
    .map(({ text }) => text);

describe('what is asked and what is commanded', () => {
  it.each([
    ['Show the lessons', 'read'],
    ['please could you show me the lessons', 'read'],
    ['At what time is the lesson?', 'read'],
    ['Give me the lessons', 'read'],
    ['Add up the lessons', 'read'],
    ['Create a summary of the lessons', 'read'],
    ['Give the lesson to Ana', 'update'],
    ['Cancel the lesson', 'delete'],
    ['So please cancel it', 'delete'],
    ['Release the lesson', 'act'],
    ['release l_1 and l_2', 'act'],
    ['Frobnicate the lesson', 'act'],
  ])('%s: %s', (intent, mood) => {
    expect(read(intent).clauses[0]!.moods).toContain(mood);
  });
});

describe('clauses', () => {
  it.each<[string, ...string[]]>([
    ['Show the lessons and the rooms', 'Show the lessons and the rooms'],
    ['Find the lesson, then cancel it', 'Find the lesson, then ', 'cancel it'],
    ['Cancel the lesson and email the pupil', 'Cancel the lesson and ', 'email the pupil'],
    ['Find the lesson and who gives it', 'Find the lesson and ', 'who gives it'],
    ['Biscuit is down to 14 kg, please correct her weight', 'Biscuit is down to 14 kg, please correct her weight'],
    ['Ana is ill. Please cancel her lesson', 'Ana is ill. Please cancel her lesson'],
    ['Order 12 is late, please cancel it', 'Order 12 is late, please cancel it'],
    ['Show the lessons, I want to call them', 'Show the lessons, I want to call them'],
    ['Show the open lessons. Cancel all of them', 'Show the open lessons. ', 'Cancel all of them'],
  ])('%s', (intent, ...clauses) => {
    expect(read(intent).clauses.map(({ at, text }) => intent.slice(at, at + text.length))).toEqual(clauses);
  });

  it.each([
    ['Ana is ill. Please cancel her lesson', 12],
    ["I'm at the desk. He rang. Which lessons are open?", 26],
    ['Ana rang, she has moved. Change her address to 3 Elm Road', 25],
    ['Open lessons of Ana. Who gives them?', 0],
    ['Lessons that are open, who gives them?', 0],
    ['Only the ones that are open matter. List the lessons', 0],
  ])('what is told before what is asked: %s', (intent, stated) => {
    expect(read(intent).clauses[0]!.stated).toBe(stated);
  });

  it('words of a statement ask for nothing, and its times may only explain', () => {
    const { clauses, values } = read('Ana Berg rang yesterday, please cancel her lesson');
    const [clause] = clauses;
    expect(clause!.topics.filter(({ isStated }) => isStated).map(({ term }) => term.text)).toEqual(['rang']);
    expect(values.map(({ text, optional }) => [text, optional === true])).toEqual([
      ['yesterday', true],
      ['Ana Berg', false],
    ]);
  });
});

describe('one clause for each of several things', () => {
  it.each<[string, number]>([
    ['Cancel l_1 and l_2', 2],
    ['Cancel l_1, l_2 and l_3', 3],
    ['Move the lessons 12 and 14 to Friday', 2],
    ['Cancel the lessons "Violin" and "Piano"', 2],
    ['Set the price of Apollo and Gemini to 5', 2],
    ['Show the lessons of Ana Berg and Ben Holm', 2],
    ['Show the lessons with Ana Berg and Ben Holm', 1],
    ['Show what is between Ana Berg and Ben Holm', 1],
    ['Plan a lesson with Ana Berg and Ben Holm', 1],
    ['Send it to Ana Berg and Ben Holm', 1],
    ['Add the pupil Ana Berg, Contoso', 1],
    ['Show the lessons between 10 and 20 euros', 1],
    ['Show the lessons over 10 and 20', 1],
  ])('%s: %i', (intent, many) => {
    const { clauses, values } = read(intent);
    expect(clauses).toHaveLength(many);
    if (many === 1) return;
    // Each has one of them, said of in the same words.
    const copies = values.filter(({ copy }) => copy !== undefined);
    expect(copies.map(({ copy }) => copy)).toEqual(clauses.map(({ copy }) => copy));
    expect(new Set(copies.map(({ type, preposition }) => JSON.stringify([type, preposition]))).size).toBe(1);
    for (const [index, clause] of clauses.entries())
      for (const other of copies) expect(clause.text.includes(other.text)).toBe(other.copy === index);
  });
});

describe('names', () => {
  it.each<[string, ...string[]]>([
    ['Show the lessons of Ana Berg', 'Ana Berg'],
    ['Which lessons does Dr Berg have?', 'Berg'],
    ['Change the email of Mrs. Ana Berg', 'Ana Berg'],
    ['Biscuit is ill, please cancel her lesson', 'Biscuit'],
    ["Biscuit's lessons", 'Biscuit'],
    ['Lessons in the Glacier Vault', 'Glacier Vault'],
    ['Whose MOT ends?'],
    ['The CRM lessons'],
    ['Splendid lessons'],
    ['Book the Lord of the Rings', 'Lord of the Rings'],
  ])('%s', (intent, ...names) => {
    expect(valuesOf(intent, 'name')).toEqual(names);
  });

  it('what a name ends with says what it is', () => {
    const [vault] = read('Lessons in the Glacier Vault').values;
    expect(vault!.type.map(({ text }) => text)).toContain('vault');
  });

  it('a verb before a name does not say what it is', () => {
    expect(read("Cancel Ana's lesson").values[0]).toMatchObject({ type: [], owned: [{ text: 'lesson' }] });
    expect(read('Do we charge Ana Berg?').values[0]!.type).toEqual([]);
    expect(read('Does Ana Berg have lessons?').values[0]).toMatchObject({ subject: true });
  });
});

describe('the user', () => {
  it.each<[string, boolean]>([
    ['Show my lessons', true],
    ['Which lessons are assigned to me?', true],
    ['Which lessons do I have?', true],
    ['The lessons that I gave', true],
    ['Cancel my lessons', true],
    ['Give me the lessons', false],
    ['Show me the lessons', false],
    ['Show the lessons to me', false],
    ['I need the lessons', false],
    ['Find a lesson for me', false],
  ])('%s: %s', (intent, isMeant) => {
    const values = read(intent, { name: 'Dana Whitfield' }).values.filter(({ self }) => self);
    expect(values.map(({ text }) => text)).toEqual(isMeant ? ['Dana Whitfield'] : []);
    expect(read(intent).values.some(({ self }) => self)).toBe(false);
  });
});

describe('values', () => {
  it.each<[string, string, ...string[]]>([
    ['Call +47 22 33 44 55', 'phone', '+47 22 33 44 55'],
    ['His number is 0151 555 0199.', 'phone', '0151 555 0199'],
    ['Pay 60000 a year', 'number', '60000'],
    ['Pay 20 euros per hour', 'number', '20'],
    ['Write to ana@mail.example', 'email', 'ana@mail.example'],
    ['Show SB-2015 and hv_007', 'id', 'SB-2015', 'hv_007'],
    ['from 1 to 15 December', 'moment', '1', '15 December'],
    ['between 3 and 5 March 2026', 'moment', '3', '5 March 2026'],
  ])('%s: %s', (intent, kind, ...texts) => {
    expect(valuesOf(intent, kind)).toEqual(texts);
  });

  it.each<[string, object]>([
    ['lessons over 100 euros', { number: 100, compare: 'low', strict: true, money: true, unit: 'euros' }],
    ['lessons of at most 5', { number: 5, compare: 'high' }],
    ['fewer than 3 lessons', { number: 3, compare: 'high', strict: true, counts: true }],
    ['lessons above 2000 metres', { number: 2000, compare: 'low', unit: 'metres' }],
  ])('%s', (intent, value) => {
    expect(read(intent).values[0]).toMatchObject(value);
  });

  it.each<[string, string, string]>([
    ['Which lessons are in December?', '2026-12-01', '2027-01-01'],
    ['Which lessons were in December?', '2025-12-01', '2026-01-01'],
    ['The lessons from December', '2025-12-01', '2026-01-01'],
    ['Which lessons are in October?', '2026-10-01', '2026-11-01'],
    ['Which lessons run out in January?', '2027-01-01', '2027-02-01'],
  ])('%s', (intent, from, to) => {
    const { period } = read(intent).values[0]!;
    expect([period!.from, period!.to].map(({ date }) => date.toISOString().slice(0, 10))).toEqual([from, to]);
  });

  it('what should have been done by a day is due then', () => {
    const [day] = read('Lessons that should have been paid before today').values;
    expect(day).toMatchObject({ due: true, compare: 'high' });
  });
});

describe('how an answer is to be cut', () => {
  it.each<[string, object | undefined]>([
    ['the three largest lessons', { descending: true, many: 3, time: false }],
    ['the latest lesson', { descending: true, time: true, recent: true }],
    ['the two cheapest lessons', { descending: false, many: 2 }],
    ['Which three lessons took the most hours?', { descending: true, many: 3, most: true, by: [{ text: 'hours' }] }],
    ['Which lessons had the fewest pupils?', { descending: false, most: true }],
    ['lessons of last week', undefined],
    ['her last name', undefined],
  ])('%s', (intent, top) => {
    const [clause] = read(intent).clauses;
    if (top === undefined) expect(clause!.picking.top).toBeUndefined();
    else expect(clause!.picking.top).toMatchObject(top);
  });

  it.each<[string, object]>([
    ['How many lessons are there?', { count: true }],
    ['the number of open lessons', { count: true }],
    ['the number of the lesson', { count: false }],
    ['the average price', { aggregate: 'average' }],
    ['add up the minutes of all lessons', { aggregate: 'sum' }],
    ['How much was the latest lesson?', { count: false }],
  ])('%s', (intent, picking) => {
    expect(read(intent).clauses[0]!.picking).toMatchObject(picking);
  });
});
